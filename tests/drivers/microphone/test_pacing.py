import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.microphone.pacing import PacedMicrophone
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.failures import BugError
from tests.drivers.clocks import FakeClock

RATE_HZ = 8000


def microphone_of(samples: int, clock: FakeClock, *, loop: bool) -> PacedMicrophone:
    sound = np.arange(samples, dtype=np.int16)
    identity = DeviceIdentity("counting", practice=True)
    return PacedMicrophone(identity, RATE_HZ, lambda: sound, clock, loop=loop, wait=clock.wait)


def test_blocks_come_when_their_last_sample_is_due() -> None:
    clock = FakeClock(100.0)
    microphone = microphone_of(400, clock, loop=False)
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


def test_a_late_reader_loses_no_sound() -> None:
    clock = FakeClock()
    microphone = microphone_of(800, clock, loop=False)
    microphone.start(clock.monotonic())
    clock.advance(5.0)
    blocks = [microphone.read() for _ in range(5)]
    assert clock.waits == []
    assert np.concatenate([block.samples for block in blocks if block]).tolist() == list(range(800))


@given(st.integers(1, 500), st.integers(1, 40))
def test_a_looping_microphone_has_no_gap(samples: int, reads: int) -> None:
    clock = FakeClock(0.0)
    microphone = microphone_of(samples, clock, loop=True)
    microphone.start(0.0)
    heard = 0
    for _ in range(reads):
        block = microphone.read()
        assert block is not None
        assert block.time_s == pytest.approx(heard / RATE_HZ)
        assert block.samples.tolist() == [(heard + n) % samples for n in range(block.samples.size)]
        heard += block.samples.size
    assert clock.monotonic() == pytest.approx(heard / RATE_HZ)


def test_reading_before_the_start_is_a_bug() -> None:
    microphone = microphone_of(10, FakeClock(), loop=False)
    microphone.close()
    with pytest.raises(BugError):
        microphone.read()
