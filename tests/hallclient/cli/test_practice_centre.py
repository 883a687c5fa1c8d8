"""The centre of a practice hall comes back by itself, where it was."""

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

from hallclient.cli import practice_centre
from hallclient.cli.practice_centre import running_practice_centre
from hallclient.domain.failures import KnownError

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


def test_a_centre_that_never_comes_up_is_said(tmp_path: Path) -> None:
    (tmp_path / "centre").mkdir()
    (tmp_path / "centre" / "something").write_text("else")
    with pytest.raises(KnownError, match="practice_tool_missing"), running_practice_centre(tmp_path / "centre"):
        pass
