"""Parts are made ready one by one; a failure is its own, and nobody waits for what does not come."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from traceback import walk_tb

import pytest

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.services import preparation as module
from hallclient.services.access import OpenHall
from hallclient.services.bug_log import report_bug
from hallclient.services.counter import Counter
from hallclient.services.equipment import Equipment
from hallclient.services.preparation import Part, Preparation, Readiness
from tests.clock import HandClock
from tests.doubles import Recorder, equipment

PATIENCE_S = 60


class Worker:
    """A face process that is ready, or raises."""

    def __init__(self, failure: KnownError | None = None) -> None:
        self.failure = failure
        self.calls: list[str] = []

    def prewarm(self) -> None:
        self._called("prewarm")

    def await_ready(self) -> None:
        self._called("await_ready")

    def watch(self, listener: Callable[[], None]) -> None:
        self._called("watch")

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.failure is not None:
            raise self.failure


class BrokenRecorder(Recorder):
    """Its process starts, and dies over its libraries."""

    def await_ready(self) -> None:
        raise KnownError(FailureCode.RECORDER_FAILED, "exit 1")


@pytest.fixture(autouse=True)
def documents(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The libraries are not loaded here."""
    warmed: list[str] = []
    monkeypatch.setattr(module, "_warm_up_documents", lambda: warmed.append("documents"))
    return warmed


def run(preparation: Preparation) -> list[Readiness]:
    """All that a listener hears until nothing is missing."""
    heard: list[Readiness] = []
    preparation.watch(heard.append)
    preparation.start()
    preparation.wait()
    preparation.close()
    return heard


def test_parts_become_ready_in_their_order(clock: HandClock, documents: list[str]) -> None:
    worker = Worker()
    heard = run(Preparation.of(equipment(clock, face_worker=worker)))
    assert [readiness.missing for readiness in heard] == [tuple(Part)[index:] for index in range(len(Part) + 1)]
    assert heard[-1].failures == ()
    assert worker.calls == ["prewarm", "await_ready"]
    assert documents == ["documents"]


def test_who_listens_late_hears_how_far_it_is(clock: HandClock) -> None:
    preparation = Preparation.of(equipment(clock))
    run(preparation)
    heard: list[Readiness] = []
    preparation.watch(heard.append)
    assert heard == [Readiness(missing=())]


def test_each_failure_is_its_own_and_the_others_go_on(clock: HandClock, documents: list[str]) -> None:
    lost = KnownError(FailureCode.FACE_WORKER_FAILED, "died")
    preparation = Preparation.of(equipment(clock, face_worker=Worker(lost), recorder=BrokenRecorder()))
    last = run(preparation)[-1]
    assert last.missing == ()
    assert [(part, error.code) for part, error in last.failures] == [
        (Part.RECORDER, FailureCode.RECORDER_FAILED),
        (Part.FACES, FailureCode.FACE_WORKER_FAILED),
    ]
    assert documents == ["documents"]
    assert preparation.equipment().printer is not None  # a session may begin all the same


