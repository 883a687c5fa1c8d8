"""A process of ours at its worst: it dies, hangs, talks rubbish, says too much, and its parent dies."""

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from drivers import child_process
from drivers.child_process import ChildProcess, LostError
from hallclient.domain.failures import FailureCode, KnownError
from tests.drivers.clocks import FakeClock
from tests.drivers.processes import ends_with_its_parent, is_running, nothing_is_left, our_ends, script
from tests.drivers.waiting import eventually

LOST = FailureCode.RECORDER_FAILED
LONG_S = 60.0  # nobody waits so long: what a test waits for comes before
READY, ECHO = "send(out, 1); ", "\nwhile True: send(out, 2, receive(sys.stdin.buffer)[1])"


@contextmanager
def started(code: str, **options: object) -> Iterator[ChildProcess]:
    """A process that behaves as `code` says; in the end nothing is left of it, though it is ended twice."""
    before = our_ends()
    process = ChildProcess(script(code), LOST, most_bytes=1000, **options)  # type: ignore[arg-type]
    try:
        yield process
    finally:
        process.end()
        process.end()
        assert not is_running(process.pid)
        nothing_is_left(before)


def test_what_is_fed_comes_back_in_order() -> None:
    with started(READY + ECHO) as process:
        process.await_ready(LONG_S)
        for number in range(50):
            assert process.feed(1, b"%d" % number, memoryview(b"."))
        assert [process.take(LONG_S) for _ in range(50)] == [b"%d." % number for number in range(50)]
        assert process.failure is None


def test_only_the_newest_results_are_kept() -> None:
    with started(READY + "[send(out, 2, b'%d' % number) for number in range(9)]", keeps=2) as process:
        eventually(lambda: process.failure)
        assert [process.take(0), process.take(0)] == [b"7", b"8"]
        with pytest.raises(LostError):
            process.take(0)


@pytest.mark.parametrize(
    ("code", "detail"),
    [
        ("", "exit 0"),
        ("sys.exit(3)", "exit 3"),
        (READY + "os.kill(os.getpid(), 9)", "exit -9"),
        (READY + "os.close(1); time.sleep(600)", "says no more"),
        ("out.write(b'Hello, this is no frame at all' * 99)", "does not talk as agreed"),
        (READY + "out.write(b'\\2\\xff\\xff\\xff\\xff')", "does not talk as agreed"),
        (READY + "send(out, 2, bytes(1001))", "does not talk as agreed"),
        (READY + "send(out, 5)", "does not talk as agreed"),
        (READY + "send(out, 3, b'no_such_code')", "does not talk as agreed"),
        (READY + READY, "does not talk as agreed"),
        ("send(out, 2, b'before it is ready')", "does not talk as agreed"),
        (READY + "out.write(b'\\2\\0\\0\\0\\x7f{')", "exit 0"),
        (READY + "send(out, 4, b'ZeroDivisionError')", "ZeroDivisionError"),
        (READY + "send(out, 4, b'what was said: no type')", "crashed"),
    ],
)
def test_one_that_dies_or_makes_no_sense_is_lost_and_says_how(code: str, detail: str) -> None:
    with started(code) as process:
        for _ in range(2):  # whoever asks again hears it, too
            with pytest.raises(LostError) as caught:
                process.take(LONG_S)
            assert (caught.value.code, caught.value.detail) == (LOST, detail)
        assert isinstance(process.failure, LostError)
        assert not process.feed(1)


def test_nobody_waits_longer_than_he_says_for_one_that_is_never_ready() -> None:
    with started("time.sleep(600)") as process:
        with pytest.raises(LostError):
            process.await_ready(0.01)
        with pytest.raises(LostError):
            process.take(0.01)
        assert process.failure is None


def test_nobody_waits_longer_than_he_says_for_one_that_does_not_answer() -> None:
    clock = FakeClock()
    with started(READY + "time.sleep(600)", monotonic=clock.monotonic) as process:
        process.await_ready(LONG_S)
        assert process.feed(1, bytes(1_000_000))  # more than a pipe takes
        with pytest.raises(LostError):
            process.take(0.01)
        eventually(lambda: process._sending_since_s is not None)
        clock.advance(7)
        assert process.blocked_s == 7
        assert [process.feed(2, b"", most=3) for _ in range(5)] == [True] * 3 + [False] * 2
        assert process.feed(1)
        assert process.failure is None


