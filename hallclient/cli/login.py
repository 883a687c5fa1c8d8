"""Opens the hall that a command works with."""

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from hallclient import settings
from hallclient.cli.given_file import given_path
from hallclient.cli.secret_variables import secret_variable
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.staff import Role
from hallclient.services.access import OpenHall, login
from hallclient.storage import hall_file
from hallclient.system import SystemClock, SystemEntropy
from hallclient.wiring.practice_staff import PRACTICE_STAFF, practice_password

DataOption = Annotated[
    Path | None, typer.Option("--data", parser=given_path, metavar="PATH", help="The hall's folder.")
]
StaffOption = Annotated[str | None, typer.Option("--staff", help="Staff number; the password is asked for.")]

_PASSWORD_VARIABLE = "HALLCLIENT_PASSWORD"  # noqa: S105  # the name of a variable, not a password


@contextmanager
def opened_hall(data: Path | None, staff: str | None, *, only_reads: bool = False) -> Iterator[OpenHall]:
    """The hall in use, opened for `staff`; a practice hall opens by itself. `only_reads`, and raises, as `login`."""
    folder = settings.hall_folder(data)
    if staff is None and hall_file.read(folder).practice:
        staff = PRACTICE_STAFF[Role.CLERK]
        password = practice_password(staff)
    else:
        staff, password = _credentials(staff)
    hall = login(folder, staff, password, SystemClock(), SystemEntropy(), only_reads=only_reads)
    try:
        yield hall
    finally:
        hall.close()


def asked_password(number: str) -> str:
    """The password from $HALLCLIENT_PASSWORD, or typed by a person. Raises input_invalid for none."""
    password = secret_variable(_PASSWORD_VARIABLE)
    if not password and sys.stdin.isatty():
        password = getpass.getpass(f"{number}: ")
    try:
        (password or "").encode()
    except UnicodeEncodeError:  # bytes that are no text of this computer's: nobody can type them into a window
        raise KnownError(FailureCode.INPUT_INVALID, f"{_PASSWORD_VARIABLE}: no UTF-8 text") from None
    if not password:
        raise KnownError(FailureCode.INPUT_INVALID, f"no password: set {_PASSWORD_VARIABLE} or use a terminal")
    return password


def _credentials(staff: str | None) -> tuple[str, str]:
    if staff is None:
        raise KnownError(FailureCode.INPUT_INVALID, "--staff is missing: only a practice hall opens by itself")
    return staff, asked_password(staff)
