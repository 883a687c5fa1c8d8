"""Attacks on logins and on what a counter believes, with what an adversary has: the folder, a login, or a program of
their own that writes what it likes.
"""

import datetime as dt
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hallclient.domain.certificate_issuing import Subject
from hallclient.domain.certificate_requests import EnrolmentRequest
from hallclient.domain.certificates import CertificateRole, to_text
from hallclient.domain.enrolment import EnrolmentSettings
from hallclient.domain.equipment import Workstation
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.revocations import sign_revocations
from hallclient.domain.root_introduction import introduce
from hallclient.domain.staff import Role, Staff
from hallclient.services import staff
from hallclient.services.access import DATABASE, OpenHall, login
from hallclient.services.set_up import create_hall, enrol, said_roots
from hallclient.storage import hall_file
from hallclient.storage.audit import events
from hallclient.storage.database import Database
from hallclient.storage.hall_file import CentreEnrolment, HallFile, IntroducedRoot
from hallclient.storage.revocations_file import NAME as REVOCATIONS
from hallclient.system import SystemEntropy
from tests.clock import CountingEntropy, HandClock
from tests.hall_files import write_copy, write_whole
from tests.halls import (
    ADMINISTRATOR,
    CLERK,
    DEVICE,
    FIRST_ADMINISTRATOR,
    OTHER_CLERK,
    PASSWORD,
    PLACE,
    SUPERVISOR,
    TestCentre,
    certified_by,
    code_now,
    make_hall,
    open_hall,
)

URL = "https://127.0.0.1:9"


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def centre(tmp_path: Path, clock: HandClock) -> TestCentre:
    return make_hall(tmp_path / "hall", clock, practice=False)


@pytest.fixture
def folder(tmp_path: Path, centre: TestCentre) -> Path:
    return tmp_path / "hall"


@pytest.fixture
def clerk(folder: Path, clock: HandClock) -> Iterator[OpenHall]:
    """A clerk's login in the hands of a program of their own: it has the hall key."""
    hall = open_hall(folder, clock, OTHER_CLERK)
    yield hall
    hall.close()


def refusal(folder: Path, clock: HandClock, number: str = CLERK) -> FailureCode:
    clock.advance(60)
    with pytest.raises(KnownError) as seen:
        open_hall(folder, clock, number).close()
    return seen.value.code


def rewritten(hall: OpenHall, **changes: object) -> None:
    """Written by somebody who has the hall key, and says so."""
    file = hall_file.read(hall.folder)
    write_whole(hall, file.model_copy(update=changes))


# T1: the file, and who the centre is


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = list(items)
    for key, inner in found:
        yield from leaves(inner, (*path, key))
    if not found and path:
        yield path


@pytest.mark.attack("T1", "every value of hall.json, changed without a login")
def test_no_value_in_the_halls_file_is_changed_by_who_has_no_login(folder: Path, clock: HandClock) -> None:
    """Whichever it is: place, device, practice, roots, address, a colleague's keys or lock."""
    good = (folder / "hall.json").read_text()
    mine = next(index for index, one in enumerate(json.loads(good)["staff"]) if one["number"] == CLERK)
    tried = 0
    for path in leaves(json.loads(good)):
        if path[:2] == ("staff", mine):  # what is one's own opens nothing when it is changed
            continue
        document = json.loads(good)
        *way, last = path
        inside = document
        for key in way:
            inside = inside[key]
        inside[last] = changed(inside[last])
        (folder / "hall.json").write_text(json.dumps(document))
        clock.advance(900)  # the longest delay after wrong tries
        assert refusal(folder, clock) in {FailureCode.HALL_TAMPERED, FailureCode.STORE_UNREADABLE}, path
        tried += 1
    (folder / "hall.json").write_text(good)
    clock.advance(3600)
    open_hall(folder, clock).close()
    assert tried > 40


def changed(value: object) -> object:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if value is None:
        return "00" * 32
    if isinstance(value, str) and value:
        return value[:-1] + ("1" if value[-1] == "0" else "0")
    return ["x"]


def foreign_centre(clock: HandClock, hall: OpenHall) -> CentreEnrolment:
    """A centre of somebody's own that certifies this very device."""
    request = EnrolmentRequest(hall.device_key.public_key())
    return CentreEnrolment(url=URL, signed=TestCentre(clock.now()).enrolled(request, hall.file.workstation))


