from queue import Queue

import cv2
import numpy as np
import pytest

from drivers.camera.opencv_camera import OpenCvCamera
from hallclient.domain.failures import FailureCode, KnownError
from tests.drivers.clocks import FakeClock
from tests.drivers.waiting import eventually


class SimulatedCapture:
    """A device that gives the pictures put into it, fails when told, and hangs otherwise."""

    def __init__(self, *, opened: bool = True) -> None:
        self.pictures: Queue[int | Exception | None] = Queue()
        self.released = False
        self.asked = 0
        self._opened = opened

    def isOpened(self) -> bool:  # noqa: N802
        return self._opened

    def read(self) -> tuple[bool, object]:
        self.asked += 1
        value = self.pictures.get()
        if isinstance(value, Exception):
            raise value
        return value is not None, None if value is None else np.full((2, 2, 3), value, np.uint8)

    def release(self) -> None:
        self.released = True


def camera_of(capture: SimulatedCapture, clock: FakeClock) -> OpenCvCamera:
    return OpenCvCamera(0, clock, open_capture=lambda index, size: capture)


def test_a_late_reader_gets_the_newest_picture() -> None:
    clock, capture = FakeClock(7.0), SimulatedCapture()
    camera = camera_of(capture, clock)
    camera.start(7.0)
    for value in (1, 2, 3):
        capture.pictures.put(value)
    eventually(lambda: capture.asked == 4)  # the first three have been handed over
    frame = camera.read()
    assert frame is not None
    assert (frame.time_s, frame.image[0, 0, 0]) == (7.0, 3)
    capture.pictures.put(None)
    camera.close()
    assert capture.released
    assert camera.read() is None
    assert not camera.identity.practice


@pytest.mark.parametrize("end", [None, cv2.error("unplugged")])
def test_an_unplugged_camera_has_stopped(end: Exception | None) -> None:
    capture = SimulatedCapture()
    camera = camera_of(capture, FakeClock())
    camera.start(0.0)
    capture.pictures.put(end)
    with pytest.raises(KnownError) as caught:
        camera.read()
    assert caught.value.code is FailureCode.CAMERA_STOPPED
    camera.close()
    assert capture.released


def test_a_camera_that_hangs_has_stopped_after_a_second() -> None:
    capture = SimulatedCapture()
    camera = camera_of(capture, FakeClock())
    camera.start(0.0)
    with pytest.raises(KnownError) as caught:
        camera.read()
    assert caught.value.code is FailureCode.CAMERA_STOPPED
    capture.pictures.put(None)
    camera.close()


def test_pictures_from_before_the_start_are_left_out() -> None:
    clock, capture = FakeClock(1.0), SimulatedCapture()
    camera = camera_of(capture, clock)
    camera.start(2.0)
    capture.pictures.put(1)
    eventually(lambda: capture.asked == 2)
    clock.advance(5.0)
    capture.pictures.put(9)
    frame = camera.read()
    assert frame is not None
    assert (frame.time_s, frame.image[0, 0, 0]) == (6.0, 9)
    capture.pictures.put(None)
    camera.close()


def test_no_device_is_a_missing_camera() -> None:
    capture = SimulatedCapture(opened=False)
    with pytest.raises(KnownError) as caught:
        camera_of(capture, FakeClock()).start(0.0)
    assert caught.value.code is FailureCode.CAMERA_MISSING
    assert capture.released


def test_the_real_opencv_finds_no_camera_number_99() -> None:
    with pytest.raises(KnownError) as caught:
        OpenCvCamera(99, FakeClock()).start(0.0)
    assert caught.value.code is FailureCode.CAMERA_MISSING


def test_closing_what_was_not_started_is_harmless() -> None:
    OpenCvCamera(0, FakeClock()).close()
