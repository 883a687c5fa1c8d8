"""People come and go: a new clerk's first day, a clerk who leaves, a forgotten password."""

import datetime as dt
import errno
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hallclient.central.centre import Centre
from hallclient.central.certificate_register import CertificateRegister
from hallclient.central.staff_admission import StaffAdmission
from hallclient.domain.certificates import CertificateRole, halls_of, name_of
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.permissions import Action
from hallclient.domain.staff import Role
from hallclient.domain.staff_word import SignedWord
from hallclient.services import staff
from hallclient.services.access import OpenHall
from hallclient.services.dispatch import Dispatch
from hallclient.services.hall_key_rotation import remove
from hallclient.services.joining import Joining
from hallclient.storage import hall_file
from hallclient.storage.audit import events
from hallclient.system import SystemClock, SystemEntropy
from tests.clock import HandClock
from tests.hall_files import write_copy, write_whole
from tests.hallclient.central.running import running
from tests.halls import ADMINISTRATOR, PLACE
from tests.staff import FIRST, Person, certify, joined, real_hall


@dataclass(frozen=True)
class World:
    """A real hall, its centre that answers, and a clock that tests move on by what a code needs."""

    folder: Path
    centre: Centre
    url: str
    clock: HandClock

    def later(self) -> None:
        self.clock.advance(60)

    def opened(self, person: Person) -> OpenHall:
        self.later()
        return person.open(self.folder, self.clock)

    def refusal(self, person: Person) -> FailureCode:
        with pytest.raises(KnownError) as seen:
            self.opened(person).close()
        return seen.value.code

    def as_first(self, do: Callable[[OpenHall], staff.Invited | list[str] | None]) -> staff.Invited:
        hall = self.opened(FIRST)
        try:
            done = do(hall)
        finally:
            hall.close()
        return done  # type: ignore[return-value]

    def new(self, number: str, role: Role, password: str, word: SignedWord | None = None) -> Person:
        invited = self.as_first(lambda hall: staff.invite(hall, number, role, None, word))
        person = joined(self.folder, invited, password, self.clock)
        self.as_first(lambda hall: certify(hall, self.url))
        return person

    def contact(self) -> None:
        """As the courier of a running application has it."""
        hall = self.opened(FIRST)
        dispatch = Dispatch(hall, self.url)
        try:
            assert dispatch.reachable()
            dispatch._contact.use()
        finally:
            dispatch.close()
            hall.close()

    def told(self) -> list[str]:
        hall = self.opened(FIRST)
        with hall.database.reading() as tables:
            told = [event.event for _, event in events(tables)]
        hall.close()
        return told


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    clock = HandClock(dt.datetime.now(dt.UTC))  # TLS looks at the machine's own
    centre = Centre.create(tmp_path / "central", "test", False, SystemClock(), SystemEntropy())
    with running(centre) as url:
        real_hall(tmp_path / "hall", centre, clock, url)
        yield World(tmp_path / "hall", centre, url, clock)


def test_a_new_clerks_first_day(world: World) -> None:
    invited = world.as_first(lambda hall: staff.invite(hall, "1001", Role.CLERK))
    assert re.fullmatch(r"([A-Z2-7]{5}-){3}[A-Z2-7]{5}", invited.code)
    assert invited.code.replace("-", "") not in (world.folder / "hall.json").read_text()
    clerk = joined(world.folder, invited, "a first day's password", world.clock)
    assert world.refusal(clerk) is FailureCode.STAFF_PENDING
    world.contact()  # a colleague's application
    hall = world.opened(clerk)
    chain = hall.staff_chain
    now = world.clock.now()
    assert chain.is_issued_for(CertificateRole.CLERK, hall.roots, now, world.centre.revocations())
    assert (name_of(chain.leaf), halls_of(chain.leaf)) == ("1001", {PLACE.hall})
    assert chain.leaf.public_key() == hall.staff_key.public_key()
    hall.close()
    with pytest.raises(KnownError, match="invitation_invalid"):  # once
        joined(world.folder, invited, "another password yet", world.clock)
    assert {"staff_invited", "staff_joined", "staff_certified"} <= set(world.told())


def test_an_invitation_is_good_for_three_days(world: World) -> None:
    invited = world.as_first(lambda hall: staff.invite(hall, "1001", Role.CLERK))
    world.clock.advance(3 * 86_400 + 1)
    with pytest.raises(KnownError, match="invitation_invalid"):
        joined(world.folder, invited, "a late one's password", world.clock)


