"""The outbox and a real centre: what goes out, what waits, what is destroyed."""

import datetime as dt
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from hallclient.central.centre import Centre
from hallclient.central.identity import change_identity
from hallclient.central.store import ObjectStore
from hallclient.domain.delivery import LONGEST_RETRY_S, MOST_BREAKDOWNS, DeliveryState
from hallclient.domain.evidence.receipt import Outcome
from hallclient.domain.evidence.review import ReviewDecision
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.inspection.content import PackageFiles
from hallclient.domain.inspection.package import inspect
from hallclient.rule_texts import ShippedRules
from hallclient.services.access import DATABASE, OpenHall
from hallclient.services.dispatch import Dispatch, DispatchStatus, must_have_no_courier, release
from hallclient.services.review import ReviewDesk
from hallclient.storage import deliveries, sessions
from hallclient.storage.audit import events, first_broken_link
from hallclient.storage.database import Database
from hallclient.sync.client import CentreClient, SignedReceipt
from hallclient.system import SystemClock, SystemEntropy
from tests import doubles
from tests.clock import HandClock
from tests.counters import make_counter
from tests.drivers.waiting import eventually
from tests.hallclient.central.cable import cable_to
from tests.hallclient.central.running import running
from tests.hallclient.services.sessions import open_session, walk
from tests.halls import SUPERVISOR, open_hall

NOBODY = "https://127.0.0.1:9"
GENEROUS_S = 60.0


@pytest.fixture
def clock() -> HandClock:
    return HandClock(dt.datetime.now(dt.UTC))  # TLS looks at the machine's clock


@pytest.fixture
def centre(tmp_path: Path) -> Centre:
    return Centre.create(tmp_path / "central", "test", True, SystemClock(), SystemEntropy())


@pytest.fixture
def hall(tmp_path: Path, clock: HandClock, centre: Centre) -> Iterator[OpenHall]:
    folder = tmp_path / "hall"
    make_counter(folder, centre, clock)
    opened = open_hall(folder, clock)
    yield opened
    opened.close()


def a_second_later(clock: HandClock, holds: Callable[[], bool]) -> Callable[[], bool]:
    """Whether it holds, a second later each time that it is asked."""

    def asked() -> bool:
        clock.advance(1.0)
        return holds()

    return asked


def sealed(hall: OpenHall, clock: HandClock, score: float = 0.6) -> str:
    session = open_session(hall, doubles.equipment(clock, matcher=doubles.Matcher(score)))
    walk(session, clock)
    session.close()
    return session.session_id


def test_a_package_is_delivered_once_and_then_nothing_on_the_disk_opens_it(
    hall: OpenHall, clock: HandClock, centre: Centre
) -> None:
    session = sealed(hall, clock)
    with running(centre) as url:
        dispatch = Dispatch(hall, url)
        assert dispatch.outcome(session) is Outcome.PROVISIONAL
        (delivered,) = dispatch.send_all()
        assert dispatch.send_all() == []
        dispatch.close()
    assert (delivered.session, delivered.outcome) == (session, Outcome.PASSED)
    assert dispatch.outcome(session) is Outcome.PASSED
    inspection = inspect(hall.vault.package(session), hall.roots, ShippedRules())
    assert inspection.holds
    assert inspection.receipt is not None
    with hall.database.transaction() as tables:
        assert sessions.wrapped_data_key(tables, session) is None
        assert first_broken_link(tables) is None


def test_offline_it_waits_longer_each_time_and_loses_nothing(hall: OpenHall, clock: HandClock, centre: Centre) -> None:
    session = sealed(hall, clock)
    dispatch = Dispatch(hall)
    assert not dispatch.reachable()
    for _ in range(3):
        with pytest.raises(KnownError, match="centre_unreachable"):
            dispatch.send_all()
    assert dispatch.status.waiting == 1
    dispatch.close()
    clock.advance(LONGEST_RETRY_S)
    with running(centre) as url:
        dispatch = Dispatch(hall, url)
        assert [item.session for item in dispatch.send_all()] == [session]
        dispatch.close()


