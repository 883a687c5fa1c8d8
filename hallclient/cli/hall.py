"""`hallclient hall`: sets up a hall on this computer and gives people logins, for the administrator."""

from pathlib import Path
from typing import Annotated

import typer

from hallclient import settings
from hallclient.cli.given_file import about, given_path, read_given, read_given_text
from hallclient.cli.hall_in_use import HallInUse
from hallclient.cli.login import DataOption, StaffOption, asked_password, opened_hall
from hallclient.cli.output import JsonOption, answer
from hallclient.domain.equipment import Place
from hallclient.domain.staff import Role, Staff
from hallclient.services.access import REQUEST, NewStaff, add_staff, centre_from_json, create_hall, enrol
from hallclient.system import SystemClock, SystemEntropy

app = typer.Typer(no_args_is_help=True, help="The hall on this computer.")


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
    """Make the keys and the store. Carry the request file to the operator's IT, then run `hallclient hall enrol`."""
    folder = settings.new_hall_folder(data)
    person = NewStaff(Staff(administrator, Role.ADMINISTRATOR), asked_password(administrator))
    place = Place(name, channel, counter)
    create_hall(folder, place, device, False, (person,), SystemClock(), SystemEntropy())
    request = folder / REQUEST
    in_use = HallInUse(folder, name)
    document = {"hall": in_use.row, "device": device, "request": str(request)}
    answer(document, [in_use.line, f"request: {request}"], as_json)


@app.command("enrol")
def enrol_hall(
    answer_file: Annotated[
        Path, typer.Argument(parser=given_path, metavar="ANSWER_FILE", help="What `hallclient central enrol` wrote.")
    ],
    url: Annotated[str, typer.Option(help="The centre's address, https://host:port.")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Join the hall to its centre."""
    with about(f"ANSWER_FILE {answer_file.name}"):
        written = read_given(answer_file)
    centre = centre_from_json(written, url, SystemClock())
    folder = settings.new_hall_folder(data)
    enrol(folder, centre, SystemClock())
    in_use = HallInUse.in_folder(folder)
    answer({"hall": in_use.row, "centre": centre.name, "url": url}, [in_use.line, f"centre: {centre.name}"], as_json)


@app.command("add-staff")
def add_staff_member(
    number: Annotated[str, typer.Argument(help="The new staff number; the password is asked for.")],
    role: Annotated[Role, typer.Option(help="What they may do.")],
    password_file: Annotated[
        Path | None,
        typer.Option(parser=given_path, metavar="PATH", help="A file with the new password, instead of typing."),
    ] = None,
    data: DataOption = None,
    staff: StaffOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give somebody a login; the administrator's own number and password come first."""
    with opened_hall(data, staff) as hall:
        hall.staff.must_be(Role.ADMINISTRATOR)
        password = _password_in(password_file) if password_file else asked_password(number)
        add_staff(hall, NewStaff(Staff(number, role), password))
        in_use = HallInUse.of(hall)
    document = {"hall": in_use.row, "number": number, "role": role.value}
    answer(document, [in_use.line, f"staff: {number}, {role.value}"], as_json)


def _password_in(path: Path) -> str:
    with about(f"--password-file {path.name}"):
        return read_given_text(path).strip()