@pytest.mark.expects_log("not certified: centre_refused_record: staff_refused", "refused /v1/staff: staff_refused")
def test_who_was_written_into_the_hall_by_a_clerk_is_never_certified(world: World) -> None:
    """T2: a clerk's process has the hall key, and wraps it for an invented supervisor."""
    clerk = world.new("1001", Role.CLERK, "a clerk's own password")
    hall = world.opened(clerk)
    with pytest.raises(KnownError, match="not_permitted"):
        staff.invite(hall, "2009", Role.SUPERVISOR)
    forged = OpenHall(
        **{name: getattr(hall, name) for name in OpenHall.__slots__ if name != "staff"},
        staff=hall.staff.__class__(hall.staff.number, Role.ADMINISTRATOR),
    )
    word = world.centre.staff_word("2009", PLACE.hall)
    invited = staff.invite(forged, "2009", Role.SUPERVISOR, None, word)  # with a program of their own
    hall.close()
    ghost = joined(world.folder, invited, "an invented supervisor", world.clock)
    world.contact()
    assert world.refusal(ghost) is FailureCode.STAFF_REFUSED
    assert world.centre._register.people("2009") == []


def test_a_clerk_leaves_and_with_the_next_contact_nothing_opens(world: World) -> None:
    clerk = world.new("1001", Role.CLERK, "a clerk's own password")
    world.opened(clerk).close()
    world.centre.revoke_staff("1001", "left")
    world.opened(clerk).close()  # nobody here has heard of it yet
    world.contact()
    assert world.refusal(clerk) is FailureCode.STAFF_REVOKED
    before = hall_file.read(world.folder).model_copy(update={"next_hall_key": None})
    with FIRST.opened(world.folder, _later(world)) as hall:
        old_key = hall.hall_key
        remove(hall, "1001")
    with FIRST.opened(world.folder, _later(world)) as hall:
        assert hall.hall_key != old_key
    assert world.refusal(clerk) is FailureCode.LOGIN_WRONG
    # What the clerk has kept of the hall opens nothing any more: neither the old file nor the old key.
    write_copy(world.folder, before, old_key)
    assert world.refusal(clerk) is FailureCode.STAFF_REVOKED
    (world.folder / "revocations.crl").unlink()
    assert world.refusal(clerk) is FailureCode.STORE_UNREADABLE


@pytest.mark.may_log("revocations.crl cannot be read")
@pytest.mark.parametrize("left", [b"x", None])
def test_a_list_that_was_here_once_is_missed(world: World, left: bytes | None) -> None:
    clerk = world.new("1001", Role.CLERK, "a clerk's own password")
    world.contact()
    path = world.folder / "revocations.crl"
    path.unlink() if left is None else path.write_bytes(left)
    with clerk.opened(world.folder, _later(world)) as hall:
        with pytest.raises(KnownError, match="revocations_missing"):
            hall.must_be_permitted(Action.SERVE_CUSTOMERS)
        world.contact()
        hall.must_be_permitted(Action.SERVE_CUSTOMERS)


def _later(world: World) -> HandClock:
    world.later()
    return world.clock


def test_a_forgotten_password_needs_two_administrators(world: World) -> None:
    clerk = world.new("1001", Role.CLERK, "a clerk's own password")
    word = world.centre.staff_word("9002", PLACE.hall)
    second = world.new("9002", Role.ADMINISTRATOR, "the second administrator's", word)
    with FIRST.opened(world.folder, _later(world)) as hall:
        with pytest.raises(KnownError, match="not_permitted"):
            staff.invite_again(hall, "1001", None)
        with pytest.raises(KnownError, match="not_permitted"):
            staff.invite_again(hall, "1001", hall)  # the same one twice
        with second.opened(world.folder, world.clock) as other:
            invited = staff.invite_again(hall, "1001", other)
    anew = joined(world.folder, invited, "a password to remember", world.clock)
    assert world.refusal(clerk) is FailureCode.LOGIN_WRONG
    world.contact()
    world.opened(anew).close()
    assert len(world.centre._register.people("1001")) == 1  # what they had is revoked


