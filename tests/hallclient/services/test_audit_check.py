"""Whoever changes, cuts, empties or rewrites the log, or lets a session vanish, is told where."""

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509

from hallclient.central.centre import Centre
from hallclient.domain.audit_fault import AuditFault
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.revocations import sign_revocations
from hallclient.services.access import OpenHall
from hallclient.services.audit_check import AuditReport, check_audit
from hallclient.services.audit_checkpoint import kept_checkpoints, read_checkpoint, take_checkpoint
from hallclient.storage import audit
from hallclient.storage.revocations_file import keep_revocations
from hallclient.storage.tables import Tables
from hallclient.sync.timestamp_client import TimestampClient
from tests import doubles
from tests.clock import HandClock
from tests.counters import deliver, make_centre, open_counter, todays_clock
from tests.hallclient.central.running import running
from tests.hallclient.services.sessions import open_session, walk
from tests.halls import open_hall
from tests.timestamp_service import authority, now, openssl_service


@dataclass(frozen=True)
class Counter:
    """A counter that sealed four sessions, of which its centre has the first three."""

    folder: Path
    clock: HandClock
    centre: Centre
    url: str
    sessions: tuple[str, ...]


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    folder, clock = tmp_path_factory.mktemp("counter"), todays_clock()
    centre, sealed = make_centre(folder / "central"), []
    hall = open_counter(folder / "hall", centre, clock)
    for number in range(4):
        if number == 3:
            assert len(deliver(hall, centre)) == 3
        session = open_session(hall, doubles.equipment(clock))
        walk(session, clock)
        session.close()
        sealed.append(session.session_id)
        clock.advance(60)
    hall.close()
    with running(centre) as url:
        yield Counter(folder / "hall", clock, centre, url, tuple(sealed))


@contextmanager
def copied(counter: Counter, folder: Path) -> Iterator[OpenHall]:
    shutil.copytree(counter.folder, folder)
    hall = open_hall(folder, counter.clock)
    try:
        yield hall
    finally:
        hall.close()


Tampering = Callable[[Tables, OpenHall, Counter], None]


def written_anew(tables: Tables, rows: list[tuple[object, ...]]) -> None:
    """A log that holds in itself: `rows` without their digests, numbered from 1."""
    tables.execute("DELETE FROM audit")
    previous = "0" * 64
    for sequence, row in enumerate(rows, start=1):
        numbered = (sequence, *row)
        previous = audit._digest(previous, numbered)
        tables.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)", [*numbered, previous])


def rows_of(tables: Tables) -> list[tuple[object, ...]]:
    return tables.execute("SELECT at, actor, event, session, detail FROM audit ORDER BY sequence").fetchall()


def edit(tables: Tables, hall: OpenHall, counter: Counter) -> None:
    tables.execute("UPDATE audit SET actor = '1002' WHERE sequence = 3")


def gap(tables: Tables, hall: OpenHall, counter: Counter) -> None:
    tables.execute("DELETE FROM audit WHERE sequence BETWEEN 3 AND 5")


def cut_tail(tables: Tables, hall: OpenHall, counter: Counter) -> None:
    tables.execute("DELETE FROM audit WHERE sequence > 6")


def emptied(tables: Tables, hall: OpenHall, counter: Counter) -> None:
    tables.execute("DELETE FROM audit")


def rewritten(tables: Tables, hall: OpenHall, counter: Counter) -> None:
    """Every row stands, but for one name."""
    rows = [(at, "1002" if place == 3 else actor, *rest) for place, (at, actor, *rest) in enumerate(rows_of(tables))]
    written_anew(tables, rows)


def from_scratch(tables: Tables, hall: OpenHall, counter: Counter) -> None:
    written_anew(tables, rows_of(tables)[:1])


def without_a_session(tables: Tables, hall: OpenHall, counter: Counter, place: int) -> None:
    """Its rows, its folder and all that the log says of it; the log is written anew and holds."""
    session = counter.sessions[place]
    written_anew(tables, [row for row in rows_of(tables) if row[3] != session])
    for table, column in (("session_step", "session"), ("data_key", "session"), ("delivery", "session")):
        tables.execute(f"DELETE FROM {table} WHERE {column} = ?", [session])
    tables.execute("DELETE FROM session WHERE id = ?", [session])
    shutil.rmtree(hall.vault.package(session).folder)


