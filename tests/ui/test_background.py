"""Order, errors, and a screen's thread that never waits."""

import sys
import threading

import pytest
import shiboken6
from PySide6.QtCore import QObject, QTimer, Slot

from hallclient.domain.failures import FailureCode, KnownError
from ui.background import Background
from ui.latest_value import LatestValue


@pytest.fixture
def background():
    made = Background("test")
    yield made
    made.close()


def test_results_come_in_order_on_the_screens_thread(qtbot, background) -> None:
    seen: list[tuple[object, int]] = []
    for number in range(20):
        background.run(lambda n=number: (n, threading.get_ident())).done.connect(
            lambda result: seen.append((result, threading.get_ident()))
        )
    qtbot.waitUntil(lambda: len(seen) == 20)
    assert [result[0] for result, _ in seen] == list(range(20))
    assert {thread for _, thread in seen} == {threading.get_ident()}
    assert len({result[1] for result, _ in seen}) == 1
    assert seen[0][0][1] != threading.get_ident()
    assert background.idle()


def test_known_error_is_told_and_the_next_call_runs(qtbot, background) -> None:
    def fail() -> None:
        raise KnownError(FailureCode.DISK_FULL)

    task = background.run(fail)
    after = background.run(lambda: "went on")
    failed: list[KnownError] = []
    done: list[str] = []
    task.failed.connect(failed.append)
    after.done.connect(done.append)
    qtbot.waitUntil(lambda: done == ["went on"])
    assert [error.code for error in failed] == [FailureCode.DISK_FULL]


def test_a_known_error_that_is_told_keeps_nothing_of_the_call(qtbot, background) -> None:
    """Its frames, and those of what it came from, hold what somebody typed."""

    def fail(password: str) -> None:
        try:
            raise OSError
        except OSError as error:
            raise KnownError(FailureCode.LOGIN_WRONG) from error

    task = background.run(lambda: fail("what somebody typed"))
    with qtbot.waitSignal(task.failed) as told:
        pass
    (error,) = told.args
    assert (error.__traceback__, error.__context__, error.__cause__) == (None, None, None)


@pytest.mark.expects_log("nobody heard that a call failed: disk_full")
def test_a_failure_that_nobody_listens_to_is_in_the_log_and_told(qtbot, background) -> None:
    def fail() -> None:
        raise KnownError(FailureCode.DISK_FULL)

    unheard: list[KnownError] = []
    heard: list[KnownError] = []
    background.unheard.connect(unheard.append)
    background.run(fail).failed.connect(heard.append)
    background.run(fail)
    qtbot.waitUntil(background.idle)
    assert [error.code for error in unheard] == [error.code for error in heard] == [FailureCode.DISK_FULL]


def test_who_listened_and_is_gone_left_nothing_unheard(qtbot, background) -> None:
    """A page that was left asks no more: what still fails for it is no news."""
    may_end, page = threading.Event(), Listener()

    def fail() -> None:
        may_end.wait(10)
        raise KnownError(FailureCode.CHECK_STOPPED)

    unheard: list[KnownError] = []
    background.unheard.connect(unheard.append)
    background.run(fail).failed.connect(page.hear)
    given: list[bool] = []
    QTimer.singleShot(0, lambda: given.append(True))
    qtbot.waitUntil(lambda: bool(given))
    shiboken6.delete(page)
    may_end.set()
    qtbot.waitUntil(background.idle)
    assert unheard == []


class Listener(QObject):
    @Slot(object)
    def hear(self, error: KnownError) -> None:
        raise AssertionError(error.code)


def test_after_closing_nothing_runs(qtbot, background) -> None:
    background.close()
    background.run(lambda: 1 / 0)
    background.run(lambda: 1 / 0).failed.connect(lambda error: None)  # a page that is going listens, too
    assert background.idle()


def test_a_bug_reaches_the_hook_and_the_screen(qtbot, background, monkeypatch) -> None:
    hooked: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: hooked.append(kind))
    with qtbot.waitSignal(background.bug) as heard:
        background.run(lambda: 1 / 0)
    assert hooked == [ZeroDivisionError]
    assert isinstance(heard.args[0], ZeroDivisionError)


def test_running_never_waits(qtbot, background) -> None:
    may_end = threading.Event()
    task = background.run(lambda: may_end.wait(10))
    ran: list[bool] = []
    background.run(lambda: True).done.connect(ran.append)
    assert not ran
    may_end.set()
    qtbot.waitSignal(task.done)
    qtbot.waitUntil(lambda: bool(ran))


def test_newest_drops_what_is_overtaken(qtbot) -> None:
    news, seen = LatestValue(), []
    news.arrived.connect(seen.append)
    thread = threading.Thread(target=lambda: [news.offer(number) for number in range(1000)])
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [999]
    news.offer("a", "b")
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen[1] == ("a", "b")
