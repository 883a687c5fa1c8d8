"""What a contact with the centre leaves at the counter: revocations that count from then on, and a new certificate."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from hallclient.central.centre import Centre
from hallclient.domain.audit_fault import AuditFault
from hallclient.domain.certificates import from_text, public_key_of, workstation_of
from hallclient.domain.documents import parse
from hallclient.domain.evidence.clock import UNCHECKED, ClockStatus
from hallclient.domain.evidence.manifest import Manifest
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.revocations import sign_revocations
from hallclient.services.access import OpenHall
from hallclient.services.audit_check import check_audit
from hallclient.services.audit_checkpoint import kept_checkpoints, take_checkpoint
from hallclient.services.contact import Contact, is_due
from hallclient.services.dispatch import Dispatch, centre_client
from hallclient.storage import hall_file
from hallclient.storage.audit import append, first_broken_link
from hallclient.storage.revocations_file import NAME, held_revocations, keep_revocations
from tests import doubles
from tests.clock import HandClock
from tests.counters import make_centre, open_counter, todays_clock
from tests.drivers.waiting import eventually
from tests.hallclient.central.running import running
from tests.hallclient.services.sessions import open_session, walk
from tests.halls import TestCentre, make_hall, open_hall
from tests.timestamp_service import authority, now


@pytest.fixture
def clock() -> HandClock:
    return todays_clock()


@pytest.fixture
def centre(tmp_path: Path) -> Centre:
    return make_centre(tmp_path / "central")


@pytest.fixture
def hall(tmp_path: Path, centre: Centre, clock: HandClock) -> Iterator[OpenHall]:
    opened = open_counter(tmp_path / "hall", centre, clock)
    yield opened
    opened.close()


@contextmanager
def dispatch_to(hall: OpenHall, url: str) -> Iterator[Dispatch]:
    dispatch = Dispatch(hall, url)
    try:
        yield dispatch
    finally:
        dispatch.close()


def contact(hall: OpenHall, centre: Centre) -> None:
    """One contact, as the courier has it."""
    with running(centre) as url, dispatch_to(hall, url) as dispatch:
        assert dispatch.reachable()
        Contact(hall, dispatch._client).use()


def test_a_contact_brings_the_newest_list(hall: OpenHall, centre: Centre) -> None:
    assert hall.revocations is None
    contact(hall, centre)
    centre.revoke_serial(77, "x")
    contact(hall, centre)
    held = hall.revocations
    assert held is not None
    assert held.to_pem() == centre.revocations().to_pem()


def test_the_courier_brings_it_without_a_package_and_with_one(hall: OpenHall, centre: Centre, clock: HandClock) -> None:
    with running(centre) as url:
        with dispatch_to(hall, url) as dispatch:
            dispatch.start()
            eventually(lambda: hall.revocations is not None)
        centre.revoke_serial(77, "x")
        session = open_session(hall, doubles.equipment(clock))
        walk(session, clock)
        session.close()
        with dispatch_to(hall, url) as dispatch:
            assert len(dispatch.send_all()) == 1
    held = hall.revocations
    assert held is not None
    assert held.number == centre.revocations().number


def test_a_contact_tells_what_time_it_is_there(hall: OpenHall, centre: Centre, clock: HandClock) -> None:
    def sealed() -> ClockStatus:
        session = open_session(hall, doubles.equipment(clock))
        walk(session, clock)
        session.close()
        data = (hall.vault.package(session.session_id).folder / "manifest.json").read_bytes()
        return parse(Manifest, data).clock_status

    assert sealed() == UNCHECKED
    clock.set(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=90))
    contact(hall, centre)
    clock.advance(60)
    said = sealed()
    assert (said.status, said.difference_s) == ("checked", pytest.approx(90, abs=30))
    assert said.age_s is not None
    assert said.age_s >= 60
    clock.set(clock.now() - dt.timedelta(minutes=6))
    assert hall.line.clock_status(clock) == UNCHECKED  # somebody set it since


@pytest.mark.may_log("contact")  # it may be cut off in what it asks next
@pytest.mark.parametrize(("minutes", "wrong"), [(-7, True), (2, False), (7, True)])
def test_the_clerk_is_told_of_a_wrong_clock_until_it_is_right(
    minutes: int, wrong: bool, hall: OpenHall, centre: Centre, clock: HandClock
) -> None:
    clock.set(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=minutes))
    with running(centre) as url, dispatch_to(hall, url) as dispatch:
        dispatch.start()
        eventually(lambda: hall.line.clock is not None)
        status = dispatch.status
        assert (status.failure, status.online) == (FailureCode.CLOCK_WRONG if wrong else None, True)
        clock.set(dt.datetime.now(dt.UTC))
        dispatch.wake()
        eventually(lambda: dispatch.status.failure is None)


SINCE = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
TSA, FOREIGN = authority("tsa", SINCE, 60), authority("foreign tsa", SINCE, 60)


@pytest.fixture
def stamping(tmp_path: Path, clock: HandClock) -> Iterator[OpenHall]:
    """A hall whose operator has chosen a timestamp service."""
    make_hall(tmp_path / "stamping", clock, timestamps=TSA.settings())
    opened = open_hall(tmp_path / "stamping", clock)
    yield replace(opened, stamp=TSA.stamp_at(now()))
    opened.close()


def note_something(hall: OpenHall) -> None:
    with hall.database.transaction() as tables:
        append(tables, hall.audit_event("seen"))


@pytest.mark.may_log("pyhanko")
def test_once_a_day_a_contact_has_the_log_countersigned(stamping: OpenHall, clock: HandClock) -> None:
    with centre_client(stamping) as client:
        contacts = Contact(stamping, client)

        def kept_after(hours: float) -> int:
            clock.advance(hours * 3600)
            contacts.use()
            return len(kept_checkpoints(stamping))

        assert kept_after(0) == 1
        assert kept_after(30) == 1  # nothing happened
        note_something(stamping)
        assert kept_after(2) == 2
        note_something(stamping)
        assert [kept_after(hours) for hours in (2, 20, 2)] == [2, 2, 3]
        note_something(stamping)
        clock.set(clock.now() - dt.timedelta(days=2))
        assert kept_after(2) == 4  # what the clock said before counts no more
        kept_checkpoints(stamping)[-1].write_bytes(b"rubbish")
        assert kept_after(2) == 4
    report = check_audit(stamping, online=False)  # by the roots of the settings alone
    assert (report.findings, report.checkpoints) == ((), 4)
    note_something(stamping)
    foreign, _ = take_checkpoint(stamping, FOREIGN.stamp_at(now()))
    assert [(each.fault, each.place) for each in check_audit(stamping, online=False).findings] == [
        (AuditFault.CHECKPOINT_UNTRUSTED, foreign.name)
    ]
    report = check_audit(stamping, online=False, timestamp_roots=[FOREIGN.root])  # the operator has chosen another
    assert (report.findings, report.checkpoints) == ((), 5)


@pytest.mark.expects_log("take_checkpoint: timestamp_unreachable")
def test_a_service_that_is_silent_is_asked_again_after_an_hour(stamping: OpenHall, clock: HandClock) -> None:
    asked: list[bytes] = []

    def silent(sha256: bytes) -> bytes:
        asked.append(sha256)
        raise KnownError(FailureCode.TIMESTAMP_UNREACHABLE)

    with centre_client(stamping) as client:
        contacts = Contact(replace(stamping, stamp=silent), client)
        for _ in range(4):
            contacts.use()
            clock.advance(1300)
    assert len(asked) == 2
    assert kept_checkpoints(stamping) == []


def test_a_device_that_is_known_to_be_revoked_begins_nothing(hall: OpenHall, centre: Centre, clock: HandClock) -> None:
    """Offline, too, from the last contact on."""
    session = open_session(hall, doubles.equipment(clock))
    (serial,) = centre.revoke_device(hall.file.device, "stolen")
    assert serial == hall.device_certificate.serial_number
    assert keep_revocations(hall.folder, hall.roots, centre.revocations())
    with pytest.raises(KnownError) as caught:
        walk(session, clock)
    assert caught.value.code is FailureCode.CENTRE_REFUSED_DEVICE
    session.close()


@pytest.mark.may_log("refused")
@pytest.mark.attack("T12", "a revoked device delivers")
def test_a_revoked_device_delivers_nothing_and_keeps_it(hall: OpenHall, centre: Centre, clock: HandClock) -> None:
    session = open_session(hall, doubles.equipment(clock))
    walk(session, clock)
    session.close()
    centre.revoke_device(hall.file.device, "stolen")
    with running(centre) as url, dispatch_to(hall, url) as dispatch:
        with pytest.raises(KnownError) as caught:
            dispatch.send_all()
        assert (caught.value.code, caught.value.detail) == (FailureCode.CENTRE_REFUSED_DEVICE, "device_revoked")
        assert (dispatch.status.waiting, dispatch.status.quarantined) == (1, 0)


def test_a_receipt_of_a_revoked_key_is_none(hall: OpenHall, centre: Centre, clock: HandClock) -> None:
    session = open_session(hall, doubles.equipment(clock))
    walk(session, clock)
    session.close()
    centre.revoke_serial(centre.keys.receipt.leaf.serial_number, "copied")
    keep_revocations(hall.folder, hall.roots, centre.revocations())
    with running(centre) as url, dispatch_to(hall, url) as dispatch, pytest.raises(KnownError) as caught:
        dispatch.send_all()
    assert caught.value.code is FailureCode.CENTRE_UNTRUSTED


@pytest.mark.attack("T12", "an older revocation list", answer="the newer one stayed")
def test_an_older_list_replaces_no_newer_one(hall: OpenHall, centre: Centre) -> None:
    older = centre.revocations()
    centre.revoke_serial(77, "x")
    assert keep_revocations(hall.folder, hall.roots, centre.revocations())
    assert not keep_revocations(hall.folder, hall.roots, older)
    held = held_revocations(hall.folder, hall.roots)
    assert held is not None
    assert held.number == older.number + 1


@pytest.mark.expects_log("revocations.crl")
@pytest.mark.parametrize("content", ["rubbish", "foreign", "folder"])
def test_a_list_that_does_not_hold_is_none_and_the_next_contact_brings_another(
    content: str, hall: OpenHall, centre: Centre, clock: HandClock
) -> None:
    stranger = TestCentre(clock.now())
    foreign = sign_revocations(
        stranger.issuer, stranger.issuer_key, {hall.device_certificate.serial_number: clock.now()}, 99, clock.now()
    )
    path = hall.folder / NAME
    if content == "folder":
        path.mkdir()
    else:
        path.write_bytes(foreign.to_pem() if content == "foreign" else b"rubbish")
    assert hall.revocations is None
    open_session(hall, doubles.equipment(clock)).close()  # nobody else's list stops a counter
    if content == "folder":
        path.rmdir()
    contact(hall, centre)
    assert hall.revocations is not None


def test_a_certificate_is_renewed_in_its_last_third(hall: OpenHall, centre: Centre, clock: HandClock) -> None:
    before = hall.device_certificate
    life = before.not_valid_after_utc - before.not_valid_before_utc
    clock.set(before.not_valid_before_utc + life / 2)
    contact(hall, centre)
    assert hall_file.read(hall.folder) == hall.file
    clock.set(before.not_valid_before_utc + life * 0.7)
    contact(hall, centre)
    file = hall_file.read(hall.folder)
    assert file.centre is not None
    assert file.centre.roots == hall.centre.roots
    renewed = from_text(file.centre.device_certificate)
    assert renewed.serial_number != before.serial_number
    assert (public_key_of(renewed), workstation_of(renewed)) == (public_key_of(before), workstation_of(before))
    # The session that is open goes on with the old one, and the next login has the new one.
    walk(open_session(hall, doubles.equipment(clock)), clock)
    again = open_hall(hall.folder, clock)
    assert again.device_certificate == renewed
    with again.database.reading() as tables:
        assert first_broken_link(tables) is None
        assert tables.execute("SELECT count(*) FROM audit WHERE event = 'device_renewed'").fetchone() == (1,)
    again.close()


@pytest.mark.expects_log("renew_device: enrolment_differs")
def test_a_renewal_for_somebody_else_is_not_kept(
    hall: OpenHall, centre: Centre, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = open_counter(hall.folder.parent / "other", centre, clock)
    monkeypatch.setattr(Centre, "renew_device", lambda self, _: self._certifying.renew_device(other.device_chain))
    clock.set(hall.device_certificate.not_valid_after_utc - dt.timedelta(days=1))
    contact(hall, centre)
    assert hall_file.read(hall.folder).centre == hall.file.centre  # the people get theirs all the same
    other.close()


def test_two_thirds_of_a_life(hall: OpenHall) -> None:
    certificate = hall.device_certificate
    first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    border = first + (last - first) * 2 / 3
    assert [is_due(certificate, border + dt.timedelta(seconds=by)) for by in (-1, 0, 1)] == [False, True, True]
