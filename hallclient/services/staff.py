"""People come and go: an administrator invites, locks and removes; everybody changes their own password."""

import base64
from collections.abc import Callable
from dataclasses import dataclass

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.password import must_be_fit
from hallclient.domain.permissions import Action
from hallclient.domain.set_up_names import must_be_number
from hallclient.domain.staff import Role, Staff
from hallclient.domain.staff_documents import INVITATION, INVITATION_TIME, Invitation
from hallclient.domain.staff_word import SignedWord
from hallclient.services.access import OpenHall, as_held, authenticate, iso, own_entry, proven
from hallclient.services.common_passwords import common_passwords
from hallclient.services.staff_trust import endorsement, fingerprints
from hallclient.storage import hall_record
from hallclient.storage.audit import AuditEvent, append
from hallclient.storage.hall_file import HallFile, OpenInvitation
from hallclient.storage.staff_keys import StaffEntry, entry_for, make_staff_keys
from hallclient.storage.staff_locks import must_not_be_locked, set_lock
from hallclient.storage.tables import Tables

_CODE_BYTES = 13  # in base32 more than the 20 letters that are given: 100 bits
_CODE_LETTERS, _GROUP = 20, 5


@dataclass(frozen=True, slots=True, repr=False)
class Invited:
    """What the administrator tells the new person: a code of 20 letters in groups; it is kept nowhere."""

    invitation: Invitation
    code: str


@dataclass(frozen=True, slots=True)
class KnownStaff:
    """A line of the hall's staff: who it is, and what keeps them from logging in."""

    staff: Staff
    locked: bool
    pending: bool


def known_staff(hall: OpenHall) -> list[KnownStaff]:
    """Who has a login here, as of now."""
    return [KnownStaff(entry.staff, entry.locked, entry.certificate is None) for entry in authentic_file(hall).staff]


def invite(
    hall: OpenHall, number: str, role: Role, second: OpenHall | None = None, word: SignedWord | None = None
) -> Invited:
    """Let somebody new make a login of their own, within `INVITATION_TIME`.

    An earlier invitation of the same number is worth nothing any more.

    Args:
        second: the same hall, opened by another administrator; or
        word: the centre's leave. A new administrator needs one of the two.

    Raises not_permitted, input_invalid for a number that is none or taken, hall_missing before the enrolment.
    """
    must_be_number("staff number", number)
    return _invite(hall, Staff(number, role), second, word, replaces=False)


def invite_again(hall: OpenHall, number: str, second: OpenHall | None, word: SignedWord | None = None) -> Invited:
    """Let somebody who has forgotten their password, or lost their second factor, make a new login.

    `second` or `word`: see `invite`; one of the two is needed. What they had is worth nothing once they have joined.

    Raises not_permitted, input_invalid for a number that nobody has and for one's own.
    """
    entry = _other(hall, authentic_file(hall), number)
    return _invite(hall, entry.staff, second, word, replaces=True)


def lock(hall: OpenHall, number: str, locked: bool) -> None:
    """Let somebody log in no more, or again. Raises not_permitted, input_invalid for nobody's number and one's own."""
    hall.must_be_permitted(Action.LOCK_STAFF)

    def changed(file: HallFile) -> HallFile:
        return file.with_entry(_other(hall, file, number).model_copy(update={"locked": locked}))

    event = hall.audit_event("staff_locked" if locked else "staff_unlocked", number=number)
    change(hall, event, changed, lambda tables: set_lock(tables, number, locked))


def change_password(hall: OpenHall, old: str, new: str) -> None:
    """Close one's own keys under another password.

    Raises login_wrong, login_locked after several wrong tries, input_invalid for one that nobody may choose.
    """
    hall.must_be_permitted(Action.CHANGE_OWN_PASSWORD)
    must_be_fit(new, hall.staff.number, common_passwords())
    keys = proven(hall, old)

    def changed(file: HallFile) -> HallFile:
        return file.with_entry(own_entry(hall, file, keys).with_box(keys, new, hall.entropy))

    change(hall, hall.audit_event("password_changed"), changed)


