import errno
import signal
import subprocess
from pathlib import Path

import numpy as np
import pytest

from drivers.practice.voice import RATE_HZ, PracticeMicrophone, spoken
from hallclient.domain.failures import FailureCode, KnownError
from tests.drivers.clocks import FakeClock

LINES = ("本人自愿办理电话卡", "不出租不出借")


def test_each_line_is_spoken_and_followed_by_silence() -> None:
    sound = spoken(LINES, 0.5)
    assert sound.dtype == np.int16
    assert sound.ndim == 1
    assert 2.0 < sound.size / RATE_HZ < 15.0
    assert np.abs(sound.astype(np.int32)).max() > 3000
    assert not sound[-RATE_HZ // 2 :].any()


def test_no_lines_are_silence() -> None:
    assert spoken((), 0.1).tolist() == [0] * round(RATE_HZ * 0.1)


def test_it_speaks_at_the_clocks_pace_and_begins_again() -> None:
    clock = FakeClock(5.0)
    once = spoken(LINES[:1], 0.1)
    microphone = PracticeMicrophone(LINES[:1], clock, pause_s=0.1, wait=clock.wait)
    assert microphone.rate_hz == RATE_HZ
    microphone.start(5.0)
    heard: list[int] = []
    while len(heard) < once.size + 1000:
        block = microphone.read()
        assert block is not None
        heard += block.samples.tolist()
    microphone.close()
    assert heard[: once.size] == once.tolist()
    assert heard[once.size : once.size + 1000] == once[:1000].tolist()
    assert clock.monotonic() == pytest.approx(5.0 + len(heard) / RATE_HZ)
    assert microphone.identity.practice


def test_without_espeak_the_practice_tool_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(KnownError) as caught:
        PracticeMicrophone(LINES, FakeClock()).start(0.0)
    assert caught.value.code is FailureCode.PRACTICE_TOOL_MISSING


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(errno.EMFILE, "no room"), FailureCode.COMPUTER_EXHAUSTED),
        (subprocess.CalledProcessError(-signal.SIGXFSZ, "espeak-ng"), FailureCode.COMPUTER_EXHAUSTED),
        (subprocess.CalledProcessError(1, "espeak-ng"), FailureCode.PRACTICE_TOOL_MISSING),
        (subprocess.TimeoutExpired("espeak-ng", 30), FailureCode.PRACTICE_TOOL_MISSING),
    ],
    ids=repr,
)
def test_no_room_for_espeak_is_no_missing_tool(
    monkeypatch: pytest.MonkeyPatch, error: Exception, code: FailureCode
) -> None:
    def run(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(KnownError) as caught:
        spoken(LINES, 0.1)
    assert caught.value.code is code


@pytest.mark.parametrize("said", [b"", b"no sound"])
def test_an_espeak_that_speaks_nonsense_is_a_missing_tool(monkeypatch: pytest.MonkeyPatch, said: bytes) -> None:
    monkeypatch.setattr(subprocess, "run", lambda command, **more: subprocess.CompletedProcess(command, 0, said))
    with pytest.raises(KnownError) as caught:
        spoken(LINES, 0.1)
    assert caught.value.code is FailureCode.PRACTICE_TOOL_MISSING