def test_one_that_is_given_up_is_lost_for_good_whatever_it_does() -> None:
    with started(READY + ECHO) as process:
        process.await_ready(LONG_S)
        process.give_up("too late")
        process.give_up("once more")
        assert not process.feed(1, b"is not taken")
        with pytest.raises(LostError) as caught:
            process.take(LONG_S)
        os.kill(process.pid, signal.SIGKILL)
        for thread in process._threads:
            thread.join(LONG_S)
        assert process.failure is not None
        assert (caught.value.detail, process.failure.detail) == ("too late", "too late")


def test_stopped_and_killed_while_it_is_fed_it_is_lost() -> None:
    with started(READY + ECHO) as process:
        process.await_ready(LONG_S)
        os.kill(process.pid, signal.SIGSTOP)
        process.feed(1, bytes(1_000_000))
        eventually(lambda: process._sending_since_s is not None)
        os.kill(process.pid, signal.SIGKILL)
        with pytest.raises(LostError):
            process.take(LONG_S)


def test_what_it_names_is_told_in_its_turn_and_leaves_it_alive() -> None:
    with started(READY + "send(out, 2, b'1'); send(out, 3, b'disk_full a disk'); send(out, 2, b'3')" + ECHO) as process:
        assert process.take(LONG_S) == b"1"
        with pytest.raises(KnownError) as caught:
            process.take(LONG_S)
        assert (caught.value.code, caught.value.detail) == (FailureCode.DISK_FULL, "a disk")
        assert not isinstance(caught.value, LostError)
        assert process.take(LONG_S) == b"3"
        os.kill(process.pid, signal.SIGKILL)
        with pytest.raises(LostError):
            process.take(LONG_S)


@pytest.mark.parametrize("before", ["", READY], ids=["before it is ready", "at the end"])
def test_what_it_named_last_is_why_it_ended(before: str) -> None:
    with started(before + "send(out, 3, b'disk_full'); send(out, 4, b'OSError')") as process:
        eventually(lambda: process.failure)
        assert process.failure is not None
        assert process.failure.code is FailureCode.DISK_FULL
        with pytest.raises(KnownError) as caught:
            process.take(0)
        assert caught.value.code is FailureCode.DISK_FULL


def test_no_program_to_start_is_lost() -> None:
    with pytest.raises(LostError):
        ChildProcess(["/nowhere/python"], LOST, most_bytes=1)


class Sleeping(subprocess.Popen[bytes]):
    """A process in an uninterruptible sleep, as of a disk that hangs: killed it goes on being there, until it wakes."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.wakes = threading.Event()
        self.waited_s: list[float | None] = []

    def kill(self) -> None:
        """Comes through when it wakes."""

    def wait(self, timeout: float | None = None) -> int:
        self.waited_s.append(timeout)
        if not self.wakes.is_set() and timeout is not None:
            raise subprocess.TimeoutExpired(self.args, timeout)
        assert self.wakes.wait(LONG_S)
        super().kill()
        return super().wait(LONG_S)


@pytest.mark.expects_log("was killed and does not end")
def test_one_that_is_killed_and_does_not_end_is_waited_for_only_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process.subprocess, "Popen", Sleeping)
    before = our_ends()
    process = ChildProcess(script(READY + ECHO), LOST, most_bytes=1000)
    process.await_ready(LONG_S)
    sleeping = process._popen
    assert isinstance(sleeping, Sleeping)
    process.end()  # it would never come back
    assert sleeping.waited_s[0] is not None
    assert not process.feed(1)
    assert is_running(process.pid)
    sleeping.wakes.set()
    nothing_is_left(before)
    assert not is_running(process.pid)


_PARENT = """
import time
from drivers.child_process import ChildProcess
from hallclient.domain.failures import FailureCode
from tests.drivers.processes import script
process = ChildProcess(script("send(out, 1); receive(sys.stdin.buffer)"), FailureCode.RECORDER_FAILED, most_bytes=1)
process.await_ready(60)
print(process.pid, flush=True)
time.sleep(600)
"""


def test_a_parent_that_is_killed_takes_the_process_with_it() -> None:
    ends_with_its_parent(_PARENT)