@pytest.mark.expects_log("refused .*/commit: package_refused")
def test_a_damaged_package_is_set_aside_and_the_others_go(hall: OpenHall, clock: HandClock, centre: Centre) -> None:
    bad, good = sealed(hall, clock), sealed(hall, clock)
    path = hall.vault.path(bad, "holder.live_photo")
    path.write_bytes(path.read_bytes()[:-1])
    with running(centre) as url:
        dispatch = Dispatch(hall, url)
        delivered = {item.session: item for item in dispatch.send_all()}
        status = dispatch.status
        dispatch.close()
    assert delivered[bad].failure is FailureCode.CENTRE_REFUSED_RECORD
    assert delivered[good].outcome is Outcome.PASSED
    assert (status.waiting, status.quarantined) == (0, 1)
    with hall.database.transaction() as tables:
        assert sessions.wrapped_data_key(tables, bad) is not None


@pytest.mark.expects_log("refused .*/commit: package_refused")
@pytest.mark.attack("T8", "a package is damaged, and quarantined for good")
def test_what_was_set_aside_goes_again_when_it_was_mended(hall: OpenHall, clock: HandClock, centre: Centre) -> None:
    session = sealed(hall, clock)
    path = hall.vault.path(session, "holder.live_photo")
    genuine = path.read_bytes()
    path.write_bytes(genuine[:-1])
    with running(centre) as url:
        dispatch = Dispatch(hall, url)
        (set_aside,) = dispatch.send_all()
        path.write_bytes(genuine)
        assert dispatch.send_all() == []  # nobody has said that it was mended
        release(hall, session)
        (delivered,) = dispatch.send_all()
        dispatch.close()
    assert set_aside.state is DeliveryState.QUARANTINED
    assert (delivered.session, delivered.outcome) == (session, Outcome.PASSED)
    with hall.database.reading() as tables:
        assert [event.event for _, event in events(tables, session)][-3:] == ["quarantined", "released", "delivered"]
        assert first_broken_link(tables) is None


def test_only_what_was_set_aside_is_released(hall: OpenHall, clock: HandClock) -> None:
    for session in (sealed(hall, clock), "nobody's"):
        with pytest.raises(KnownError, match="not_quarantined"):
            release(hall, session)


@pytest.mark.parametrize("name", ["manifest.sig", "manifest.json", "holder.record.enc", ""])
@pytest.mark.may_log("refused .*")
@pytest.mark.attack(
    "T8", "a waiting package without manifest.sig blocks the queue", answer="set aside; the others went"
)
def test_a_package_that_cannot_be_read_blocks_none_behind_it(
    hall: OpenHall, clock: HandClock, centre: Centre, name: str
) -> None:
    bad, *good = (sealed(hall, clock) for _ in range(3))
    folder = hall.vault.package(bad).folder
    if name:
        (folder / name).unlink()
    else:
        shutil.rmtree(folder)
    with running(centre) as url:
        dispatch = Dispatch(hall, url)
        delivered = {item.session: item for item in dispatch.send_all()}
        dispatch.close()
    assert {session: delivered[session].outcome for session in good} == dict.fromkeys(good, Outcome.PASSED)
    # A folder that is not there may be on a disk that comes back.
    assert delivered[bad].state is (DeliveryState.QUARANTINED if name else DeliveryState.WAITING)


@pytest.mark.attack("T8", "a folder in place of a file blocks the queue", answer="set aside; the others went")
def test_a_folder_in_place_of_a_file_blocks_none_behind_it(hall: OpenHall, clock: HandClock, centre: Centre) -> None:
    bad, good = sealed(hall, clock), sealed(hall, clock)
    path = hall.vault.package(bad).folder / "manifest.sig"
    path.unlink()
    path.mkdir()
    with running(centre) as url:
        dispatch = Dispatch(hall, url)
        delivered = {item.session: item for item in dispatch.send_all()}
        dispatch.close()
    assert (delivered[good].outcome, delivered[bad].outcome) == (Outcome.PASSED, None)


@pytest.mark.expects_log("refused .*: practice_package")
def test_a_real_centre_refuses_what_was_practised(
    hall: OpenHall, clock: HandClock, centre: Centre, tmp_path: Path
) -> None:
    sealed(hall, clock)
    change_identity(tmp_path / "central", practice=False)  # a practice centre had certified everybody at once
    with running(Centre.open(tmp_path / "central", SystemClock(), SystemEntropy())) as url:
        dispatch = Dispatch(hall, url)
        (delivered,) = dispatch.send_all()
        dispatch.close()
    assert delivered.failure is FailureCode.CENTRE_REFUSED_RECORD


