"""What a centre remembers of a device: numbers, the chain of manifests, audit heads, the clock."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hallclient.central.centre import Centre
from hallclient.central.messages import DeviceAudit, KnownHead, Registration
from hallclient.central.sender import sender_of
from hallclient.domain.documents import parse
from hallclient.domain.evidence.clock import ClockStatus
from hallclient.domain.evidence.manifest import AuditHead, Manifest
from hallclient.domain.evidence.receipt import Outcome, Receipt
from hallclient.rule_texts import ShippedRules
from hallclient.sync.bundle import outgoing_objects
from tests.hallclient.central.running import Hall, enrol
from tests.packages import BuiltPackage, CountedEntropy, FixedClock, build_package

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)


@dataclass
class Counter:
    """One device and its centre, in one process and by one clock."""

    centre: Centre
    hall: Hall
    clock: FixedClock
    folder: Path
    entropy: CountedEntropy = field(default_factory=CountedEntropy)

    def seal(self, after: Manifest | None = None, **options: object) -> BuiltPackage:
        folder = self.folder / self.entropy.token(8).hex()
        opened_at = self.clock.now() - dt.timedelta(minutes=5)
        key = self.hall.centre_key
        return build_package(folder, self.hall.device, key, self.entropy, now=opened_at, after=after, **options)  # type: ignore[arg-type]

    def send(self, package: BuiltPackage, sent_at: dt.datetime | None = None) -> Receipt:
        sender, session = sender_of(self.hall.device.certificate), package.manifest.session
        objects = {item.description.name: item for item in outgoing_objects(package.files, package.manifest)}
        registration = Registration(
            manifest=(package.folder / "manifest.json").read_text("utf-8"),
            signature=(package.folder / "manifest.sig").read_bytes().hex(),
            objects=[item.description.model_dump(mode="json") for item in objects.values()],  # type: ignore[misc]
        )
        for part in self.centre.register(sender, session, registration).missing:
            item = objects[part.object]
            sha256 = item.description.parts[part.number - 1].sha256
            self.centre.put_part(sender, session, part.object, part.number, item.part(part.number), sha256)
        committed = self.centre.commit(sender, session, None if sent_at is None else sent_at.isoformat())
        return parse(Receipt, committed.receipt.encode())

    def known(self, after: int = 0) -> DeviceAudit:
        return self.centre.audit(sender_of(self.hall.device.certificate), after)

    def chain(self, length: int) -> list[BuiltPackage]:
        """Genuine sessions, one after the other; none is sent."""
        made = [self.seal()]
        while len(made) < length:
            made.append(self.seal(made[-1].manifest))
        return made


@pytest.fixture
def counter(tmp_path: Path) -> Counter:
    clock = FixedClock(NOW)
    Centre.create(tmp_path / "centre", "centre", False, clock, CountedEntropy("centre"))
    centre = Centre.open(tmp_path / "centre", clock, CountedEntropy("centre again"), ShippedRules())
    return Counter(centre, enrol(centre, tmp_path), clock, tmp_path)


def test_sessions_in_any_order_contradict_nothing(counter: Counter) -> None:
    """One that waits for a supervisor is overtaken."""
    first, second, third, fourth = counter.chain(4)
    for package in (first, fourth, second, third):
        assert counter.send(package).reasons == ()
    assert counter.known().missing == []


def test_the_centre_tells_what_it_knows_of_a_device(counter: Counter) -> None:
    first, second, third = counter.chain(3)
    counter.send(first)
    counter.send(third, sent_at=NOW + dt.timedelta(seconds=2.5))
    known = counter.known()
    assert [(it.session, it.device_sequence) for it in known.sessions] == [
        (package.manifest.session, package.manifest.device_sequence) for package in (first, third)
    ]
    assert known.sessions[1].previous == second.manifest.sha256
    assert known.sessions[1].audit == KnownHead(**third.manifest.audit.model_dump())
    assert [(gap.first, gap.last, gap.told) for gap in known.missing] == [(2, 2, None)]
    assert (known.clock_difference_s, known.next) == (2.5, None)
    assert [it.session for it in counter.known(after=1).sessions] == [third.manifest.session]


def test_a_device_hears_of_itself_alone(counter: Counter, tmp_path: Path) -> None:
    counter.send(counter.seal())
    (tmp_path / "other").mkdir()
    other = Counter(counter.centre, enrol(counter.centre, tmp_path / "other"), counter.clock, tmp_path)
    assert (other.known().sessions, other.known().missing) == ([], [])


def test_many_sessions_come_in_pages(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hallclient.central.reception.MOST_KNOWN_SESSIONS", 2)
    sent = counter.chain(3)
    for package in sent:
        counter.send(package)
    first = counter.known()
    assert (len(first.sessions), first.next) == (2, 2)
    assert [it.session for it in counter.known(after=2).sessions] == [sent[2].manifest.session]


@pytest.mark.attack("T5", "a number that the centre never gets")
def test_a_deleted_session_is_told_of_once_and_after_a_while(counter: Counter) -> None:
    first, _, third = counter.chain(3)
    counter.send(first)
    assert counter.send(third).reasons == ()  # it may yet come
    counter.clock.time += dt.timedelta(days=8)
    fourth = counter.seal(third.manifest)
    receipt = counter.send(fourth)
    assert (receipt.outcome, receipt.reasons) == (Outcome.PENDING_REVIEW, ("sequence_whole",))
    (gap,) = counter.known().missing
    assert (gap.first, gap.last, gap.told) == (2, 2, fourth.manifest.session)
    assert counter.send(counter.seal(fourth.manifest)).reasons == ()


def test_one_that_comes_late_closes_the_gap_that_was_told(counter: Counter) -> None:
    first, second, third = counter.chain(3)
    counter.send(first)
    counter.send(third)
    counter.clock.time += dt.timedelta(days=8)
    assert counter.send(counter.seal(third.manifest)).reasons == ("sequence_whole",)
    assert counter.send(second).reasons == ()
    assert counter.known().missing == []


@pytest.mark.attack("T5", "a number that no counter reached")
def test_a_number_that_no_counter_reached_is_told_of_at_once(counter: Counter) -> None:
    assert counter.send(counter.seal(sequence=5_000_000_000)).reasons == ("sequence_whole",)
    assert [(gap.first, gap.last) for gap in counter.known().missing] == [(1, 4_999_999_999)]


@pytest.mark.attack("T5", "a session in place of a deleted one")
def test_a_session_in_place_of_a_deleted_one_shows(counter: Counter) -> None:
    """The last one is deleted and its number given to another, before either was sent."""
    first, second = counter.chain(2)
    counter.send(first)
    following = counter.seal(second.manifest)
    replacing = counter.seal(first.manifest)
    assert counter.send(replacing).reasons == ()
    assert counter.send(following).reasons == ("previous_as_known",)


def test_a_predecessor_that_comes_after_is_compared_as_well(counter: Counter) -> None:
    first, second = counter.chain(2)
    counter.send(first)
    counter.send(counter.seal(second.manifest))
    assert counter.send(counter.seal(first.manifest)).reasons == ("previous_as_known",)


@pytest.mark.attack("T8", "a restored backup uses numbers again")
def test_a_restored_backup_strands_no_session(counter: Counter) -> None:
    """It counts from an older number, with an older log: what it sends is kept, and never passes by itself."""
    first, second = counter.chain(2)
    for package in (first, second):
        counter.send(package)
    again = counter.send(counter.seal(first.manifest))
    assert (again.outcome, again.reasons) == (Outcome.PENDING_REVIEW, ("sequence_free", "audit_as_known"))
    assert [it.device_sequence for it in counter.known().sessions] == [1, 2, 2]


Heads = Callable[[AuditHead], AuditHead]


@pytest.mark.parametrize(
    "change",
    [
        lambda before: before,  # nothing happened since, not even an opening
        lambda before: AuditHead(sequence=before.sequence, head="cd" * 32),  # written anew
        lambda before: AuditHead(sequence=before.sequence - 1, head="cd" * 32),  # cut
        lambda _: AuditHead(sequence=1, head="cd" * 32),  # begun anew
    ],
    ids=["the same", "another head", "shorter", "empty"],
)
@pytest.mark.attack("T5", "an audit head that does not follow the last")
def test_a_log_that_does_not_grow_shows(counter: Counter, change: Heads) -> None:
    first = counter.seal()
    counter.send(first)
    second = counter.seal(first.manifest)
    assert counter.send(second.resign(audit=change(first.manifest.audit))).reasons == ("audit_as_known",)


WRONG_CLOCK = pytest.mark.attack("T14", "a clock that differs from the centre's")


@pytest.mark.parametrize(
    ("minutes", "reasons"),
    [
        (4, ()),
        (-4, ()),
        pytest.param(6, ("clocks_agree",), marks=WRONG_CLOCK),
        pytest.param(-6, ("clocks_agree",), marks=WRONG_CLOCK),
    ],
)
def test_a_clock_that_is_wrong_is_told(counter: Counter, minutes: int, reasons: tuple[str, ...]) -> None:
    receipt = counter.send(counter.seal(), sent_at=NOW + dt.timedelta(minutes=minutes))
    assert (receipt.reasons, receipt.clock_difference_s) == (reasons, 60.0 * minutes)
    assert counter.known().clock_difference_s == 60.0 * minutes


@pytest.mark.parametrize(
    ("sealed_s", "sent_s", "agree"),
    [
        (300.0, None, True),
        (-300.1, None, False),
        (0.0, 0.0, True),
        (400.0, 0.0, False),  # put right before it was sent
        (200.0, -200.0, False),  # each by itself would do, and it is not one clock
        (200.0, 300.0, True),
    ],
)
def test_what_a_device_says_of_its_clock_is_compared_with_what_the_centre_sees(
    counter: Counter, sealed_s: float, sent_s: float | None, agree: bool
) -> None:
    said = ClockStatus(status="checked", difference_s=sealed_s, age_s=30.0)
    sent_at = None if sent_s is None else NOW + dt.timedelta(seconds=sent_s)
    receipt = counter.send(counter.seal().resign(clock_status=said), sent_at=sent_at)
    assert receipt.reasons == (() if agree else ("clocks_agree",))


def test_who_does_not_say_the_time_is_not_asked(counter: Counter) -> None:
    assert counter.send(counter.seal()).clock_difference_s is None


def test_rubbish_for_a_time_says_nothing(counter: Counter) -> None:
    package = counter.seal()
    counter.send(package)
    sender = sender_of(counter.hall.device.certificate)
    assert counter.centre.commit(sender, package.manifest.session, "rubbish").receipt  # the same receipt again


def test_the_receipt_countersigns_number_and_audit_head(counter: Counter) -> None:
    package = counter.seal()
    receipt = counter.send(package)
    assert (receipt.device_sequence, receipt.audit) == (1, package.manifest.audit)


def test_what_was_received_is_known_after_a_restart(counter: Counter, tmp_path: Path) -> None:
    first = counter.seal()
    counter.send(first)
    counter.centre = Centre.open(tmp_path / "centre", counter.clock, CountedEntropy("third"))
    photo = {"holder.live_photo": first.content("holder.live_photo")}
    assert counter.send(counter.seal(first.manifest, replacing=photo)).reasons == ("file_new",)


def test_a_correction_is_of_the_same_business(counter: Counter) -> None:
    first = counter.seal()
    counter.send(first)
    other = counter.seal(first.manifest, scene="numbers_under_my_name").resign(corrects=first.manifest.session)
    receipt = counter.send(other)
    assert (receipt.outcome, "corrected_alike" in receipt.reasons) == (Outcome.PENDING_REVIEW, True)