@pytest.mark.attack("T1", "a centre of one's own, written into hall.json with the hall key")
def test_a_foreign_centre_in_the_file_is_seen_by_everybody(clerk: OpenHall, folder: Path, clock: HandClock) -> None:
    """Even by who wrote it there: the roots are in each person's own box."""
    rewritten(clerk, centre=foreign_centre(clock, clerk))
    for number in (CLERK, OTHER_CLERK, SUPERVISOR, ADMINISTRATOR):
        assert refusal(folder, clock, number) is FailureCode.ROOTS_CHANGED


@pytest.mark.attack("T1", "the practice flag and the place, changed in hall.json with the hall key")
def test_settings_that_the_centre_did_not_sign_are_refused(
    clerk: OpenHall, folder: Path, clock: HandClock, centre: TestCentre
) -> None:
    signed = clerk.centre.signed
    forged = signed.model_copy(update={"enrolment": signed.enrolment.replace('"practice":true', '"practice":false')})
    assert forged != signed
    rewritten(clerk, centre=clerk.centre.model_copy(update={"signed": forged}))
    assert refusal(folder, clock) is FailureCode.CENTRE_UNTRUSTED
    request = EnrolmentRequest(clerk.device_key.public_key())
    moved = centre.enrolled(request, Workstation(replace(PLACE, counter="9"), DEVICE), settings=EnrolmentSettings())
    rewritten(clerk, centre=clerk.centre.model_copy(update={"signed": moved}))
    assert refusal(folder, clock) is FailureCode.STORE_UNREADABLE  # genuine, and for another counter


@pytest.mark.attack("T1", "a hall is joined without the password or the root's fingerprint")
def test_a_hall_is_not_joined_without_an_administrator_and_the_roots_fingerprint(
    tmp_path: Path, clock: HandClock
) -> None:
    centre = TestCentre(clock.now())
    request = create_hall(tmp_path / "new", PLACE, DEVICE, False, FIRST_ADMINISTRATOR, clock, CountingEntropy())
    answer = certified_by(centre, URL)(request)
    with closing(open_hall(tmp_path / "new", clock, ADMINISTRATOR)) as hall:
        for said in ("", "00" * 32, "yes", said_roots(answer)[:-1]):
            with pytest.raises(KnownError, match="root_unconfirmed"):
                enrol(hall, PASSWORD, answer, said)
        with pytest.raises(KnownError, match="login_wrong"):
            enrol(hall, "not the password", answer, said_roots(answer))
        enrol(hall, PASSWORD, answer, said_roots(answer).upper())
    assert hall_file.read(tmp_path / "new").centre == answer


@pytest.mark.attack("T1", "a hall is joined again, to a foreign centre")
def test_a_second_enrolment_stays_with_the_root_that_is_known(
    clerk: OpenHall, folder: Path, clock: HandClock, centre: TestCentre
) -> None:
    with pytest.raises(KnownError, match="not_permitted"):
        enrol(clerk, PASSWORD, clerk.centre, said_roots(clerk.centre))
    foreign = foreign_centre(clock, clerk)
    with closing(open_hall(folder, clock, ADMINISTRATOR)) as hall:
        with pytest.raises(KnownError, match="roots_changed"):
            enrol(hall, PASSWORD, foreign, said_roots(foreign))
        again = hall.centre.model_copy(update={"url": "https://127.0.0.1:10"})
        enrol(hall, PASSWORD, again, said_roots(again))
    clock.advance(60)
    with closing(open_hall(folder, clock)) as opened:
        assert opened.centre.url == "https://127.0.0.1:10"


@pytest.mark.attack("T1", "a stranger introduces another root")
def test_another_root_is_taken_only_on_the_known_ones_word(
    folder: Path, clock: HandClock, centre: TestCentre, clerk: OpenHall
) -> None:
    other = TestCentre(clock.now())
    request = EnrolmentRequest(clerk.device_key.public_key())
    answer = CentreEnrolment(url=URL, signed=other.enrolled(request, clerk.file.workstation))
    stranger = TestCentre(clock.now())
    false_word = introduce(stranger.root, stranger.root_key, other.root, clock.now())
    with closing(open_hall(folder, clock, ADMINISTRATOR)) as hall:
        with pytest.raises(KnownError, match="centre_untrusted"):
            enrol(hall, PASSWORD, answer, said_roots(answer), false_word)
        word = introduce(centre.root, centre.root_key, other.root, clock.now())
        enrol(hall, PASSWORD, answer, said_roots(answer), word)
    # Everybody learns it, and logs in with the old root's certificate until the centre has renewed it.
    for number in (CLERK, ADMINISTRATOR, CLERK):
        clock.advance(60)
        with closing(open_hall(folder, clock, number)) as hall:
            assert hall.roots == [other.root]