def test_a_flagged_session_waits_for_its_review_and_goes_with_it(
    hall: OpenHall, clock: HandClock, centre: Centre
) -> None:
    session = sealed(hall, clock, score=0.35)
    with running(centre) as url:
        dispatch = Dispatch(hall, url)
        assert dispatch.send_all() == []
        assert dispatch.outcome(session) is Outcome.PENDING_REVIEW
        supervisor = open_hall(hall.folder, clock, SUPERVISOR)
        desk = ReviewDesk(supervisor, doubles.PortraitDecoder(None))
        desk.decide(session, ReviewDecision.APPROVED, "本人", "护照")
        (delivered,) = dispatch.send_all()
        dispatch.close()
        supervisor.close()
    assert delivered.outcome is Outcome.PASSED


@pytest.mark.attack("T1", "a foreign centre at the address that the hall knows", answer="centre_untrusted, kept")
def test_another_root_is_not_this_halls_centre(hall: OpenHall, clock: HandClock, tmp_path: Path) -> None:
    sealed(hall, clock)
    other = Centre.create(tmp_path / "other", "other", True, SystemClock(), SystemEntropy())
    with running(other) as url:
        dispatch = Dispatch(hall, url)
        with pytest.raises(KnownError, match="centre_untrusted"):
            dispatch.send_all()
        dispatch.close()
    assert dispatch.status.waiting == 1


def test_in_the_background_a_sealed_session_goes_out_by_itself(
    hall: OpenHall, clock: HandClock, centre: Centre
) -> None:
    arrived = threading.Event()
    seen: list[DispatchStatus] = []

    def listen(status: DispatchStatus) -> None:
        seen.append(status)
        if status.online and status.waiting == 0:
            arrived.set()

    session = sealed(hall, clock)
    with running(centre) as url:
        dispatch = Dispatch(hall, url)
        dispatch.start()
        dispatch.watch(listen)
        dispatch.wake()
        assert arrived.wait(60)
        dispatch.close()
    assert dispatch.outcome(session) is Outcome.PASSED
    assert seen[-1].failure is None


