"""A context is entered, held and left on one thread, and whoever waits for it is told why it cannot be had."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.wiring.held_open import HeldOpen

PATIENCE_S = 60


class Device:
    """Notes which threads opened and closed it."""

    def __init__(self) -> None:
        self.threads: list[int] = []

    @contextmanager
    def opened(self) -> Iterator[str]:
        self.threads.append(threading.get_ident())
        yield "device"
        self.threads.append(threading.get_ident())


def test_it_is_left_by_the_thread_that_entered_it_and_only_at_the_end() -> None:
    device = Device()
    held = HeldOpen("device", device.opened)
    held.start()
    assert held.result(PATIENCE_S) == "device"
    assert len(device.threads) == 1
    held.close()
    held.close()
    assert device.threads == [device.threads[0]] * 2
    assert device.threads[0] != threading.get_ident()


def test_what_is_not_started_is_not_opened() -> None:
    device = Device()
    HeldOpen("device", device.opened).close()
    assert device.threads == []


def test_a_close_during_the_opening_still_closes() -> None:
    begun, may_open = threading.Event(), threading.Event()
    device = Device()

    def slow() -> "contextmanager[str]":
        begun.set()
        may_open.wait(PATIENCE_S)
        return device.opened()

    held = HeldOpen("device", slow)
    held.start()
    begun.wait(PATIENCE_S)
    closing = threading.Thread(target=held.close)
    closing.start()
    may_open.set()
    closing.join(PATIENCE_S)
    assert len(device.threads) == 2


def test_whoever_waits_is_told_why() -> None:
    @contextmanager
    def missing() -> Iterator[None]:
        raise KnownError(FailureCode.PRACTICE_TOOL_MISSING, "pcscd")
        yield

    held = HeldOpen("device", missing)
    held.start()
    with pytest.raises(KnownError, match="pcscd"):
        held.result(PATIENCE_S)
    held.close()


def test_a_mistake_of_ours_is_told_and_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    monkeypatch.setattr(threading, "excepthook", lambda arguments: seen.append(arguments.exc_type))

    @contextmanager
    def wrong() -> Iterator[None]:
        raise ZeroDivisionError
        yield

    held = HeldOpen("device", wrong)
    held.start()
    for _ in range(2):  # the same each time: it would be made again
        with pytest.raises(ZeroDivisionError):
            held.result(PATIENCE_S)
    held.close()
    assert seen == [ZeroDivisionError]


class Hall:
    """Cannot be opened so many times, and then it can."""

    def __init__(self, *failures: BaseException) -> None:
        self.failures = list(failures)
        self.open = 0

    @contextmanager
    def opened(self) -> Iterator[str]:
        if self.failures:
            raise self.failures.pop(0)
        self.open += 1
        yield "hall"
        self.open -= 1


def test_what_could_not_be_opened_is_opened_for_the_next_who_asks() -> None:
    hall = Hall(KnownError(FailureCode.DISK_FULL), KnownError(FailureCode.DISK_FULL))
    held = HeldOpen("hall", hall.opened)
    held.start()
    held._thread.join(PATIENCE_S)  # type: ignore[union-attr]  # the disk was full at the start, before anybody asked
    with pytest.raises(KnownError, match="disk_full"):
        held.result(PATIENCE_S)
    assert held.result(PATIENCE_S) == held.result(PATIENCE_S) == "hall"
    assert hall.open == 1
    held.close()
    assert hall.open == 0


def test_after_the_end_nothing_is_opened_any_more() -> None:
    hall = Hall(KnownError(FailureCode.DISK_FULL))
    held = HeldOpen("hall", hall.opened)
    held.start()
    held.close()
    for _ in range(2):
        with pytest.raises(KnownError, match="disk_full"):
            held.result(PATIENCE_S)
    assert hall.open == 0


def test_all_who_ask_while_it_is_tried_again_get_the_same_one() -> None:
    begun, may_open, hall = threading.Event(), threading.Event(), Hall(KnownError(FailureCode.DISK_FULL))

    @contextmanager
    def slow() -> Iterator[str]:
        if not hall.failures:
            begun.set()
            may_open.wait(PATIENCE_S)
        with hall.opened() as opened:
            yield opened

    held = HeldOpen("hall", slow)
    held.start()
    held._thread.join(PATIENCE_S)  # type: ignore[union-attr]
    with ThreadPoolExecutor() as askers:
        asked = [askers.submit(held.result, PATIENCE_S) for _ in range(3)]
        assert begun.wait(PATIENCE_S)
        may_open.set()
        assert {one.result(PATIENCE_S) for one in asked} == {"hall"}
    assert hall.open == 1
    held.close()
