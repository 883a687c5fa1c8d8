"""Opens the hall that a command works with."""

import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from hallclient import settings
from hallclient.cli.given_file import given_path
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.staff import Role
from hallclient.services.access import OpenHall, login
from hallclient.storage import hall_file
from hallclient.system import SystemClock, SystemEntropy
from hallclient.wiring.practice_staff import PRACTICE_STAFF, practice_login

DataOption = Annotated[
    Path | None, typer.Option("--data", parser=given_path, metavar="PATH", help="The hall's folder.")
]
StaffOption = Annotated[
    str | None, typer.Option("--staff", help="Staff number; the password and the code are asked for.")
]

# Names of variables, not secrets.
PASSWORD_VARIABLE, CODE_VARIABLE = "HALLCLIENT_PASSWORD", "HALLCLIENT_CODE"
SECOND_PASSWORD_VARIABLE, SECOND_CODE_VARIABLE = "HALLCLIENT_SECOND_PASSWORD", "HALLCLIENT_SECOND_CODE"
NEW_PASSWORD_VARIABLE = "HALLCLIENT_NEW_PASSWORD"  # noqa: S105
INVITATION_VARIABLE = "HALLCLIENT_INVITATION"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody logs in with."""

    number: str
    password: str
    code: str

    def __repr__(self) -> str:
        return f"<Credentials {self.number}>"


@contextmanager
def opened_hall(data: Path | None, staff: str | None, *, only_reads: bool = False) -> Iterator[OpenHall]:
    """The hall in use, opened for `staff`; a practice hall opens by itself. `only_reads`, and raises, as `login`."""
    folder = settings.hall_folder(data)
    if staff is None and hall_file.read(folder).practice:
        number, password, code = practice_login(PRACTICE_STAFF[Role.CLERK], SystemClock().now())
        credentials = Credentials(number, password, code)
    else:
        credentials = asked_credentials(staff)
    with opened_with(folder, credentials, only_reads=only_reads) as hall:
        yield hall


@contextmanager
def opened_with(folder: Path, credentials: Credentials, *, only_reads: bool = False) -> Iterator[OpenHall]:
    """The hall in `folder`. `only_reads`, and raises, as `login`."""
    hall = login(
        folder,
        credentials.number,
        credentials.password,
        credentials.code,
        SystemClock(),
        SystemEntropy(),
        only_reads=only_reads,
    )
    try:
        yield hall
    finally:
        hall.close()


def asked_credentials(staff: str | None) -> Credentials:
    """Of `staff`, from the environment or typed. Raises input_invalid where one is missing."""
    if staff is None:
        raise KnownError(FailureCode.INPUT_INVALID, "--staff is missing: only a practice hall opens by itself")
    return Credentials(staff, asked_password(staff), asked(CODE_VARIABLE, f"{staff} code: "))


def asked_second(staff: str) -> Credentials:
    """Of a second administrator, from variables of their own or typed."""
    password = asked(SECOND_PASSWORD_VARIABLE, f"{staff}: ")
    return Credentials(staff, password, asked(SECOND_CODE_VARIABLE, f"{staff} code: "))


def asked_password(number: str) -> str:
    """The password from $HALLCLIENT_PASSWORD, or typed by a person. Raises input_invalid for none."""
    return asked(PASSWORD_VARIABLE, f"{number}: ")


def asked(variable: str, prompt: str) -> str:
    """A secret from the environment, or typed by a person. Raises input_invalid for none."""
    secret = os.environ.pop(variable, None)  # no process that this one starts inherits it
    if not secret and sys.stdin.isatty():
        secret = getpass.getpass(prompt)
    try:
        (secret or "").encode()
    except UnicodeEncodeError:  # bytes that are no text of this computer's: nobody can type them into a window
        raise KnownError(FailureCode.INPUT_INVALID, f"{variable}: no UTF-8 text") from None
    if not secret:
        said = "no password" if variable == PASSWORD_VARIABLE else "not given"
        raise KnownError(FailureCode.INPUT_INVALID, f"{said}: set {variable} or use a terminal")
    return secret