def second_deleted(tables: Tables, hall: OpenHall, counter: Counter) -> None:
    without_a_session(tables, hall, counter, 1)


def renumbered(tables: Tables, hall: OpenHall, counter: Counter) -> None:
    """The second is gone and the others have moved up."""
    without_a_session(tables, hall, counter, 1)
    tables.execute("UPDATE session SET device_sequence = device_sequence - 1 WHERE device_sequence > 2")


def manifest_gone(tables: Tables, hall: OpenHall, counter: Counter) -> None:
    (hall.vault.package(counter.sessions[0]).folder / "manifest.json").unlink()


def signature_spoilt(tables: Tables, hall: OpenHall, counter: Counter) -> None:
    path = hall.vault.package(counter.sessions[0]).folder / "manifest.sig"
    path.write_bytes(bytes(96))


def receipt_gone(tables: Tables, hall: OpenHall, counter: Counter) -> None:
    (hall.vault.package(counter.sessions[0]).folder / "receipt.json").unlink()


def receipts_swapped(tables: Tables, hall: OpenHall, counter: Counter) -> None:
    first, second = (hall.vault.package(session).folder for session in counter.sessions[:2])
    for name in ("receipt.json", "receipt.sig"):
        shutil.copy(first / name, second / name)


def receipt_spoilt(tables: Tables, hall: OpenHall, counter: Counter) -> None:
    (hall.vault.package(counter.sessions[0]).folder / "receipt.sig").write_bytes(bytes(96))


def row_gone(tables: Tables, hall: OpenHall, counter: Counter) -> None:
    """Only the store's row: the folder and the log still know it."""
    session = counter.sessions[2]
    for table in ("session_step", "data_key", "delivery"):
        tables.execute(f"DELETE FROM {table} WHERE session = ?", [session])
    tables.execute("DELETE FROM session WHERE id = ?", [session])


def outcome_edited(tables: Tables, hall: OpenHall, counter: Counter) -> None:
    tables.execute("UPDATE delivery SET outcome = 'not_passed' WHERE session = ?", [counter.sessions[1]])


def unlogged(tables: Tables, hall: OpenHall, counter: Counter) -> None:
    written_anew(tables, [row for row in rows_of(tables) if row[3] != counter.sessions[3]])


def found(report: AuditReport) -> set[tuple[AuditFault, str]]:
    return {(finding.fault, finding.place) for finding in report.findings}


def faults(report: AuditReport) -> set[AuditFault]:
    return {finding.fault for finding in report.findings}


def after(counter: Counter, folder: Path, tampering: Tampering, **how: object) -> AuditReport:
    with copied(counter, folder) as hall:
        with hall.database.transaction() as tables:
            tampering(tables, hall, counter)
        return check_audit(hall, **how)  # type: ignore[arg-type]


def test_what_nobody_touched_holds_and_says_what_it_was_compared_with(counter: Counter, tmp_path: Path) -> None:
    with copied(counter, tmp_path / "hall") as hall:
        alone = check_audit(hall, online=False)
        asked = check_audit(hall, online=True, centre_url=counter.url)
    assert (alone.findings, alone.holds, alone.manifests, alone.receipts) == ((), True, 4, 3)
    assert (alone.known_to_centre, alone.unasked) == (None, None)
    assert (asked.findings, asked.known_to_centre) == ((), 3)


def test_a_receipt_of_a_key_that_was_revoked_before_countersigns_nothing(counter: Counter, tmp_path: Path) -> None:
    keys = counter.centre.keys
    serial, at = keys.receipt.leaf.serial_number, counter.clock.now() - dt.timedelta(hours=1)
    listed = sign_revocations(keys.issuer, keys.issuer_key, {serial: at}, 99, counter.clock.now())
    with copied(counter, tmp_path / "hall") as hall:
        assert keep_revocations(hall.folder, hall.roots, listed)
        report = check_audit(hall, online=False)
    assert report.receipts == 0
    assert {finding.fault for finding in report.findings} == {AuditFault.RECEIPT_UNTRUSTED}


