"""`hallclient hall`: sets up a hall on this computer and gives people logins, for the administrator."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from hallclient import settings
from hallclient.cli import hall_staff
from hallclient.cli.given_file import about, given_path, read_given
from hallclient.cli.hall_in_use import HallInUse
from hallclient.cli.login import DataOption, StaffOption, asked_credentials, asked_password, opened_with
from hallclient.cli.output import JsonOption, answer, remark
from hallclient.domain.equipment import Place
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.root_introduction import SignedIntroduction
from hallclient.domain.staff import Role, Staff
from hallclient.domain.totp import provisioning_uri
from hallclient.services.access import REQUEST
from hallclient.services.set_up import (
    NewStaff,
    centre_from_json,
    create_hall,
    enrol,
    new_totp_secret,
    said_roots,
)
from hallclient.storage.hall_file import CentreEnrolment
from hallclient.system import SystemClock, SystemEntropy

app = typer.Typer(no_args_is_help=True, help="The hall on this computer.")
hall_staff.add_to(app)


@app.command()
def create(
    name: Annotated[str, typer.Option(help="The hall's name.")],
    channel: Annotated[str, typer.Option(help="Own hall, agent ...")],
    counter: Annotated[str, typer.Option(help="This counter.")],
    device: Annotated[str, typer.Option(help="This computer's name at the centre.")],
    administrator: Annotated[str, typer.Option(help="Staff number of the administrator.")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the keys and the store. Carry the request file to the operator's IT, then run `hallclient hall enrol`.

    Prints what the administrator's authenticator takes (otpauth), which is shown once.
    """
    folder, entropy = settings.new_hall_folder(data), SystemEntropy()
    secret = new_totp_secret(entropy)
    person = NewStaff(Staff(administrator, Role.ADMINISTRATOR), asked_password(administrator), secret)
    place = Place(name, channel, counter)
    create_hall(folder, place, device, False, (person,), SystemClock(), entropy)
    request = folder / REQUEST
    in_use = HallInUse(folder, name)
    uri = provisioning_uri(secret, administrator, name)
    document = {"hall": in_use.row, "device": device, "request": str(request), "otpauth": uri}
    answer(document, [in_use.line, f"request: {request}", uri], as_json)


@app.command("enrol")
def enrol_hall(
    answer_file: Annotated[
        Path, typer.Argument(parser=given_path, metavar="ANSWER_FILE", help="What `hallclient central enrol` wrote.")
    ],
    url: Annotated[str, typer.Option(help="The centre's address, https://host:port.")],
    root_sha256: Annotated[
        str | None,
        typer.Option(help="The SHA-256 of the centre's root, as the operator told it; else it is shown and asked."),
    ] = None,
    introduction: Annotated[
        Path | None,
        typer.Option(parser=given_path, metavar="PATH", help="The known root's word for a new one."),
    ] = None,
    data: DataOption = None,
    staff: StaffOption = None,
    as_json: JsonOption = False,
) -> None:
    """Join the hall to its centre; the administrator's own number, password and code come first.

    A hall that is joined already stays with its root, or with one that this root introduces
    (`hallclient central root introduce`).
    """
    folder = settings.new_hall_folder(data)
    with about(f"ANSWER_FILE {answer_file.name}"):
        written = read_given(answer_file)
    introduced = _introduction(introduction) if introduction else None
    credentials = asked_credentials(staff)
    with opened_with(folder, credentials) as hall:
        centre = centre_from_json(written, url, SystemClock())
        enrol(hall, credentials.password, centre, root_sha256 or _confirmed(centre), introduced)
        in_use = HallInUse.of(hall)
    document = {"hall": in_use.row, "centre": centre.name, "url": url, "root_sha256": said_roots(centre)}
    answer(document, [in_use.line, f"centre: {centre.name}", f"root SHA-256: {said_roots(centre)}"], as_json)


def _introduction(path: Path) -> SignedIntroduction:
    with about(f"--introduction {path.name}"):
        return SignedIntroduction.from_json(read_given(path))


def _confirmed(centre: CentreEnrolment) -> str:
    """The fingerprint, once a person has said that it is the operator's. Raises root_unconfirmed."""
    shown = said_roots(centre)
    if sys.stdin.isatty():
        remark(f"root SHA-256: {shown}")
        if input("yes? ").strip().lower() == "yes":
            return shown
    raise KnownError(FailureCode.ROOT_UNCONFIRMED, f"root SHA-256 {shown}")
