import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.microphone.file_microphone import FileMicrophone
from drivers.microphone.pacing import PacedMicrophone
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.failures import BugError, FailureCode, KnownError
from tests.drivers.clocks import FakeClock

RATE_HZ = 8000


def write_wav(path: Path, samples: int, rate_hz: int = RATE_HZ, channels: int = 1) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(np.arange(samples * channels, dtype="<i2").tobytes())
    return path


def test_blocks_come_when_their_last_sample_is_due(tmp_path: Path) -> None:
    clock = FakeClock(100.0)
    microphone = FileMicrophone(write_wav(tmp_path / "a.wav", 400), RATE_HZ, clock, loop=False, wait=clock.wait)
    microphone.start(100.0)
    blocks = []
    while (block := microphone.read()) is not None:
        blocks.append((block, clock.monotonic()))
    microphone.close()
    assert [block.time_s for block, _ in blocks] == pytest.approx([100.0, 100.02, 100.04])
    assert [arrived for _, arrived in blocks] == pytest.approx([100.02, 100.04, 100.05])
    assert np.concatenate([block.samples for block, _ in blocks]).tolist() == list(range(400))
    assert blocks[0][0].samples.dtype == np.int16
    assert microphone.identity.practice


def test_a_late_reader_loses_no_sound(tmp_path: Path) -> None:
    clock = FakeClock()
    microphone = FileMicrophone(write_wav(tmp_path / "a.wav", 800), RATE_HZ, clock, loop=False, wait=clock.wait)
    microphone.start(clock.monotonic())
    clock.advance(5.0)
    blocks = [microphone.read() for _ in range(5)]
    assert clock.waits == []
    assert np.concatenate([block.samples for block in blocks if block]).tolist() == list(range(800))


@given(st.integers(1, 500), st.integers(1, 40))
def test_a_looping_microphone_has_no_gap(samples: int, reads: int) -> None:
    clock = FakeClock(0.0)
    sound = np.arange(samples, dtype=np.int16)
    microphone = PacedMicrophone(
        DeviceIdentity("loop", practice=True), RATE_HZ, lambda: sound, clock, loop=True, wait=clock.wait
    )
    microphone.start(0.0)
    heard = 0
    for _ in range(reads):
        block = microphone.read()
        assert block is not None
        assert block.time_s == pytest.approx(heard / RATE_HZ)
        assert block.samples.tolist() == [(heard + n) % samples for n in range(block.samples.size)]
        heard += block.samples.size
    assert clock.monotonic() == pytest.approx(heard / RATE_HZ)


@pytest.mark.parametrize(("rate_hz", "channels"), [(16_000, 1), (RATE_HZ, 2)])
def test_another_format_is_a_missing_microphone(tmp_path: Path, rate_hz: int, channels: int) -> None:
    path = write_wav(tmp_path / "a.wav", 10, rate_hz, channels)
    with pytest.raises(KnownError) as caught:
        FileMicrophone(path, RATE_HZ, FakeClock()).start(0.0)
    assert caught.value.code is FailureCode.MICROPHONE_MISSING


@pytest.mark.parametrize("content", [None, b"", b"RIFF", b"no sound at all, only text"])
def test_a_file_that_is_no_sound_is_a_missing_microphone(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "a.wav"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(KnownError) as caught:
        FileMicrophone(path, RATE_HZ, FakeClock()).start(0.0)
    assert caught.value.code is FailureCode.MICROPHONE_MISSING


def test_reading_before_the_start_is_a_bug(tmp_path: Path) -> None:
    microphone = FileMicrophone(tmp_path / "a.wav", RATE_HZ, FakeClock())
    microphone.close()
    with pytest.raises(BugError):
        microphone.read()