@pytest.mark.expects_log(
    "not certified: centre_refused_record: staff_refused: the word", "refused /v1/staff: staff_refused"
)
def test_a_forgotten_password_with_the_centres_word(world: World) -> None:
    world.new("1001", Role.CLERK, "a clerk's own password")
    word = world.centre.staff_word("1001", PLACE.hall)
    invited = world.as_first(lambda hall: staff.invite_again(hall, "1001", None, word))
    anew = joined(world.folder, invited, "a password to remember", world.clock)
    world.contact()
    world.opened(anew).close()
    invited = world.as_first(lambda hall: staff.invite_again(hall, "1001", None, word))  # the same word again
    twice = joined(world.folder, invited, "a password to remember", world.clock)
    world.contact()
    assert world.refusal(twice) is FailureCode.STAFF_REFUSED


@pytest.mark.expects_log(
    "not certified: centre_refused_record: staff_refused: needs a second", "refused /v1/staff: staff_refused"
)
@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.SUPERVISOR])
def test_one_administrator_alone_makes_no_other_and_no_supervisor(world: World, role: Role) -> None:
    """Whatever program they use: the centre asks, too. Who could make both would approve what they did themselves."""
    with FIRST.opened(world.folder, _later(world)) as hall:
        with pytest.raises(KnownError, match="not_permitted"):
            staff.invite(hall, "9002", role)
        for others in (("9003", PLACE.hall), ("9002", "another hall")):
            with pytest.raises(KnownError, match="about another person or hall"):
                staff.invite(hall, "9002", role, None, world.centre.staff_word(*others))
        invited = staff.invite(hall, "9002", role, None, world.centre.staff_word("9002", PLACE.hall))
        opened = hall_file.read(world.folder)
        without = tuple(one.model_copy(update={"word": None}) for one in opened.invitations)
        write_whole(hall, opened.model_copy(update={"invitations": without}))
    ghost = joined(world.folder, invited, "a second administrator", world.clock)
    world.contact()
    assert world.refusal(ghost) is FailureCode.STAFF_REFUSED


@pytest.mark.expects_log(
    "not certified: centre_refused_record: staff_number_taken", "refused /v1/staff: staff_number_taken"
)
def test_a_number_that_somebody_has_is_given_to_nobody_else(world: World) -> None:
    world.new("1001", Role.CLERK, "a clerk's own password")
    with FIRST.opened(world.folder, _later(world)) as hall:
        file = hall_file.read(world.folder)
        left = tuple(one for one in file.staff if one.number != "1001")
        write_whole(hall, file.model_copy(update={"staff": left}))
        invited = staff.invite(hall, "1001", Role.CLERK)
    other = joined(world.folder, invited, "somebody else's password", world.clock)
    world.contact()
    assert world.refusal(other) is FailureCode.STAFF_REFUSED


def test_an_administrator_cannot_be_locked_by_themselves(world: World) -> None:
    with FIRST.opened(world.folder, _later(world)) as hall:
        for do in (lambda: staff.lock(hall, ADMINISTRATOR, True), lambda: staff.lock(hall, "nobody", True)):
            with pytest.raises(KnownError, match="input_invalid"):
                do()


def test_whoever_has_no_code_learns_nothing_of_who_is_invited(world: World) -> None:
    world.as_first(lambda hall: staff.invite(hall, "1001", Role.CLERK))
    said = set()
    for number in ("1001", "1002"):
        with pytest.raises(KnownError) as seen:
            Joining(world.folder, number, "AAAAA-BBBBB-CCCCC-DDDDD", world.clock, SystemEntropy())
        said.add(str(seen.value))
    assert said == {"invitation_invalid"}


def test_certificates_are_renewed_in_time_with_a_contact(world: World) -> None:
    clerk = world.new("1001", Role.CLERK, "a clerk's own password")
    world.contact()
    before = {entry.number: entry.certificate for entry in hall_file.read(world.folder).staff}
    world.clock.advance(300 * 86_400)
    world.contact()
    after = {entry.number: entry.certificate for entry in hall_file.read(world.folder).staff}
    assert all(before[number] != after[number] for number in (ADMINISTRATOR, "1001"))
    hall = world.opened(clerk)
    assert hall.staff_chain.leaf.public_key() == hall.staff_key.public_key()
    hall.close()


@pytest.mark.expects_log(
    "not renewed: centre_refused_record: staff_refused", "refused /v1/staff/renewal: staff_refused"
)
def test_who_is_revoked_is_not_renewed(world: World) -> None:
    world.new("1001", Role.CLERK, "a clerk's own password")
    world.centre.revoke_staff("1001", "left")
    world.clock.advance(300 * 86_400)
    world.contact()
    assert len(world.centre._register.people("1001")) == 0