@pytest.mark.attack("T1", "an introduction of one's own root, written into hall.json")
def test_who_writes_an_introduction_into_the_file_has_certified_nobody(
    clerk: OpenHall, folder: Path, clock: HandClock
) -> None:
    """A root of the clerk's own as one that went before, and a certificate of it that makes them a supervisor."""
    own = TestCentre(clock.now())
    (real,) = clerk.roots
    word = introduce(own.root, own.root_key, real, clock.now())
    rewritten(clerk, introductions=(IntroducedRoot(old=to_text(own.root), signed=word),))
    here = Subject(OTHER_CLERK, halls=(PLACE.hall,))
    certificate, issuers = own.issued(clerk.staff_key.public_key(), here, CertificateRole.CLERK).to_texts()
    with_entry(clerk, OTHER_CLERK, certificate=certificate, issuers=issuers)
    assert refusal(folder, clock, OTHER_CLERK) is FailureCode.STAFF_UNTRUSTED


@pytest.mark.attack("T1", "a hall key of one's own for everybody, in a stolen folder")
def test_a_hall_key_of_somebodys_own_is_noticed(folder: Path, clock: HandClock) -> None:
    """Who has only the folder gives everybody a hall key that they know, and a new store under it."""
    file, forged = hall_file.read(folder), secrets.token_bytes(32)
    entries = tuple(one.with_hall_key(forged) for one in file.staff)
    write_copy(folder, file.model_copy(update={"staff": entries}), forged)
    (folder / DATABASE).unlink()
    Database(folder / DATABASE, forged).close()
    assert refusal(folder, clock) is FailureCode.HALL_TAMPERED


# T2: who somebody is


def with_entry(hall: OpenHall, number: str, **changes: object) -> None:
    file = hall_file.read(hall.folder)
    entry = file.entry(number)
    assert entry is not None
    write_whole(hall, file.with_entry(entry.model_copy(update=changes)))


@pytest.mark.attack("T2", "a clerk writes supervisor beside their name")
def test_nobody_promotes_themselves(clerk: OpenHall, folder: Path, clock: HandClock) -> None:
    with_entry(clerk, OTHER_CLERK, role=Role.SUPERVISOR)
    assert refusal(folder, clock, OTHER_CLERK) is FailureCode.LOGIN_WRONG  # the box is bound to the role


def certificates(centre: TestCentre, hall: OpenHall, clock: HandClock) -> dict[str, tuple[str, tuple[str, ...]]]:
    key = hall.staff_key.public_key()

    def issued(number: str, role: CertificateRole, halls: tuple[str, ...], by: TestCentre = centre) -> Any:
        return by.issued(key, Subject(number, halls=halls), role).to_texts()

    here, clerks = (PLACE.hall,), CertificateRole.CLERK
    foreign = TestCentre(clock.now())
    late = TestCentre.__new__(TestCentre)
    late.__dict__.update(centre.__dict__)
    late.now = clock.now() + dt.timedelta(days=30)
    others = centre.issued(TestCentre(clock.now()).root_key.public_key(), Subject(OTHER_CLERK, halls=here), clerks)
    return {
        "of another hall": issued(OTHER_CLERK, clerks, ("another hall",)),
        "of another number": issued(CLERK, clerks, here),
        "of another role": issued(OTHER_CLERK, CertificateRole.SUPERVISOR, here),
        "of a device": issued(OTHER_CLERK, CertificateRole.DEVICE, here),
        "of another centre": issued(OTHER_CLERK, clerks, here, foreign),
        "not yet valid": issued(OTHER_CLERK, clerks, here, late),
        "of another key": others.to_texts(),
        "none at all": ("00", ()),
    }


@pytest.mark.parametrize(
    "which",
    [
        "of another hall",
        "of another number",
        "of another role",
        "of a device",
        "of another centre",
        "not yet valid",
        "of another key",
        "none at all",
    ],
)
@pytest.mark.attack("T2", "a login under a certificate that is another's")
def test_a_certificate_that_is_not_this_persons_for_this_hall_now(
    which: str, clerk: OpenHall, folder: Path, clock: HandClock, centre: TestCentre
) -> None:
    certificate, issuers = certificates(centre, clerk, clock)[which]
    with_entry(clerk, OTHER_CLERK, certificate=certificate, issuers=issuers)
    assert refusal(folder, clock, OTHER_CLERK) is FailureCode.STAFF_UNTRUSTED


