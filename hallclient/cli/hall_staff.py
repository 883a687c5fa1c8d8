"""`hallclient hall`: who works here, in commands of their own."""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from hallclient import settings
from hallclient.cli.given_file import about, given_path, read_given
from hallclient.cli.hall_in_use import HallInUse
from hallclient.cli.instance import hold_hall
from hallclient.cli.login import (
    CODE_VARIABLE,
    INVITATION_VARIABLE,
    NEW_PASSWORD_VARIABLE,
    DataOption,
    StaffOption,
    asked,
    asked_credentials,
    asked_password,
    asked_second,
    opened_hall,
    opened_with,
)
from hallclient.cli.output import JsonOption, answer, remark
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.staff import Role
from hallclient.domain.staff_word import SignedWord
from hallclient.services import staff as services
from hallclient.services.dispatch import centre_client, must_have_no_courier
from hallclient.services.hall_key_rotation import remove
from hallclient.services.joining import Joining
from hallclient.services.staff import Invited
from hallclient.services.staff_certification import certify_pending
from hallclient.system import SystemClock, SystemEntropy
from hallclient.wiring.practice_centre import centre_address

NumberArgument = Annotated[str, typer.Argument(help="The staff number.")]
SecondOption = Annotated[
    str | None, typer.Option(help="A second administrator's staff number; their password and code are asked for, too.")
]
WordOption = Annotated[
    Path | None,
    typer.Option(parser=given_path, metavar="PATH", help="The centre's leave (`hallclient central reset-staff`)."),
]


def add_to(app: typer.Typer) -> None:
    """The commands, under `hallclient hall`."""
    app.command("invite")(invite)
    app.command("join")(join)
    app.command("reset-staff")(reset_staff)
    app.command("staff")(list_staff)
    app.command("lock")(lock)
    app.command("remove-staff")(remove_staff)
    app.command("unlock")(unlock)
    app.command("password")(password)
    app.command("certify")(certify)