def test_a_reset_in_one_hall_gives_a_key_for_that_hall_alone(world: World) -> None:
    """By the centre's word for one hall; the other invites its person again, by a word for that one."""
    world.new("1001", Role.CLERK, "a clerk's own password")
    there = "another hall"
    key = Ed25519PrivateKey.generate().public_key()
    both = [PLACE.hall, there]
    world.centre.certify_staff("1001", CertificateRole.CLERK, both, key, replaces=True)
    word = world.centre.staff_word("1001", PLACE.hall)
    invited = world.as_first(lambda hall: staff.invite_again(hall, "1001", None, word))
    anew = joined(world.folder, invited, "chosen in this hall alone", world.clock)
    world.contact()
    hall = world.opened(anew)
    assert halls_of(hall.staff_chain.leaf) == {PLACE.hall}
    hall.close()
    assert world.centre._register.people("1001") == [("clerk", (PLACE.hall,))]


def test_who_lost_one_hall_by_a_reset_in_another_comes_back_by_the_centres_word(world: World) -> None:
    world.new("1001", Role.CLERK, "a clerk's own password")
    key = Ed25519PrivateKey.generate().public_key()
    world.centre.certify_staff("1001", CertificateRole.CLERK, ["another hall"], key, replaces=True)
    word = world.centre.staff_word("1001", PLACE.hall)
    invited = world.as_first(lambda hall: staff.invite_again(hall, "1001", None, word))
    anew = joined(world.folder, invited, "back in this hall again", world.clock)
    world.contact()
    world.opened(anew).close()
    people = world.centre._register.people("1001")
    assert sorted(people) == [("clerk", ("another hall",)), ("clerk", (PLACE.hall,))]


@pytest.mark.may_log("")
@pytest.mark.parametrize("replaces", [False, True])
def test_a_centre_that_dies_while_it_certifies_strands_nobody(
    replaces: bool, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    if replaces:
        world.new("1001", Role.CLERK, "a clerk's own password")
        word = world.centre.staff_word("1001", PLACE.hall)
        invited = world.as_first(lambda hall: staff.invite_again(hall, "1001", None, word))
    else:
        invited = world.as_first(lambda hall: staff.invite(hall, "1001", Role.CLERK))
    person = joined(world.folder, invited, "a clerk's first password", world.clock)

    def dies(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "before anything of the certificate is kept")

    with monkeypatch.context() as patches:
        patches.setattr(CertificateRegister, "add", dies)
        try_contact(world)
    assert world.centre._register.used(invited.invitation.id) is None
    answer = StaffAdmission.certify

    def unheard(*given: Any) -> None:
        answer(*given)
        raise OSError(errno.EPIPE, "after it")

    with monkeypatch.context() as patches:
        patches.setattr(StaffAdmission, "certify", unheard)
        try_contact(world)
    assert world.refusal(person) is FailureCode.STAFF_PENDING
    world.contact()
    world.opened(person).close()
    assert len(world.centre._register.people("1001")) == 1


def try_contact(world: World) -> None:
    with suppress(KnownError):
        world.contact()


def centre_is_later(world: World, days: float, monkeypatch: pytest.MonkeyPatch) -> None:
    later = HandClock(world.centre._clock.now() + dt.timedelta(days=days))
    monkeypatch.setattr(world.centre._admission, "_clock", later)


def test_who_joined_in_time_is_certified_when_the_line_is_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    invited = world.as_first(lambda hall: staff.invite(hall, "1001", Role.CLERK))
    person = joined(world.folder, invited, "a clerk's own password", world.clock)
    centre_is_later(world, 20, monkeypatch)
    world.contact()
    world.opened(person).close()


@pytest.mark.expects_log(
    "not certified: centre_refused_record: staff_refused: the invitation's time", "refused /v1/staff: staff_refused"
)
def test_who_comes_too_late_is_told_so_and_is_invited_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    invited = world.as_first(lambda hall: staff.invite(hall, "1001", Role.CLERK))
    late = joined(world.folder, invited, "a clerk's own password", world.clock)
    with monkeypatch.context() as patches:
        centre_is_later(world, 34, patches)
        world.contact()
    assert world.refusal(late) is FailureCode.STAFF_REFUSED
    assert "staff_refused" in world.told()
    again = world.new("1001", Role.CLERK, "another first password")
    world.opened(again).close()