@pytest.mark.attack("T2", "a login under an expired certificate")
def test_an_expired_certificate_opens_nothing(folder: Path, clock: HandClock) -> None:
    clock.advance(3 * 365 * 86_400)
    assert refusal(folder, clock) is FailureCode.STAFF_UNTRUSTED


@pytest.mark.attack("T12", "who was revoked logs in")
def test_a_revoked_one_opens_nothing_and_no_older_list_helps(
    clerk: OpenHall, folder: Path, clock: HandClock, centre: TestCentre
) -> None:
    serial = clerk.staff_chain.leaf.serial_number
    revoked = sign_revocations(centre.issuer, centre.issuer_key, {serial: clock.now()}, 2, clock.now())
    (folder / REVOCATIONS).write_bytes(revoked.to_pem())
    assert refusal(folder, clock, OTHER_CLERK) is FailureCode.STAFF_REVOKED
    open_hall(folder, clock, CLERK).close()


@pytest.mark.attack("T2", "the hall key, wrapped for an invented supervisor")
def test_an_invented_supervisor_with_the_hall_key_does_not_log_in(
    clerk: OpenHall, folder: Path, clock: HandClock
) -> None:
    """T2: the clerk's process wraps the hall key for somebody whom the centre does not know."""
    from hallclient.storage.staff_keys import entry_for, make_staff_keys  # noqa: PLC0415
    from tests.halls import TOTP_SECRET  # noqa: PLC0415

    entropy = SystemEntropy()
    file = hall_file.read(folder)
    keys = make_staff_keys(TOTP_SECRET, entropy)
    known = keys.knowing([said_roots(clerk.centre)], clerk.hall_key)
    ghost = entry_for(Staff("2009", Role.SUPERVISOR), known, PASSWORD, clerk.hall_key, entropy)
    write_whole(clerk, file.with_entry(ghost))
    assert refusal(folder, clock, "2009") is FailureCode.STAFF_PENDING
    supervisor = file.entry(SUPERVISOR)
    assert supervisor is not None
    borrowed = ghost.model_copy(update={"certificate": supervisor.certificate, "issuers": supervisor.issuers})
    write_whole(clerk, file.with_entry(borrowed))
    assert refusal(folder, clock, "2009") is FailureCode.STAFF_UNTRUSTED


@pytest.mark.parametrize(
    "do",
    [
        lambda hall: staff.invite(hall, "1009", Role.CLERK),
        lambda hall: staff.invite_again(hall, CLERK, None),
        lambda hall: staff.lock(hall, CLERK, True),
    ],
    ids=["invite", "invite again", "lock"],
)
@pytest.mark.attack("T2", "a clerk makes and locks logins")
def test_only_administrators_give_and_take_logins(clerk: OpenHall, do: Callable[[OpenHall], object]) -> None:
    with pytest.raises(KnownError, match="not_permitted"):
        do(clerk)


# What T12 found: passwords and codes


@pytest.mark.parametrize("password", ["x" * 1000, "x" * 1_000_000, "密" * 129])
@pytest.mark.attack("T12", "a password of 1,000 characters and more")
def test_a_password_of_a_thousand_characters(folder: Path, clock: HandClock, password: str) -> None:
    with pytest.raises(KnownError, match="input_invalid"):
        login(folder, CLERK, password, code_now(clock), clock, CountingEntropy())


@pytest.mark.attack("T12", "the right password with a wrong code")
def test_a_wrong_code_opens_nothing_and_counts(folder: Path, clock: HandClock) -> None:
    def tried(code: str) -> FailureCode:
        with pytest.raises(KnownError) as seen:
            login(folder, CLERK, PASSWORD, code, clock, CountingEntropy())
        return seen.value.code

    wrong = f"{(int(code_now(clock)) + 1) % 1_000_000:06}"
    assert [tried(code) for code in (wrong, "", "abcdef", code_now(clock))] == [
        *[FailureCode.LOGIN_WRONG] * 3,
        FailureCode.LOGIN_LOCKED,
    ]