def invite(
    number: NumberArgument,
    role: Annotated[Role, typer.Option(help="What they may do.")],
    second: SecondOption = None,
    word: WordOption = None,
    data: DataOption = None,
    staff: StaffOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let somebody make a login of their own: prints a code for them, good for three days and one time.

    Another administrator needs a second one, or the centre's leave.
    """
    given = _word(word)
    credentials, other = asked_credentials(staff), asked_second(second) if second else None
    with ExitStack() as stack:
        folder = settings.hall_folder(data)
        hall = stack.enter_context(opened_with(folder, credentials))
        opened = stack.enter_context(opened_with(folder, other)) if other else None
        invited = services.invite(hall, number, role, opened, given)
        in_use = HallInUse.of(hall)
    _tell(invited, in_use, as_json)


def reset_staff(
    number: NumberArgument,
    second: SecondOption = None,
    word: WordOption = None,
    data: DataOption = None,
    staff: StaffOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let somebody who forgot their password, or lost their authenticator, make a new login, as `invite` does.

    Needs two administrators, or one and the centre's leave. What they had is worth nothing once they have joined.
    """
    given = _word(word)
    credentials, other = asked_credentials(staff), asked_second(second) if second else None
    with ExitStack() as stack:
        folder = settings.hall_folder(data)
        hall = stack.enter_context(opened_with(folder, credentials))
        opened = stack.enter_context(opened_with(folder, other)) if other else None
        invited = services.invite_again(hall, number, opened, given)
        in_use = HallInUse.of(hall)
    _tell(invited, in_use, as_json)


def join(number: NumberArgument, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Make one's login with the code of an invitation, from $HALLCLIENT_INVITATION or typed.

    Asks for the password, shows what one's authenticator takes (otpauth), and asks for the code that it shows then:
    typed, or the next line of standard input.
    """
    folder = settings.hall_folder(data)
    joining = Joining(folder, number, asked(INVITATION_VARIABLE, "invitation: "), SystemClock(), SystemEntropy())
    chosen = asked_password(number)
    joining.must_take(chosen)
    remark(joining.totp_uri)
    person = joining.finish(chosen, _typed_code())
    in_use = HallInUse.in_folder(folder)
    document = {"hall": in_use.row, "number": person.number, "role": person.role.value}
    answer(document, [in_use.line, f"staff: {person.number}, {person.role.value}"], as_json)


def list_staff(data: DataOption = None, staff: StaffOption = None, as_json: JsonOption = False) -> None:
    """Who has a login here."""
    with opened_hall(data, staff, only_reads=True) as hall:
        known = services.known_staff(hall)
        in_use = HallInUse.of(hall)
    rows = [
        {"number": one.staff.number, "role": one.staff.role.value, "locked": one.locked, "pending": one.pending}
        for one in known
    ]
    lines = [
        ", ".join([one.staff.number, one.staff.role.value, *["locked"] * one.locked, *["pending"] * one.pending])
        for one in known
    ]
    answer({"hall": in_use.row, "staff": rows}, [in_use.line, *lines], as_json)


def lock(
    number: NumberArgument, data: DataOption = None, staff: StaffOption = None, as_json: JsonOption = False
) -> None:
    """Let somebody log in no more."""
    _set_lock(number, True, data, staff, as_json)


def unlock(
    number: NumberArgument, data: DataOption = None, staff: StaffOption = None, as_json: JsonOption = False
) -> None:
    """Let somebody log in again."""
    _set_lock(number, False, data, staff, as_json)


def password(data: DataOption = None, staff: StaffOption = None, as_json: JsonOption = False) -> None:
    """Change one's own password; the new one is in $HALLCLIENT_NEW_PASSWORD, or typed."""
    credentials = asked_credentials(staff)
    with opened_with(settings.hall_folder(data), credentials) as hall:
        services.change_password(hall, credentials.password, asked(NEW_PASSWORD_VARIABLE, "new password: "))
        in_use = HallInUse.of(hall)
    answer({"hall": in_use.row, "number": credentials.number}, [in_use.line], as_json)


def remove_staff(
    number: NumberArgument, data: DataOption = None, staff: StaffOption = None, as_json: JsonOption = False
) -> None:
    """Take somebody's login for good, and give the hall another key; while nobody works here.

    The centre revokes their certificate by itself: `hallclient central revoke --staff`.
    """
    folder = settings.hall_folder(data)
    credentials = asked_credentials(staff)
    with hold_hall(folder), opened_with(folder, credentials) as hall:
        in_use = HallInUse.of(hall)
        must_have_no_courier(folder)
        remove(hall, number)
    answer({"hall": in_use.row, "number": number}, [in_use.line, f"{number}: removed"], as_json)


def certify(data: DataOption = None, staff: StaffOption = None, as_json: JsonOption = False) -> None:
    """Have those who joined certified by the centre now; a running application does so with each contact.

    Exits with 1 while somebody still waits.
    """
    with ExitStack() as stack:
        hall = stack.enter_context(opened_hall(data, staff))
        url = stack.enter_context(centre_address(hall.centre))
        client = stack.enter_context(centre_client(hall, url))
        certified = certify_pending(hall, client)
        waiting = [one.staff.number for one in services.known_staff(hall) if one.pending]
        in_use = HallInUse.of(hall)
    document = {"hall": in_use.row, "certified": certified, "waiting": waiting}
    lines = [in_use.line, *(f"certified: {one}" for one in certified), *(f"waiting: {one}" for one in waiting)]
    answer(document, lines, as_json, positive=not waiting)


def _set_lock(number: str, locked: bool, data: Path | None, staff: str | None, as_json: bool) -> None:
    with opened_with(settings.hall_folder(data), asked_credentials(staff)) as hall:
        services.lock(hall, number, locked)
        in_use = HallInUse.of(hall)
    said = "locked" if locked else "unlocked"
    answer({"hall": in_use.row, "number": number, "locked": locked}, [in_use.line, f"{number}: {said}"], as_json)


def _word(path: Path | None) -> SignedWord | None:
    if path is None:
        return None
    with about(f"--word {path.name}"):
        try:
            return SignedWord.model_validate_json(read_given(path))
        except ValidationError:
            raise KnownError(FailureCode.INPUT_INVALID, "not a word of the centre") from None


def _typed_code() -> str:
    """The code of an authenticator that has just got its secret: no variable could have held it."""
    if sys.stdin.isatty():
        return asked(CODE_VARIABLE, "code: ")
    return sys.stdin.readline().strip()


def _tell(invited: Invited, in_use: HallInUse, as_json: bool) -> None:
    invitation = invited.invitation
    document = {
        "hall": in_use.row,
        "number": invitation.number,
        "role": invitation.role.value,
        "code": invited.code,
        "until": invitation.until,
    }
    lines = [in_use.line, f"staff: {invitation.number}, {invitation.role.value}", f"code: {invited.code}"]
    answer(document, [*lines, f"until: {invitation.until}"], as_json)
