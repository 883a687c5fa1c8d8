"""The monitor against a scripted service: what Windows does cannot be had from pcscd."""

from collections.abc import Mapping
from queue import Empty, SimpleQueue
from threading import Event

import pytest

from drivers.idcard import service_monitor
from drivers.idcard.service_monitor import ServiceMonitor
from drivers.idcard.transports.pcsc import ReaderLook
from hallclient.domain.failures import FailureCode, KnownError
from tests.drivers.idcard.conftest import PATIENCE_S

ONE, TWO = ReaderLook(0x12), ReaderLook(0x22)


class ScriptedService:
    """Answers from a list; then it waits for a cancel."""

    def __init__(self, answers: list[dict[str, ReaderLook] | FailureCode], names: list[list[str]]) -> None:
        self.answers = answers
        self.names = names
        self.cancelled = Event()
        self.closed = False

    def reader_names(self) -> list[str]:
        return self.names.pop(0) if len(self.names) > 1 else self.names[0]

    def wait(self, known: Mapping[str, ReaderLook], timeout_s: float) -> dict[str, ReaderLook] | None:
        if not self.answers:
            self.cancelled.wait(PATIENCE_S)
            return None
        answer = self.answers.pop(0)
        if isinstance(answer, FailureCode):
            raise KnownError(answer)
        return answer

    def cancel(self) -> None:
        self.cancelled.set()

    def close(self) -> None:
        self.closed = True


def closed(monitor: ServiceMonitor) -> None:
    monitor.end()
    assert monitor.join(PATIENCE_S)


def no_bug(error: BaseException) -> str:
    raise AssertionError from error


def test_windows_stops_the_service_with_the_last_reader_and_starts_it_with_the_next() -> None:
    stopped = ScriptedService([{"A": ReaderLook(0x12)}, FailureCode.READER_SERVICE_DOWN], [["A"]])
    started = ScriptedService([{"A": ReaderLook(0x12)}], [["A"]])
    services: list[ScriptedService | None] = [stopped, None, started]
    news: SimpleQueue[object] = SimpleQueue()

    def connect() -> ScriptedService:
        service = services.pop(0)
        if service is None:
            raise KnownError(FailureCode.READER_SERVICE_DOWN)
        return service

    ended = Event()
    monitor = ServiceMonitor(connect, news.put, lambda error: news.put(error.code), ended.set, no_bug)
    there = {"A": ReaderLook(0x12).presence()}
    seen = [news.get(timeout=PATIENCE_S) for _ in range(4)]
    assert seen == [there, FailureCode.READER_SERVICE_DOWN, FailureCode.READER_SERVICE_DOWN, there]
    closed(monitor)
    assert ended.is_set()
    assert stopped.closed
    assert started.closed


def test_a_reader_that_goes_between_two_looks_takes_nobody_with_it() -> None:
    service = ScriptedService([{"A": ONE, "B": ONE}, FailureCode.READER_MISSING, {"B": TWO}], [["A", "B"], ["B"]])
    news: SimpleQueue[object] = SimpleQueue()
    monitor = ServiceMonitor(lambda: service, news.put, news.put, lambda: None, no_bug)
    one, two = ONE.presence(), TWO.presence()
    assert [news.get(timeout=PATIENCE_S) for _ in range(3)] == [{"A": one, "B": one}, {"B": one}, {"B": two}]
    closed(monitor)


def test_what_nobody_foresaw_is_reported_and_the_watching_begins_anew() -> None:
    """Whoever raises: the service's own code, or who is told."""
    news: SimpleQueue[object] = SimpleQueue()
    service, reported = ScriptedService([{"A": ONE}], [["A"]]), []
    raising = [ZeroDivisionError(), None]

    def connect() -> ScriptedService:
        if (error := raising.pop(0)) is not None:
            raise error
        return service

    def lost(error: KnownError) -> None:
        news.put((error.code, error.number))
        raise AttributeError

    def report(error: BaseException) -> str:
        reported.append(type(error))
        return "7K2M9Q"

    monitor = ServiceMonitor(connect, news.put, lost, lambda: None, report)
    assert news.get(timeout=PATIENCE_S) == (FailureCode.INTERNAL_ERROR, "7K2M9Q")
    assert news.get(timeout=PATIENCE_S) == {"A": ONE.presence()}
    assert reported == [ZeroDivisionError, AttributeError]
    closed(monitor)


class HangingService(ScriptedService):
    """Does not answer one call until it goes on."""

    def __init__(self, hangs_at: str) -> None:
        super().__init__([{"A": ONE}, {"A": TWO}], [["A"]])
        self.goes_on = Event()
        self._hangs_at = hangs_at

    def _hang(self, call: str) -> None:
        if call == self._hangs_at:
            self.goes_on.wait(PATIENCE_S)

    def connected(self) -> "HangingService":
        self._hang("connect")
        return self

    def reader_names(self) -> list[str]:
        self._hang("names")
        return super().reader_names()

    def wait(self, known: Mapping[str, ReaderLook], timeout_s: float) -> dict[str, ReaderLook] | None:
        self._hang("wait")
        return super().wait(known, timeout_s)


@pytest.mark.parametrize("call", ["connect", "names", "wait"])
def test_whatever_is_not_answered_is_told_once_and_what_is_answered_late_counts(
    call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert service_monitor.RELIST_INTERVAL_S + service_monitor.ANSWER_PATIENCE_S <= 3.0  # somebody stands there
    monkeypatch.setattr(service_monitor, "ANSWER_PATIENCE_S", 0.05)
    monkeypatch.setattr(service_monitor, "RELIST_INTERVAL_S", 0.05)
    service, news = HangingService(call), SimpleQueue[object]()
    monitor = ServiceMonitor(service.connected, news.put, lambda error: news.put(error.code), lambda: None, no_bug)
    assert news.get(timeout=PATIENCE_S) is FailureCode.READER_SERVICE_HUNG
    with pytest.raises(Empty):
        news.get(timeout=0.2)
    service.goes_on.set()
    while (told := news.get(timeout=PATIENCE_S)) is FailureCode.READER_SERVICE_HUNG:
        pass  # another call, on a busy computer
    assert told == {"A": ONE.presence()}
    closed(monitor)
    assert service.closed


def test_a_service_that_does_not_end_its_call_is_not_waited_for() -> None:
    service = HangingService("names")
    ended = Event()
    monitor = ServiceMonitor(service.connected, print, print, ended.set, no_bug)
    monitor.end()
    assert not monitor.join(0.05)
    service.goes_on.set()
    assert monitor.join(PATIENCE_S)
    assert ended.is_set()