def test_what_failed_is_tried_again_and_then_no_longer_told(
    clock: HandClock, documents: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY_S", 0.01)
    worker = Worker(KnownError(FailureCode.FACE_WORKER_FAILED, "died"))
    preparation = Preparation.of(equipment(clock, face_worker=worker))
    mended = threading.Event()

    def follow(readiness: Readiness) -> None:
        if readiness.failures:
            worker.failure = None
        elif not readiness.missing:
            mended.set()

    preparation.watch(follow)
    preparation.start()
    assert mended.wait(PATIENCE_S)
    preparation.close()


def test_without_devices_there_is_nothing_else_to_wait_for(documents: list[str]) -> None:
    missing = KnownError(FailureCode.PRACTICE_TOOL_MISSING, "pcscd")

    def none() -> object:
        raise missing

    last = run(Preparation(none))[-1]  # type: ignore[arg-type]
    assert last.missing == ()
    assert [(part, error.code, error.detail) for part, error in last.failures] == [
        (Part.DEVICES, FailureCode.PRACTICE_TOOL_MISSING, "pcscd")
    ]
    assert documents == []


def test_devices_that_come_later_are_made_ready_and_told_of(
    hall: OpenHall, clock: HandClock, documents: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They were missing until the application was started again, and nobody heard of the reader even then."""
    monkeypatch.setattr(module, "RETRY_S", 0.01)
    worker, there, heard, ready = Worker(), threading.Event(), threading.Event(), threading.Event()
    devices = equipment(clock, face_worker=worker)

    def late() -> Equipment:
        if not there.is_set():
            raise KnownError(FailureCode.THRESHOLDS_INVALID)
        return devices

    preparation = Preparation(late)
    counter = Counter(hall, preparation)
    failed: list[Readiness] = []

    def follow(readiness: Readiness) -> None:
        if readiness.failures:
            failed.append(readiness)
        elif not readiness.missing:
            ready.set()

    preparation.watch(follow)
    preparation.start()
    preparation.wait()
    for watch in (counter.watch_reader, counter.watch_face_worker):
        with pytest.raises(KnownError, match="thresholds_invalid"):
            watch(lambda *_: heard.set())
    assert [part for part, _ in failed[-1].failures] == [Part.DEVICES]
    there.set()
    assert ready.wait(PATIENCE_S)
    assert heard.wait(PATIENCE_S)
    preparation.close()
    assert documents == ["documents"]
    assert sorted(worker.calls) == ["await_ready", "prewarm", "watch"]


@pytest.mark.expects_log("bug_log: bug")
def test_who_breaks_over_the_equipment_keeps_it_from_nobody(clock: HandClock) -> None:
    def breaks(_: Equipment) -> None:
        raise ZeroDivisionError

    preparation, used = Preparation.of(equipment(clock)), list[Equipment]()
    preparation.use(breaks)
    preparation.use(used.append)
    assert len(used) == 1


def test_why_there_are_no_devices_stays_as_small_as_it_was_however_often_it_is_told() -> None:
    outcome: Future[Equipment] = Future()
    outcome.set_exception(KnownError(FailureCode.PRACTICE_TOOL_MISSING))
    preparation = Preparation(outcome.result)
    lengths = []
    for _ in range(3):
        with pytest.raises(KnownError) as caught:
            preparation.equipment()
        lengths.append(len(list(walk_tb(caught.value.__traceback__))))
    assert len(set(lengths)) == 1


@pytest.mark.expects_log("bug_log: bug")
def test_after_a_mistake_of_ours_nobody_waits() -> None:
    error = ZeroDivisionError()

    def wrong() -> object:
        raise error

    last = run(Preparation(wrong))[-1]  # type: ignore[arg-type]
    assert last.missing == ()
    assert [(part, failure.code, failure.number) for part, failure in last.failures] == [
        (Part.DEVICES, FailureCode.INTERNAL_ERROR, report_bug(error))
    ]


@pytest.mark.expects_log("bug_log: bug")
def test_a_mistake_of_ours_in_one_part_is_told_and_the_others_go_on(
    clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    error, worker = ZeroDivisionError(), Worker()

    def wrong() -> None:
        raise error

    monkeypatch.setattr(module, "_warm_up_documents", wrong)
    last = run(Preparation.of(equipment(clock, face_worker=worker)))[-1]
    assert worker.calls == ["prewarm", "await_ready"]
    assert [(part, failure.code, failure.number) for part, failure in last.failures] == [
        (Part.DOCUMENTS, FailureCode.INTERNAL_ERROR, report_bug(error))
    ]


@pytest.mark.expects_log("bug_log: bug")
def test_a_listener_that_breaks_ends_nothing(clock: HandClock) -> None:
    def breaks(_: Readiness) -> None:
        raise ZeroDivisionError

    preparation = Preparation.of(equipment(clock))
    preparation.watch(breaks)
    assert run(preparation)[-1] == Readiness(missing=())


def test_a_listener_may_wait_for_who_asks_meanwhile(clock: HandClock) -> None:
    """It is called without the lock: another thread's question is answered while it runs."""
    preparation = Preparation.of(equipment(clock))
    with ThreadPoolExecutor(max_workers=1) as other:

        def asks(readiness: Readiness) -> None:
            if not readiness.missing:
                assert other.submit(preparation.wait).result(PATIENCE_S) == readiness
                answered.set()

        answered = threading.Event()
        preparation.watch(asks)
        preparation.start()
        assert answered.wait(PATIENCE_S)
        preparation.close()


def test_a_session_waits_for_the_devices(hall: OpenHall, clock: HandClock) -> None:
    """Whoever logs in early can begin: the session is there as soon as the devices are."""
    may_open = threading.Event()

    def late() -> object:
        may_open.wait(PATIENCE_S)
        return equipment(clock)

    counter = Counter(hall, Preparation(late))  # type: ignore[arg-type]
    assert counter.unfinished() == []  # needs no device
    with ThreadPoolExecutor(max_workers=1) as clerk:
        opening = clerk.submit(counter.open_session, "new_number", "13800000021")
        assert not opening.done()
        may_open.set()
        opening.result(PATIENCE_S)
    counter.close_session()
    assert len(counter.unfinished()) == 1
