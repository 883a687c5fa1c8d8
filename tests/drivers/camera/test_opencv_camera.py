import time
from concurrent.futures import ThreadPoolExecutor
from queue import Queue
from threading import Event, Timer

import cv2
import numpy as np
import pytest

from drivers.camera.opencv_camera import OpenCvCamera, _Grabber
from hallclient.devices import Frame
from hallclient.domain.failures import FailureCode, KnownError
from tests.drivers.clocks import FakeClock
from tests.drivers.waiting import eventually

GREY = np.zeros((2, 2), np.uint8)
NEVER_S = 3600.0  # longer than a test may take


class SimulatedCapture:
    """A device that gives the pictures put into it, fails when told, and hangs otherwise.

    A number is a picture of that value, None a failed read, another value what `read` says is a picture.
    """

    def __init__(self, *, opened: bool = True) -> None:
        self.pictures: Queue[object] = Queue()
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
        if isinstance(value, int):
            return True, np.full((2, 2, 3), value, np.uint8)
        return (False, None) if value is None else value

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


class Unplugged(SimulatedCapture):
    """After what was put into it every read fails at once."""

    def read(self) -> tuple[bool, object]:
        if self.pictures.empty():
            self.asked += 1
            raise cv2.error("unplugged")
        return super().read()


def test_an_unplugged_camera_has_stopped_within_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """By how long it is waited for: how much later a busy machine says so is not ours."""
    waited_s: list[float] = []
    newest = _Grabber.newest

    def watched(grabber: _Grabber, patience_s: float) -> Frame | None:
        waited_s.append(patience_s)
        return newest(grabber, patience_s)

    monkeypatch.setattr(_Grabber, "newest", watched)
    capture = Unplugged()
    camera = OpenCvCamera(0, FakeClock(), open_capture=lambda index, size: capture, first_picture_s=NEVER_S)
    capture.pictures.put(1)
    begun_s = time.monotonic()
    camera.start(0.0)
    assert camera.read() is not None
    with pytest.raises(KnownError) as caught:
        camera.read()
    assert caught.value.code is FailureCode.CAMERA_STOPPED
    assert waited_s[1:] == [0.9]
    assert capture.asked <= 2 + (time.monotonic() - begun_s) / 0.02  # and it did not take all of a core
    camera.close()
    assert capture.released


@pytest.mark.parametrize(
    "failed",
    [None, cv2.error("no"), (True, None), (True, GREY), (True, np.zeros((2, 2, 3), np.float32)), (True, GREY[:0])],
    ids=["failed", "raised", "nothing", "grey", "float", "empty"],
)
def test_single_failed_reads_are_passed_over(failed: object) -> None:
    capture = SimulatedCapture()
    camera = camera_of(capture, FakeClock(1.0))
    camera.start(0.0)
    for value in (1, failed, failed, 2):
        capture.pictures.put(value)
    eventually(lambda: capture.asked == 5)  # the first four have been handed over
    frame = camera.read()
    assert frame is not None
    assert frame.image[0, 0, 0] == 2
    capture.pictures.put(None)
    camera.close()


def test_a_running_camera_that_hangs_has_stopped() -> None:
    capture = SimulatedCapture()
    camera = camera_of(capture, FakeClock())
    camera.start(0.0)
    capture.pictures.put(1)
    assert camera.read() is not None
    with pytest.raises(KnownError) as caught:
        camera.read()
    assert caught.value.code is FailureCode.CAMERA_STOPPED
    capture.pictures.put(None)
    camera.close()


def test_the_first_picture_may_take_longer_than_others() -> None:
    capture = SimulatedCapture()
    camera = OpenCvCamera(0, FakeClock(), open_capture=lambda index, size: capture, first_picture_s=NEVER_S)
    camera.start(0.0)
    late = Timer(1.5, capture.pictures.put, [7])  # longer than the patience with a running camera
    late.start()
    frame = camera.read()
    assert frame is not None
    assert frame.image[0, 0, 0] == 7
    late.join()
    capture.pictures.put(None)
    camera.close()


def test_a_camera_without_a_first_picture_has_stopped() -> None:
    capture = SimulatedCapture()
    camera = OpenCvCamera(0, FakeClock(), open_capture=lambda index, size: capture, first_picture_s=0.1)
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


class SlowToOpen:
    """Opens a device at once, but for the first: that one when `go_on` is set."""

    def __init__(self, *, opened: bool = True) -> None:
        self.opening, self.go_on = Event(), Event()
        self.first, self.second = Unplugged(opened=opened), SimulatedCapture()

    def __call__(self, index: int, size: tuple[int, int]) -> SimulatedCapture:
        if self.opening.is_set():
            return self.second
        self.opening.set()
        assert self.go_on.wait(60)
        return self.first


@pytest.mark.parametrize("opened", [True, False])
@pytest.mark.parametrize("closed", [True, False])
def test_a_late_start_fails_and_lets_go_of_its_own_device_only(closed: bool, opened: bool) -> None:
    open_capture = SlowToOpen(opened=opened)
    camera = OpenCvCamera(0, FakeClock(1.0), open_capture=open_capture, first_picture_s=NEVER_S)
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(camera.start, 0.0)
        assert open_capture.opening.wait(60)
        if closed:
            camera.close()
            assert camera.read() is None
        camera.start(0.0)
        grabber = camera._grabber
        open_capture.go_on.set()
        with pytest.raises(KnownError) as caught:
            late.result(60)
    assert caught.value.code is FailureCode.CAMERA_MISSING
    assert (open_capture.first.released, open_capture.first.asked) == (True, 0)
    assert camera._grabber is grabber
    open_capture.second.pictures.put(5)
    frame = camera.read()
    assert frame is not None
    assert frame.image[0, 0, 0] == 5
    open_capture.second.pictures.put(None)
    camera.close()
    assert open_capture.second.released


def test_a_start_that_comes_late_after_a_close_leaves_nothing_open() -> None:
    open_capture = SlowToOpen()
    camera = OpenCvCamera(0, FakeClock(), open_capture=open_capture)
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(camera.start, 0.0)
        assert open_capture.opening.wait(60)
        camera.close()
        open_capture.go_on.set()
        with pytest.raises(KnownError, match="camera_missing"):
            late.result(60)
    assert open_capture.first.released
    assert camera.read() is None


def test_a_device_whose_reading_thread_cannot_be_started_is_let_go_of(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_thread(_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(_Grabber, "start", no_thread)
    capture = SimulatedCapture()
    camera = camera_of(capture, FakeClock())
    with pytest.raises(RuntimeError, match="new thread"):
        camera.start(0.0)
    assert capture.released
    camera.close()