def unlock_idle(hall: OpenHall, password: str, code: str) -> None:
    """Whether it is the person who is logged in that comes back to an idle counter; nothing is closed or opened.

    Raises as `login` does for a wrong password and code, and for who was locked or revoked meanwhile.
    """
    person = authenticate(hall.folder, hall.staff.number, password, code, hall.clock, hall.entropy)
    as_held(hall.folder, person, hall.database, password, hall.clock)
    with hall.database.transaction() as tables:
        must_not_be_locked(tables, hall.staff.number)
        append(tables, hall.audit_event("unlocked"))


def note_idle_lock(hall: OpenHall) -> None:
    """The counter is locked until its person comes back; what is under way stays as it is."""
    with hall.database.transaction() as tables:
        append(tables, hall.audit_event("idle_locked"))


def change(
    hall: OpenHall,
    event: AuditEvent,
    changed: Callable[[HallFile], HallFile],
    also: Callable[[Tables], None] | None = None,
) -> HallFile:
    """Change the hall's file as one, and say so in the audit log: whoever else changes it waits for the database."""
    with hall.database.transaction() as tables:
        file = hall_record.keep(tables, changed(hall_record.held(tables)), hall.hall_key)
        append(tables, event)
        if also is not None:
            also(tables)
    hall_record.publish(hall.database, hall.folder)
    return file


def plain_code(code: str) -> bytes:
    """A one-time code as a password: however it was typed."""
    return "".join(code.split()).replace("-", "").upper().encode(errors="replace")


def _invite(
    hall: OpenHall, staff: Staff, second: OpenHall | None, word: SignedWord | None, *, replaces: bool
) -> Invited:
    endorsers = (hall,) if second is None else (hall, second)
    for opened in endorsers:
        opened.must_be_permitted(Action.INVITE_STAFF)
    one_time = make_staff_keys(b"", hall.entropy).knowing(fingerprints(hall.centre.roots), hall.hall_key)
    letters = base64.b32encode(hall.entropy.token(_CODE_BYTES)).decode()[:_CODE_LETTERS]
    code = "-".join(letters[at : at + _GROUP] for at in range(0, _CODE_LETTERS, _GROUP))
    invitation = Invitation(
        id=hall.entropy.token(16).hex(),
        number=staff.number,
        role=staff.role,
        hall=hall.file.place.hall,
        signing_key=one_time.signing.public_key().public_bytes_raw().hex(),
        until=iso(hall.clock.now() + INVITATION_TIME),
        replaces=replaces,
    )
    distinct = {one.staff.number for one in endorsers} - {staff.number}
    if invitation.needs_two and word is None and len(distinct) < 2:
        raise KnownError(FailureCode.NOT_PERMITTED, "needs a second administrator, or the centre's word")
    if word is not None and (word.word.number, word.word.hall) != (invitation.number, invitation.hall):
        raise KnownError(FailureCode.INPUT_INVALID, "the centre's word is about another person or hall")
    data = invitation.canonical()
    kept = OpenInvitation(
        invitation=invitation,
        entry=entry_for(staff, one_time, plain_code(code).decode(), hall.hall_key, hall.entropy),
        endorsements=tuple(endorsement(one, INVITATION, data) for one in endorsers),
        word=word,
    )

    def changed(file: HallFile) -> HallFile:
        held = file.entry(staff.number)
        # Whom the centre has not certified has no login yet, and may need another invitation to get one.
        if not replaces and held is not None and held.certificate is not None:
            raise KnownError(FailureCode.INPUT_INVALID, "this staff number exists")
        others = tuple(one for one in file.invitations if one.invitation.number != staff.number)
        return file.model_copy(update={"invitations": (*others, kept)})

    by = [one.staff.number for one in endorsers]
    change(
        hall,
        hall.audit_event("staff_invited", number=staff.number, role=staff.role.value, by=by, replaces=replaces),
        changed,
    )
    return Invited(invitation, code)


def authentic_file(hall: OpenHall) -> HallFile:
    """The hall's file as it is now. Raises store_unreadable."""
    with hall.database.reading() as tables:
        return hall_record.held(tables)


def _other(hall: OpenHall, file: HallFile, number: str) -> StaffEntry:
    """Somebody else's entry. Raises input_invalid."""
    entry = file.entry(number)
    if entry is None or number == hall.staff.number:
        raise KnownError(FailureCode.INPUT_INVALID, "not one's own number, and one that somebody has")
    return entry
