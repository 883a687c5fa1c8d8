"""How each process of a practice counter is killed, and how one knows that another one is there."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import pytest

from drivers.practice.voice import PracticeMicrophone
from hallclient.devices import Sound
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.sync.client import CentreClient


class Mortal(Protocol):
    """Something that can die."""

    def lives(self) -> bool: ...

    def kill(self) -> None: ...

    def mend(self) -> None:
        """What a person does about it, where somebody has to; nothing where it comes back by itself."""
        ...


class ByPid:
    """A process that dies of kill -9."""

    def __init__(self, pid: Callable[[], int | None]) -> None:
        self._pid = pid

    def lives(self) -> bool:
        pid = self._pid()
        return pid is not None and runs(pid)

    def kill(self) -> None:
        os.kill(self._pid() or 0, signal.SIGKILL)

    def mend(self) -> None: ...


class Hanging(ByPid):
    """A process that stops answering, until it goes on."""

    def kill(self) -> None:
        os.kill(self._pid() or 0, signal.SIGSTOP)

    def mend(self) -> None:
        os.kill(self._pid() or 0, signal.SIGCONT)


class UnpluggedMicrophone(PracticeMicrophone):
    """Can be unplugged while it listens, and before. Its own `Mortal`."""

    _plugged = True

    def start(self, t0: float) -> None:
        if not self._plugged:
            raise KnownError(FailureCode.MICROPHONE_MISSING, self.identity.name)
        super().start(t0)

    def read(self) -> Sound | None:
        if not self._plugged:
            raise KnownError(FailureCode.MICROPHONE_STOPPED, self.identity.name)
        return super().read()

    def lives(self) -> bool:
        return self._plugged

    def kill(self) -> None:
        self._plugged = False

    def mend(self) -> None:
        self._plugged = True


class BrokenCourier:
    """What nobody foresaw happens in the courier's next turn."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, wake: Callable[[], None]) -> None:
        """`wake` makes that turn come at once: its loop sleeps, and cannot die of anything while it does."""
        self._armed, self._wake = False, wake
        probe = CentreClient.probe

        def may_break(client: CentreClient, timeout_s: float) -> None:
            if self._armed:
                self._armed = False
                raise ZeroDivisionError
            probe(client, timeout_s)

        monkeypatch.setattr(CentreClient, "probe", may_break)

    def lives(self) -> bool:
        return not self._armed

    def kill(self) -> None:
        self._armed = True
        self._wake()

    def mend(self) -> None: ...


def runs(pid: int) -> bool:
    """It is not gone: a zombie is one whose death its parent has not noticed yet."""
    return (Path("/proc") / str(pid)).exists()


def child(*words: str) -> int | None:
    """The process id of this process' child whose command line has all of these words, if it runs."""
    for pid in _children():
        try:
            command = (Path("/proc") / str(pid) / "cmdline").read_text().split("\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if set(words) <= set(command) and runs(pid):
            return pid
    return None


def _children() -> list[int]:
    """Of each of this process' threads. To ask all processes of the machine who their parent is takes ten times as
    long, and this is asked a hundred times a second.
    """
    found: list[int] = []
    for told in Path("/proc/self/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that has ended
            found += map(int, told.read_text().split())
    return found
