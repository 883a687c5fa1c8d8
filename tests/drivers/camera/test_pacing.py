import math
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.camera.pacing import PacedCamera, newest_due
from hallclient.devices import Image
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.failures import KnownError
from tests.drivers.clocks import FakeClock
from tests.drivers.waiting import eventually


class Numbers:
    """Pictures whose only pixel is their number."""

    def __init__(self, last: int = 255) -> None:
        self._last = last

    def open(self) -> float:
        return 25.0

    def picture(self, index: int) -> Image | None:
        return None if index > self._last else np.full((1, 1, 3), index, np.uint8)

    def close(self) -> None: ...


def started(clock: FakeClock, source: Numbers | None = None) -> PacedCamera:
    camera = PacedCamera(DeviceIdentity("numbers", practice=True), source or Numbers(), clock, clock.wait)
    camera.start(clock.monotonic())
    return camera


def test_a_reader_in_time_gets_every_picture_when_it_is_due() -> None:
    clock = FakeClock(1000.0)
    camera = started(clock)
    frames = [camera.read() for _ in range(4)]
    assert [int(frame.image[0, 0, 0]) for frame in frames if frame] == [0, 1, 2, 3]
    assert [frame.time_s for frame in frames if frame] == pytest.approx([1000.0, 1000.04, 1000.08, 1000.12])
    assert clock.monotonic() == pytest.approx(1000.12)


def test_a_late_reader_gets_the_newest_picture_and_no_burst() -> None:
    clock = FakeClock()
    camera = started(clock)
    camera.read()
    clock.advance(1.01)
    waits_before = len(clock.waits)
    late = camera.read()
    assert late is not None
    assert int(late.image[0, 0, 0]) == 25
    assert len(clock.waits) == waits_before
    following = camera.read()
    assert following is not None
    assert int(following.image[0, 0, 0]) == 26
    assert len(clock.waits) == waits_before + 1


def test_the_end_is_none_and_a_new_start_begins_again() -> None:
    clock = FakeClock()
    camera = started(clock, Numbers(last=1))
    assert [camera.read() is None for _ in range(3)] == [False, False, True]
    camera.start(clock.monotonic())
    assert camera.read() is not None


def test_a_read_that_waits_while_the_camera_is_closed_ends_with_none() -> None:
    clock = FakeClock()
    camera = PacedCamera(DeviceIdentity("numbers", practice=True), Numbers(), clock, lambda _: camera.close())
    camera.start(clock.monotonic())
    assert camera.read() is not None  # due at once
    assert camera.read() is None


@given(st.integers(0, 10**6), st.floats(0, 1e5), st.floats(1, 120))
def test_the_newest_due_picture_is_never_from_the_future_nor_repeated(
    following: int, elapsed_s: float, rate_hz: float
) -> None:
    index = newest_due(following, elapsed_s, rate_hz)
    assert index >= following
    if index > following:
        assert index / rate_hz <= elapsed_s * (1 + 1e-12)
    assert (index + 1) / rate_hz >= elapsed_s * (1 - 1e-12) or math.isclose(elapsed_s, index / rate_hz)


class SlowToOpen(Numbers):
    """Opens at once, but for the first time: then when `go_on` is set. Counts how often it is open."""

    def __init__(self) -> None:
        super().__init__()
        self.opening, self.go_on = Event(), Event()
        self.open_now = 0

    def open(self) -> float:
        if not self.opening.is_set():
            self.opening.set()
            assert self.go_on.wait(60)
        self.open_now += 1
        return super().open()

    def close(self) -> None:
        self.open_now -= 1


@pytest.mark.parametrize("again", [True, False])
def test_a_late_start_fails_and_leaves_the_next_one_alone(again: bool) -> None:
    clock, source = FakeClock(), SlowToOpen()
    camera = PacedCamera(DeviceIdentity("numbers", practice=True), source, clock, clock.wait)
    with ThreadPoolExecutor(2) as pool:
        late = pool.submit(camera.start, clock.monotonic())
        assert source.opening.wait(60)
        camera.close()
        following = pool.submit(camera.start, clock.monotonic()) if again else None
        if again:
            eventually(lambda: camera._turn)
        source.go_on.set()
        with pytest.raises(KnownError, match="camera_missing"):
            late.result(60)
        if following is not None:
            following.result(60)
    assert source.open_now == int(again)
    assert (camera.read() is not None) is again
    camera.close()
    camera.close()
    assert source.open_now == 0