def test_closing_cuts_a_delivery_off_which_is_no_breakdown(
    hall: OpenHall, clock: HandClock, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = sealed(hall, clock)
    sending, may_go_on = threading.Event(), threading.Event()
    put = ObjectStore.put

    def slow(*arguments: Any) -> None:
        sending.set()
        assert may_go_on.wait(GENEROUS_S)
        put(*arguments)

    monkeypatch.setattr(ObjectStore, "put", slow)
    with running(centre) as url:
        dispatch = Dispatch(hall, url)
        dispatch.start()
        assert sending.wait(GENEROUS_S)
        dispatch.close()
        assert not may_go_on.is_set()  # it did not wait for the centre
        may_go_on.set()
        with hall.database.reading() as tables:
            rows = tables.execute("SELECT state, failure, breakdowns FROM delivery").fetchall()
        assert [tuple(row) for row in rows] == [("waiting", "centre_unreachable", 0)]
        second = Dispatch(hall, url)
        assert [item.session for item in second.send_all()] == [session]
        second.close()


def test_a_line_that_goes_dead_in_a_delivery_is_told_and_the_delivery_goes_on_when_it_is_back(
    hall: OpenHall, clock: HandClock, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing refuses and nothing hangs up: the delivery itself would wait for two minutes before it said so."""
    session = sealed(hall, clock)
    put, told = ObjectStore.put, SimpleQueue[bool | None]()
    with running(centre) as url, cable_to(url) as cable:

        def cut(*arguments: Any) -> None:
            put(*arguments)
            cable.cut()

        monkeypatch.setattr(ObjectStore, "put", cut)
        dispatch = Dispatch(hall, cable.url)
        dispatch.watch(lambda status: told.put(status.online))
        dispatch.start()
        eventually(a_second_later(clock, lambda: dispatch.status.online is False))
        assert dispatch.status.failure is FailureCode.CENTRE_UNREACHABLE
        until(told, False)
        monkeypatch.setattr(ObjectStore, "put", put)
        cable.mend()
        until(told, True)
        eventually(lambda: dispatch.outcome(session) is not Outcome.PROVISIONAL)
        with hall.database.reading() as tables:
            assert tables.execute("SELECT attempts FROM delivery").fetchone()[0] == 1
        dispatch.close()


def test_a_centre_that_takes_long_over_a_delivery_is_not_called_offline(
    hall: OpenHall, clock: HandClock, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = sealed(hall, clock)
    put, probe = ObjectStore.put, CentreClient.probe
    sending, may_go_on, told, answered = threading.Event(), threading.Event(), [], []

    def slow(*arguments: Any) -> None:
        sending.set()
        assert may_go_on.wait(GENEROUS_S)
        put(*arguments)

    def counted(client: CentreClient, timeout_s: float) -> None:
        probe(client, GENEROUS_S)  # a busy machine is no dead line
        if sending.is_set():
            answered.append(True)

    monkeypatch.setattr(ObjectStore, "put", slow)
    monkeypatch.setattr(CentreClient, "probe", counted)
    with running(centre) as url, closing(Dispatch(hall, url)) as dispatch:
        dispatch.watch(lambda status: told.append(status.online))
        dispatch.start()
        assert sending.wait(GENEROUS_S)
        eventually(a_second_later(clock, lambda: len(answered) >= 3))
        may_go_on.set()
        # How it ended depends on how far the clock was moved meanwhile: the centre has one of its own.
        eventually(lambda: dispatch.outcome(session) is not Outcome.PROVISIONAL)
    assert False not in told


def failing_for(monkeypatch: pytest.MonkeyPatch, session: str, error: Exception) -> list[str]:
    """From now on `error` meets everybody who sends `session`; returns the sessions in the order they are tried."""
    send, tried = CentreClient.send, []

    def sends(client: CentreClient, package: PackageFiles, session_id: str) -> SignedReceipt:
        tried.append(session_id)
        if session_id == session:
            raise error
        return send(client, package, session_id)

    monkeypatch.setattr(CentreClient, "send", sends)
    return tried


@pytest.mark.expects_log("bug_log: bug")
def test_a_record_with_an_unforeseen_error_waits_behind_the_others_and_is_set_aside_at_last(
    hall: OpenHall, clock: HandClock, centre: Centre, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = sealed(hall, clock), sealed(hall, clock)
    tried = failing_for(monkeypatch, bad, ValueError("a name that nobody may read"))
    with running(centre) as url:
        dispatch = Dispatch(hall, url)
        first = {item.session: item for item in dispatch.send_all()}
        assert (first[bad].state, first[bad].failure) == (DeliveryState.WAITING, FailureCode.INTERNAL_ERROR)
        assert first[good].outcome is Outcome.PASSED
        for _ in range(MOST_BREAKDOWNS - 2):
            assert [item.state for item in dispatch.send_all()] == [DeliveryState.WAITING]
        late = sealed(hall, clock)
        last = dispatch.send_all()
        assert dispatch.status.quarantined == 1
        dispatch.close()
    assert tried[-2:] == [late, bad]
    assert [(item.session, item.state) for item in last] == [
        (late, DeliveryState.ACCEPTED),
        (bad, DeliveryState.QUARANTINED),
    ]
    with hall.database.reading() as tables:
        (detail,) = tables.execute("SELECT detail FROM delivery WHERE session = ?", [bad]).fetchone()
    kind, number = detail.split()
    assert kind == "ValueError"
    assert f"bug {number}" in caplog.text
    assert "nobody may read" not in caplog.text + detail


def test_a_centre_that_stumbles_over_one_record_still_gets_the_others(
    hall: OpenHall, clock: HandClock, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = sealed(hall, clock), sealed(hall, clock)
    failing_for(monkeypatch, bad, KnownError(FailureCode.CENTRE_FAILED, "HTTP 500"))
    with running(centre) as url:
        dispatch = Dispatch(hall, url)
        delivered = {item.session: item for item in dispatch.send_all()}
        dispatch.close()
    assert (delivered[bad].state, delivered[bad].failure) == (DeliveryState.WAITING, FailureCode.CENTRE_FAILED)
    assert delivered[good].outcome is Outcome.PASSED


@pytest.mark.expects_log("bug_log: bug", "nothing goes out: internal_error")
def test_the_courier_outlives_a_record_that_breaks_it_and_listeners_that_raise(
    hall: OpenHall, clock: HandClock, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = sealed(hall, clock), sealed(hall, clock)
    failing_for(monkeypatch, bad, ValueError("unforeseen"))
    said, arrived = threading.Event(), threading.Event()

    def breaks(status: DispatchStatus) -> None:
        if threading.current_thread().name == "courier":
            raise RuntimeError("the window is gone")

    def listen(status: DispatchStatus) -> None:
        if status.failure is FailureCode.INTERNAL_ERROR:
            said.set()
        if status.waiting == 1:
            arrived.set()

    with running(centre) as url:
        dispatch = Dispatch(hall, url)
        dispatch.watch(breaks)
        dispatch.watch(listen)
        dispatch.start()
        assert said.wait(GENEROUS_S)
        assert arrived.wait(GENEROUS_S)
        assert dispatch.outcome(good) is Outcome.PASSED
        assert dispatch.outcome(bad) is Outcome.PROVISIONAL
        dispatch.close()


@pytest.mark.expects_log("nothing goes out: store_busy")
def test_the_courier_outlives_a_locked_database_and_says_it(hall: OpenHall, clock: HandClock, centre: Centre) -> None:
    session = sealed(hall, clock)
    hall.database._connection.execute("PRAGMA busy_timeout = 50")
    said, arrived = threading.Event(), threading.Event()

    def listen(status: DispatchStatus) -> None:
        if status.failure is FailureCode.STORE_BUSY:
            said.set()
        if status.waiting == 0:
            arrived.set()

    other = Database(hall.folder / DATABASE, hall.hall_key)
    with running(centre) as url:
        dispatch = Dispatch(hall, url)
        dispatch.watch(listen)
        with other.transaction() as tables:
            tables.execute("UPDATE setting SET value = value")
            dispatch.start()
            assert said.wait(GENEROUS_S)
        assert arrived.wait(GENEROUS_S)
        assert dispatch.outcome(session) is Outcome.PASSED
        dispatch.close()
    other.close()


@pytest.mark.expects_log("bug_log: bug", "nothing goes out: internal_error")
def test_the_courier_outlives_what_nobody_foresaw(
    hall: OpenHall, clock: HandClock, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = sealed(hall, clock)
    probe, calls = CentreClient.probe, []
    counts, counted = deliveries.counts, []

    def breaks_once(tables: object) -> deliveries.DeliveryCounts:
        counted.append(1)
        if len(counted) == 2:
            raise AttributeError("unforeseen")
        return counts(tables)

    monkeypatch.setattr(deliveries, "counts", breaks_once)

    def breaks_twice(client: CentreClient, timeout_s: float) -> None:
        calls.append(1)
        if len(calls) < 3:
            raise AttributeError("unforeseen")
        probe(client, timeout_s)

    monkeypatch.setattr(CentreClient, "probe", breaks_twice)
    said, arrived = threading.Event(), threading.Event()

    def listen(status: DispatchStatus) -> None:
        if status.failure is FailureCode.INTERNAL_ERROR:
            said.set()
        if status.waiting == 0:
            arrived.set()

    with running(centre) as url:
        dispatch = Dispatch(hall, url)
        dispatch.watch(listen)
        dispatch.start()
        assert said.wait(GENEROUS_S)
        assert arrived.wait(GENEROUS_S)
        dispatch.close()
    assert dispatch.outcome(session) is Outcome.PASSED


@pytest.mark.expects_log("nothing goes out: already_running")
def test_a_folder_has_one_courier(hall: OpenHall, clock: HandClock, centre: Centre) -> None:
    session = sealed(hall, clock)
    with running(centre) as url:
        first, second = Dispatch(hall, url), Dispatch(hall, url)
        first.send_all()
        said = threading.Event()
        second.watch(lambda status: said.set() if status.failure is FailureCode.ALREADY_RUNNING else None)
        with pytest.raises(KnownError, match="already_running"):
            second.send_all()
        second.start()
        assert said.wait(GENEROUS_S)
        first.close()
        second.wake()
        second.close()
        third = Dispatch(hall, url)
        assert third.send_all() == []
        third.close()
    assert third.outcome(session) is Outcome.PASSED


def test_a_connection_that_cannot_be_closed_keeps_no_folder_locked(
    hall: OpenHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: CentreClient) -> None:
        raise OSError("a library may raise anything")

    dispatch = Dispatch(hall)
    assert dispatch.send_all() == []
    with pytest.raises(KnownError, match="already_running"):
        must_have_no_courier(hall.folder)
    with monkeypatch.context() as broken:
        broken.setattr(CentreClient, "close", fails)
        with pytest.raises(OSError, match="anything"):
            dispatch.close()
    must_have_no_courier(hall.folder)
    dispatch.close()


def test_what_a_courier_that_died_was_sending_goes_at_once(hall: OpenHall, clock: HandClock, centre: Centre) -> None:
    session = sealed(hall, clock)
    with hall.database.transaction() as tables:  # it died with the package in its hands
        leased = deliveries.lease(tables, clock.now().timestamp())
    assert leased is not None
    with running(centre) as url:
        dispatch = Dispatch(hall, url)
        (delivered,) = dispatch.send_all()
        dispatch.close()
    assert (delivered.session, delivered.outcome) == (session, Outcome.PASSED)


class BusyOnce:
    """The store's lock is another's once for each of the named writings of the courier, and then free."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *writings: str) -> None:
        self.met: list[str] = []
        for name in writings:
            monkeypatch.setattr(deliveries, name, self._busy_once(name, getattr(deliveries, name)))

    def _busy_once(self, name: str, write: Callable[..., None]) -> Callable[..., None]:
        def busy(*arguments: Any) -> None:
            if name not in self.met:
                self.met.append(name)
                raise KnownError(FailureCode.STORE_BUSY)
            write(*arguments)

        return busy


def test_a_receipt_that_met_a_busy_store_is_asked_for_at_the_next_send(
    hall: OpenHall, clock: HandClock, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row said for five minutes that it was being sent, and the pill that all is well."""
    session = sealed(hall, clock)
    store = BusyOnce(monkeypatch, "accept", "postpone")
    with running(centre) as url:
        dispatch = Dispatch(hall, url)
        with pytest.raises(KnownError, match="store_busy"):
            dispatch.send_all()
        assert store.met == ["accept", "postpone"]
        (delivered,) = dispatch.send_all()
        dispatch.close()
    assert (delivered.session, delivered.outcome) == (session, Outcome.PASSED)


@pytest.mark.expects_log("nothing goes out: store_busy")
@pytest.mark.may_log("bug_log: bug")
@pytest.mark.parametrize("writings", [("accept", "postpone"), ("broke_down",)])
def test_a_record_whose_try_could_not_be_written_down_goes_out_in_the_next_turn(
    writings: tuple[str, ...], hall: OpenHall, clock: HandClock, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No clock is turned on: nothing is waited for but the courier's own turns."""
    session = sealed(hall, clock)
    store = BusyOnce(monkeypatch, *writings)
    if "broke_down" in writings:
        send, tried = CentreClient.send, []

        def wrong_once(client: CentreClient, package: PackageFiles, session_id: str) -> SignedReceipt:
            tried.append(session_id)
            if len(tried) == 1:
                raise ZeroDivisionError
            return send(client, package, session_id)

        monkeypatch.setattr(CentreClient, "send", wrong_once)
    gone = threading.Event()
    with running(centre) as url:
        dispatch = Dispatch(hall, url)
        dispatch.watch(lambda status: gone.set() if status.waiting == 0 else None)
        dispatch.start()
        assert gone.wait(GENEROUS_S)
        dispatch.close()
    assert store.met == list(writings)
    assert dispatch.outcome(session) is Outcome.PASSED
    with hall.database.reading() as tables:
        (breakdowns,) = tables.execute("SELECT breakdowns FROM delivery WHERE session = ?", [session]).fetchone()
    assert breakdowns == 0


@pytest.mark.parametrize("jump", [dt.timedelta(days=-365), dt.timedelta(days=365)])
def test_a_clock_that_jumps_keeps_nothing_in_the_outbox(
    hall: OpenHall, clock: HandClock, centre: Centre, jump: dt.timedelta
) -> None:
    session = sealed(hall, clock)
    arrived = threading.Event()
    offline = Dispatch(hall)
    clock.set(clock.now() + jump)
    with pytest.raises(KnownError, match="centre_unreachable"):
        offline.send_all()
    offline.close()
    clock.set(clock.now() - jump)
    clock.advance(LONGEST_RETRY_S)
    with running(centre) as url:
        dispatch = Dispatch(hall, url)
        dispatch.watch(lambda status: arrived.set() if status.waiting == 0 else None)
        dispatch.start()
        assert arrived.wait(GENEROUS_S)
        dispatch.close()
    assert dispatch.outcome(session) is Outcome.PENDING_REVIEW  # by a clock that is a quarter of an hour ahead


@pytest.mark.expects_log("nothing goes out: centre_untrusted", "nothing goes out: centre_refused_device")
def test_a_false_centre_and_a_refused_device_are_not_called_offline(
    hall: OpenHall, clock: HandClock, centre: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Centre.create(tmp_path / "other", "other", True, SystemClock(), SystemEntropy())
    said = {code: threading.Event() for code in (FailureCode.CENTRE_UNTRUSTED, FailureCode.CENTRE_REFUSED_DEVICE)}

    def listen(status: DispatchStatus) -> None:
        if status.failure in said:
            assert status.online is False
            said[status.failure].set()

    with running(other) as url:
        dispatch = Dispatch(hall, url)
        dispatch.watch(listen)
        dispatch.start()
        assert said[FailureCode.CENTRE_UNTRUSTED].wait(GENEROUS_S)
        monkeypatch.setattr(CentreClient, "probe", refusing)
        dispatch.wake()
        assert said[FailureCode.CENTRE_REFUSED_DEVICE].wait(GENEROUS_S)
        dispatch.close()


def refusing(client: CentreClient, timeout_s: float) -> None:
    raise KnownError(FailureCode.CENTRE_REFUSED_DEVICE, "HTTP 403")


def test_in_the_background_no_network_is_said(hall: OpenHall) -> None:
    said = threading.Event()
    dispatch = Dispatch(hall)
    dispatch.watch(lambda status: said.set() if status.failure is FailureCode.CENTRE_UNREACHABLE else None)
    dispatch.start()
    assert said.wait(60)
    assert dispatch.status.online is False
    dispatch.close()


class Line:
    """A connection that the centre may have closed; every answer comes on a new one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers, self.probed, self.closes_at_once = True, SimpleQueue[bool](), False
        self.hung_up = False
        monkeypatch.setattr(CentreClient, "probe", lambda _, timeout_s: self._probe())
        monkeypatch.setattr(CentreClient, "hung_up", property(lambda _: self.hung_up))

    def _probe(self) -> None:
        self.hung_up = self.closes_at_once
        self.probed.put(self.answers)
        if not self.answers:
            raise KnownError(FailureCode.CENTRE_UNREACHABLE)


def test_a_centre_that_hangs_up_is_asked_at_once_and_its_return_is_told(
    hall: OpenHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing waits in the outbox: without the connection nobody would ask for a minute."""
    line, told = Line(monkeypatch), SimpleQueue[bool | None]()
    dispatch = Dispatch(hall, NOBODY)
    dispatch.watch(lambda status: told.put(status.online))
    dispatch.start()
    until(told, True)
    line.answers, line.hung_up = False, True
    until(told, False)
    line.answers = True
    until(told, True)
    dispatch.close()


def test_a_centre_that_always_hangs_up_is_asked_less_and_less(hall: OpenHall, monkeypatch: pytest.MonkeyPatch) -> None:
    """As what stands before some centres does; then a closed connection says nothing."""
    line = Line(monkeypatch)
    line.closes_at_once = True
    dispatch = Dispatch(hall, NOBODY)
    dispatch.start()
    for _ in range(3):
        assert line.probed.get(timeout=GENEROUS_S)
    eventually(lambda: dispatch._patience_s >= 2.0)
    dispatch.close()
    assert line.probed.empty()


def until(told: "SimpleQueue[bool | None]", wanted: bool) -> None:
    while told.get(timeout=GENEROUS_S) is not wanted:
        pass


@pytest.mark.expects_log("bug_log: bug", "nothing goes out: internal_error")
def test_a_mistake_of_ours_has_its_number_in_the_status(hall: OpenHall, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(_: CentreClient, timeout_s: float) -> None:
        raise AttributeError

    monkeypatch.setattr(CentreClient, "probe", breaks)
    numbers: SimpleQueue[str] = SimpleQueue()
    dispatch = Dispatch(hall, NOBODY)
    dispatch.watch(lambda status: numbers.put(status.number or "") if status.failure else None)
    dispatch.start()
    number = numbers.get(timeout=GENEROUS_S)
    dispatch.close()
    assert len(number) == 6