@pytest.mark.parametrize(
    ("tampering", "expected"),
    [
        (edit, {(AuditFault.ROW_CHANGED, "audit 3")}),
        (gap, {(AuditFault.ROWS_MISSING, "audit 3-5")}),
        (manifest_gone, {AuditFault.MANIFEST_MISSING}),
        (signature_spoilt, {AuditFault.MANIFEST_UNTRUSTED}),
        (receipt_gone, {AuditFault.RECEIPT_MISSING}),
        (receipt_spoilt, {AuditFault.RECEIPT_UNTRUSTED}),
        (receipts_swapped, {AuditFault.RECEIPT_DIFFERS}),
        (cut_tail, {AuditFault.TAIL_MISSING, AuditFault.SESSION_UNLOGGED}),
        (rewritten, {AuditFault.HEAD_DIFFERS}),
        (row_gone, {AuditFault.SESSION_MISSING}),
        (second_deleted, {AuditFault.SESSION_MISSING, AuditFault.HEAD_DIFFERS, AuditFault.TAIL_MISSING}),
        (unlogged, {AuditFault.SESSION_UNLOGGED, AuditFault.TAIL_MISSING}),
        (outcome_edited, {AuditFault.OUTCOME_DIFFERS}),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
@pytest.mark.attack("T5", "the log of a counter")
def test_each_change_is_found_without_the_centre(
    tampering: Tampering, expected: set[object], counter: Counter, tmp_path: Path
) -> None:
    report = after(counter, tmp_path / "hall", tampering, online=False)
    assert expected <= found(report) | faults(report), report.findings
    assert expected in (found(report), faults(report)) or tampering in (cut_tail, second_deleted, unlogged)


@pytest.mark.parametrize("tampering", [emptied, from_scratch])
@pytest.mark.attack("T5", "a log that begins anew")
def test_an_empty_log_and_one_from_scratch_contradict_every_manifest_and_receipt(
    tampering: Tampering, counter: Counter, tmp_path: Path
) -> None:
    report = after(counter, tmp_path / "hall", tampering, online=False)
    cut = [finding for finding in report.findings if finding.fault is AuditFault.TAIL_MISSING]
    assert {finding.detail for finding in cut} == set(counter.sessions)
    assert {finding.witness for finding in cut} == {"manifest", "receipt"}
    assert (AuditFault.LOG_EMPTY in faults(report)) is (tampering is emptied)


@pytest.mark.attack("T5", "a session is deleted at the counter")
def test_a_deleted_session_has_its_number(counter: Counter, tmp_path: Path) -> None:
    report = after(counter, tmp_path / "hall", second_deleted, online=False)
    assert (AuditFault.SESSION_MISSING, "session 2") in found(report)


@pytest.mark.attack("T5", "numbers are moved up over a deleted session")
def test_numbers_that_moved_up_leave_what_was_signed_behind(counter: Counter, tmp_path: Path) -> None:
    report = after(counter, tmp_path / "hall", renumbered, online=False)
    assert AuditFault.MANIFEST_DIFFERS in faults(report)
    assert (AuditFault.PREVIOUS_DIFFERS, counter.sessions[2]) in found(report)


def everything(tables: Tables, hall: OpenHall, counter: Counter) -> None:
    """A hall that looks as on its first day: nothing here says otherwise."""
    for place in range(4):
        without_a_session(tables, hall, counter, place)


@pytest.mark.attack("T5", "every trace is deleted")
def test_what_was_deleted_with_every_trace_the_centre_remembers(counter: Counter, tmp_path: Path) -> None:
    assert after(counter, tmp_path / "alone", everything, online=False).holds
    report = after(counter, tmp_path / "asked", everything, online=True, centre_url=counter.url)
    missing = [finding for finding in report.findings if finding.fault is AuditFault.SESSION_MISSING]
    assert {(finding.place, finding.witness) for finding in missing} == {
        (session, "centre") for session in counter.sessions[:3]
    }


@pytest.mark.attack("T5", "a log written from scratch, before the centre's memory")
def test_a_rewrite_contradicts_the_centres_memory_too(counter: Counter, tmp_path: Path) -> None:
    report = after(counter, tmp_path / "hall", rewritten, online=True, centre_url=counter.url)
    assert {finding.witness for finding in report.findings} == {"manifest", "receipt", "centre"}


def test_a_centre_that_does_not_answer_is_said_and_where_it_has_to_is_a_failure(
    counter: Counter, tmp_path: Path
) -> None:
    with copied(counter, tmp_path / "hall") as hall:
        report = check_audit(hall)
        assert (report.holds, report.unasked) == (True, FailureCode.CENTRE_UNREACHABLE)
        with pytest.raises(KnownError, match="centre_unreachable"):
            check_audit(hall, online=True)


SINCE = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
TSA, FOREIGN = authority("tsa", SINCE, 60), authority("foreign tsa", SINCE, 60)


def with_checkpoint(counter: Counter, folder: Path, copy: Path) -> None:
    """The counter in `folder`, whose log `openssl ts` has countersigned, and the file that somebody carried away."""
    with copied(counter, folder) as hall:
        with openssl_service(copy.parent, TSA) as url:
            client = TimestampClient(TSA.settings(url), hall.entropy, patience_s=60.0)
            path, _ = take_checkpoint(hall, client.stamp)
        shutil.copy(path, copy)


def checked(counter: Counter, folder: Path, tampering: Tampering | None, **how: object) -> AuditReport:
    hall = open_hall(folder, counter.clock)
    try:
        if tampering is not None:
            with hall.database.transaction() as tables:
                tampering(tables, hall, counter)
        return check_audit(hall, online=False, **how)  # type: ignore[arg-type]
    finally:
        hall.close()


@pytest.mark.attack("T5", "a log written anew after a checkpoint")
def test_a_checkpoint_holds_until_the_log_is_written_anew(counter: Counter, tmp_path: Path) -> None:
    folder, copy = tmp_path / "hall", tmp_path / "carried.json"
    before = now().replace(microsecond=0)
    with_checkpoint(counter, folder, copy)
    report = checked(counter, folder, None, checkpoints=[copy], timestamp_roots=[TSA.root])
    assert (report.findings, report.checkpoints) == ((), 2)  # the one that is kept, and its copy
    assert before <= read_checkpoint(copy).timestamp([TSA.root]).at <= now()
    shutil.rmtree(folder / "checkpoints")
    report = checked(counter, folder, everything, checkpoints=[copy], timestamp_roots=[TSA.root])
    assert {(finding.fault, finding.witness) for finding in report.findings} == {
        (AuditFault.TAIL_MISSING, "checkpoint")
    }


def of_another_service(copy: Path) -> list[x509.Certificate]:
    return [FOREIGN.root]


def of_another_head(copy: Path) -> list[x509.Certificate]:
    checkpoint = read_checkpoint(copy)
    head = checkpoint.audit.model_copy(update={"sequence": 1})
    copy.write_bytes(checkpoint.model_copy(update={"audit": head}).canonical())
    return [TSA.root]


def of_another_counter(copy: Path) -> list[x509.Certificate]:
    copy.write_bytes(read_checkpoint(copy).model_copy(update={"counter": "77"}).canonical())
    return [TSA.root]


def rubbish(copy: Path) -> list[x509.Certificate]:
    copy.write_bytes(read_checkpoint(copy).model_copy(update={"reply": "zz"}).canonical())
    return [TSA.root]


def no_document(copy: Path) -> list[x509.Certificate]:
    copy.write_bytes(b"{}")
    return [TSA.root]


@pytest.mark.may_log("pyhanko")
@pytest.mark.parametrize("spoil", [of_another_service, of_another_head, of_another_counter, rubbish, no_document])
def test_a_checkpoint_that_is_none_is_said(
    spoil: Callable[[Path], list[x509.Certificate]], counter: Counter, tmp_path: Path
) -> None:
    folder, copy = tmp_path / "hall", tmp_path / "carried.json"
    with_checkpoint(counter, folder, copy)
    shutil.rmtree(folder / "checkpoints")
    roots = spoil(copy)
    report = checked(counter, folder, None, checkpoints=[copy], timestamp_roots=roots)
    assert found(report) == {(AuditFault.CHECKPOINT_UNTRUSTED, "carried.json")}


@pytest.mark.expects_log("no timestamp")
def test_a_service_that_is_silent_leaves_no_checkpoint(counter: Counter, tmp_path: Path) -> None:
    with copied(counter, tmp_path / "hall") as hall:
        with pytest.raises(KnownError, match="timestamp_unreachable"):
            take_checkpoint(hall, TimestampClient(TSA.settings(), hall.entropy).stamp)
        assert kept_checkpoints(hall) == []
