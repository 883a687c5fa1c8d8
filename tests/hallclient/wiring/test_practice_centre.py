"""The centre of a practice hall comes back by itself, where it was."""

import errno
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from hallclient.domain.failures import KnownError
from hallclient.wiring import practice_centre
from hallclient.wiring.practice_centre import _PracticeCentre, running_practice_centre

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="practice is on Linux")
GENEROUS_S = 90.0


def listens(url: str) -> bool:
    parts = urlsplit(url)
    with closing(socket.socket()) as client:
        return client.connect_ex((str(parts.hostname), parts.port or 0)) == 0


def until(true: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(int(GENEROUS_S / 0.1)):
        if true():
            return
        pause.wait(0.1)
    raise AssertionError("it never came")


@pytest.mark.expects_log("the practice centre ended with -9")
def test_a_killed_centre_is_started_again_at_the_same_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []
    popen = subprocess.Popen

    def noted(*arguments: object, **options: object) -> object:
        process = popen(*arguments, **options)  # type: ignore[call-overload]
        started.append(process.pid)
        return process

    monkeypatch.setattr(practice_centre.subprocess, "Popen", noted)
    with running_practice_centre(tmp_path / "centre") as url:
        assert listens(url)
        os.kill(started[0], signal.SIGKILL)
        until(lambda: len(started) == 2 and listens(url))
    assert not listens(url)
    assert len(started) == 2


class Hurried(_PracticeCentre):
    """Notes how long it would have waited, and waits less."""

    def __init__(self, data: Path) -> None:
        self.pauses_s: list[float] = []
        super().__init__(data)

    def _pause(self, for_s: float) -> None:
        self.pauses_s.append(for_s)
        super()._pause(0.01)


def start_instead(monkeypatch: pytest.MonkeyPatch, *commands: tuple[str, ...] | OSError) -> list[object]:
    """Start these, one after the other and the last one ever again; returns what is left of them."""
    left: list[object] = list(commands)
    popen = subprocess.Popen

    def start(_: object, **options: object) -> object:
        command = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(command, OSError):
            raise command
        return popen(command, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(practice_centre.subprocess, "Popen", start)
    return left


URL = "http://127.0.0.1:4321"
DOCUMENT = json.dumps({"url": URL}, indent=2)
SAYS_IT = f"print({DOCUMENT!r}, flush=True)"
ENDS = (sys.executable, "-c", SAYS_IT)
STAYS = (sys.executable, "-c", f"{SAYS_IT}; import threading; threading.Event().wait()")


@pytest.mark.expects_log("the practice centre ended with (0|-15)", "the practice centre did not start again")
def test_the_keeper_outlives_restarts_that_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start_instead(monkeypatch, ENDS, OSError(errno.EAGAIN, "no room"), ("false",), STAYS)
    centre = Hurried(tmp_path)
    assert centre.url.result(GENEROUS_S) == URL
    until(lambda: centre._process is not None and centre._process.args == STAYS)
    assert centre.pauses_s == [0.2, 1.0, 5.0]
    centre.close()
    assert not centre._thread.is_alive()


@pytest.mark.expects_log("the practice centre ended with (0|-15)")
def test_one_that_dies_as_soon_as_it_listens_is_started_less_and_less(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(practice_centre, "_STEADY_S", 1e6)  # however slow this computer is
    start_instead(monkeypatch, ENDS)
    centre = Hurried(tmp_path)
    until(lambda: len(centre.pauses_s) >= 5)
    centre.close()
    assert centre.pauses_s[:5] == [0.2, 1.0, 5.0, 15.0, 15.0]


def test_a_centre_that_says_no_address_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start_instead(monkeypatch, (sys.executable, "-c", "print('no address'); print('}')"))
    with pytest.raises(KnownError, match="practice_tool_missing"), running_practice_centre(tmp_path):
        pass


def test_a_centre_that_never_comes_up_is_said(tmp_path: Path) -> None:
    (tmp_path / "centre").mkdir()
    (tmp_path / "centre" / "something").write_text("else")
    with pytest.raises(KnownError, match="practice_tool_missing"), running_practice_centre(tmp_path / "centre"):
        pass


def test_a_folder_that_can_be_none_is_said() -> None:
    with pytest.raises(KnownError, match="store_unreadable"), running_practice_centre(Path("no\0where")):
        pass


@pytest.mark.expects_log("bug ")
def test_whatever_happens_in_its_thread_whoever_waits_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: _PracticeCentre, port: int) -> object:
        raise RuntimeError("nobody foresaw it")

    monkeypatch.setattr(_PracticeCentre, "_started", broken)
    with pytest.raises(KnownError, match="internal_error") as caught, running_practice_centre(tmp_path):
        pass
    assert caught.value.number


def test_one_that_says_nothing_is_not_waited_for_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(practice_centre, "_START_TIMEOUT_S", 0.0)
    monkeypatch.setattr(practice_centre, "_STOP_TIMEOUT_S", 0.1)
    deaf = "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)"
    start_instead(monkeypatch, (sys.executable, "-c", deaf))
    with pytest.raises(KnownError, match="practice centre does not answer"), running_practice_centre(tmp_path):
        pass


def test_ctrl_c_in_a_terminal_is_for_who_started_the_centre(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes to the whole group of processes, and the centre still has to take what was sealed."""
    started: list[int] = []
    popen = subprocess.Popen

    def noted(*arguments: object, **options: object) -> object:
        process = popen(*arguments, **options)  # type: ignore[call-overload]
        started.append(process.pid)
        return process

    monkeypatch.setattr(practice_centre.subprocess, "Popen", noted)
    with running_practice_centre(tmp_path / "centre"):
        assert [os.getpgid(process_id) for process_id in started] == started