@pytest.mark.attack("T12", "a code that somebody saw is typed again")
def test_a_code_is_good_once_also_after_a_restart(
    folder: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hallclient.services.login_guard import LoginGuard  # noqa: PLC0415

    seen = code_now(clock)
    open_hall(folder, clock).close()
    for _ in range(2):
        with pytest.raises(KnownError, match="code_used"):
            login(folder, CLERK, PASSWORD, seen, clock, CountingEntropy())
        monkeypatch.setattr(LoginGuard, "_guards", {})
    clock.advance(30)
    with pytest.raises(KnownError, match="code_used"):  # the neighbouring step is tolerated, and was used
        login(folder, CLERK, PASSWORD, seen, clock, CountingEntropy())
    open_hall(folder, clock).close()
    open_hall(folder, clock, OTHER_CLERK).close()  # somebody else's is another one


@pytest.mark.attack("T12", "failed logins that nobody is to know of")
def test_who_tried_is_in_the_audit_log_of_the_next_login(folder: Path, clock: HandClock) -> None:
    for number in (CLERK, CLERK, "my own password"):
        with pytest.raises(KnownError, match="login_wrong"):
            login(folder, number, "not the password", code_now(clock), clock, CountingEntropy())
    for _ in range(2):
        clock.advance(60)
        with closing(open_hall(folder, clock, SUPERVISOR)) as hall, hall.database.reading() as tables:
            told = [(one.actor, one.detail["times"]) for _, one in events(tables) if one.event == "login_failed"]
        assert sorted(told) == [(CLERK, 2), ("system", 1)]  # once; and no word of what was typed
    assert b"my own password" not in (folder / "logins.json").read_bytes()


@pytest.mark.attack("T12", "who is locked puts an older hall.json back")
def test_who_is_locked_stays_out_until_unlocked(folder: Path, clock: HandClock) -> None:
    with closing(open_hall(folder, clock, ADMINISTRATOR)) as hall:
        before = (folder / "hall.json").read_bytes()
        staff.lock(hall, CLERK, True)
        assert refusal(folder, clock) is FailureCode.STAFF_LOCKED
        (folder / "hall.json").write_bytes(before)  # genuine, and older
        assert refusal(folder, clock) is FailureCode.STAFF_LOCKED
        staff.lock(hall, CLERK, False)
        clock.advance(60)
        open_hall(folder, clock).close()


@pytest.mark.attack("T12", "an idle counter is opened with a wrong password")
def test_an_idle_counter_opens_for_its_own_person_alone(clerk: OpenHall, clock: HandClock) -> None:
    staff.note_idle_lock(clerk)
    clock.advance(60)
    with pytest.raises(KnownError, match="login_wrong"):
        staff.unlock_idle(clerk, "not the password", code_now(clock))
    staff.unlock_idle(clerk, PASSWORD, code_now(clock))
    with clerk.database.reading() as tables:  # nothing was closed
        assert [one.event for _, one in events(tables)][-2:] == ["idle_locked", "unlocked"]


@pytest.mark.attack("T12", "the old password, after it was changed")
def test_a_changed_password_is_the_only_one(clerk: OpenHall, folder: Path, clock: HandClock) -> None:
    for bad in ("short", "password1234", f"now I am {OTHER_CLERK}", "x" * 129):
        with pytest.raises(KnownError, match="input_invalid"):
            staff.change_password(clerk, PASSWORD, bad)
    with pytest.raises(KnownError, match="login_wrong"):
        staff.change_password(clerk, "not the password", "seven swans swim south")
    staff.change_password(clerk, PASSWORD, "seven swans swim south")
    assert refusal(folder, clock, OTHER_CLERK) is FailureCode.LOGIN_WRONG
    login(folder, OTHER_CLERK, "seven swans swim south", code_now(clock), clock, CountingEntropy()).close()


def test_nothing_of_a_persons_secrets_lies_readable(folder: Path, clerk: OpenHall) -> None:
    from tests.halls import TOTP_SECRET  # noqa: PLC0415

    raw = [clerk.staff_key.private_bytes_raw(), TOTP_SECRET, clerk.hall_key, PASSWORD.encode()]
    for path in folder.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert not any(one in content or one.hex().encode() in content for one in raw)


def test_the_halls_file_names_everybody_once(folder: Path) -> None:
    file: HallFile = hall_file.read(folder)
    assert len({entry.signing_key for entry in file.staff}) == len(file.staff) == 5
