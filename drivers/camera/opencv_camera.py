"""A camera of the operating system (UVC and the like) through OpenCV.

Never tried on hardware: the machine it was written on has no camera. Its tests run it on a simulated device.
"""

import sys
from collections.abc import Callable
from threading import Condition, Lock, Thread
from typing import Any, Protocol

import cv2

from drivers.camera.identity import identify
from hallclient.devices import Clock, Frame, is_bgr
from hallclient.domain.failures import FailureCode, KnownError

_FIRST_PICTURE_S = 5.0  # Media Foundation takes 2.5 s with many cameras
_PATIENCE_S = 0.9  # without a picture a running camera has stopped: told within a second
_PAUSE_S = 0.02  # after a failed read: a device that fails at once must not take all of a core
_CLOSING_S = 2.0
_RATE_HZ = 25
# The one whose order of cameras is the one that they are named in below.
_BACKEND = {"win32": cv2.CAP_MSMF, "linux": cv2.CAP_V4L2}.get(sys.platform, cv2.CAP_ANY)


class Capture(Protocol):
    """The part of `cv2.VideoCapture` that is used here."""

    def isOpened(self) -> bool: ...  # noqa: N802  # OpenCV's name

    def read(self) -> tuple[bool, Any]: ...

    def release(self) -> None: ...


class OpenCvCamera:
    """Fulfils `Camera`. A thread of its own empties the device, so that a late reader gets the newest picture.

    OpenCV may block for ten seconds on a camera that was unplugged; `read` does not. A failed read, or one that gives
    no picture, is passed over: cameras do that. None for 0.9 s means that it has stopped.
    """

    def __init__(
        self,
        index: int,
        clock: Clock,
        size: tuple[int, int] = (640, 480),
        open_capture: Callable[[int, tuple[int, int]], Capture] | None = None,
        first_picture_s: float = _FIRST_PICTURE_S,
    ) -> None:
        """Take camera `index` of the operating system at `size` (width, height), if it can do that size.

        `first_picture_s`: how long it may take from `start` to its first picture.
        """
        self.identity = identify(index)
        self._index = index
        self._clock = clock
        self._size = size
        self._open = open_capture or _open_capture
        self._first_picture_s = first_picture_s
        self._lock = Lock()
        self._turn: object = None  # of the newest `start`, until `close`
        self._grabber: _Grabber | None = None

    def start(self, t0: float) -> None:
        """Open the device; pictures from before `t0` are left out.

        Raises camera_missing, also when meanwhile `close` or another `start` was called.
        """
        turn = object()
        self._let_go(turn)
        identity = identify(self._index)
        with self._lock:
            if self._turn is turn:
                self.identity = identity
        capture = self._open(self._index, self._size)
        try:
            if not capture.isOpened():
                raise KnownError(FailureCode.CAMERA_MISSING, identity.name)
            with self._lock:
                if self._turn is not turn:
                    raise KnownError(FailureCode.CAMERA_MISSING, "closed while it was opened")
                grabber = _Grabber(capture, self._clock, t0)
                grabber.start()
                self._grabber = grabber
        except BaseException:
            capture.release()
            raise

    def read(self) -> Frame | None:
        """The newest picture that was not read yet, at most 1 s later (the first: 5 s); None after `close`.

        Raises camera_stopped.
        """
        grabber = self._grabber
        if grabber is None:
            return None
        frame = grabber.newest(_PATIENCE_S if grabber.started else self._first_picture_s)
        if frame is None and not grabber.stopped:
            raise KnownError(FailureCode.CAMERA_STOPPED, self.identity.name)
        return frame

    def close(self) -> None:
        """Let go of the device. One that hangs is left to its thread, which lets go of it when it comes back."""
        self._let_go(None)

    def _let_go(self, turn: object) -> None:
        with self._lock:
            self._turn = turn
            grabber, self._grabber = self._grabber, None
        if grabber is not None:
            grabber.stop()
            grabber.join(_CLOSING_S)


class _Grabber(Thread):
    """Reads the device until told to stop, and keeps the newest picture.

    Attributes:
        started: there was a picture.
    """

    def __init__(self, capture: Capture, clock: Clock, t0: float) -> None:
        super().__init__(name="camera", daemon=True)
        self.started = False
        self.stopped = False
        self._capture = capture
        self._clock = clock
        self._t0 = t0
        self._changed = Condition()
        self._frame: Frame | None = None

    def newest(self, patience_s: float) -> Frame | None:
        with self._changed:
            self._changed.wait_for(lambda: self._frame or self.stopped, patience_s)
            frame, self._frame = self._frame, None
            return frame

    def stop(self) -> None:
        with self._changed:
            self.stopped = True
            self._changed.notify_all()

    def run(self) -> None:
        try:
            while not self.stopped:
                frame = self._grab()
                with self._changed:
                    if frame is None:
                        self._changed.wait_for(lambda: self.stopped, _PAUSE_S)
                    elif frame.time_s >= self._t0:
                        self._frame, self.started = frame, True
                        self._changed.notify_all()
        finally:
            self._capture.release()

    def _grab(self) -> Frame | None:
        """One picture; None for what is none, such as (True, None) and what is not BGR."""
        try:
            taken, image = self._capture.read()
        except (cv2.error, OSError, SystemError):  # SystemError: OpenCV returned without a result
            return None
        if not taken or not is_bgr(image) or image.size == 0:
            return None
        return Frame(self._clock.monotonic(), image)


def _open_capture(index: int, size: tuple[int, int]) -> Capture:
    capture = cv2.VideoCapture(index, _BACKEND)
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])
    capture.set(cv2.CAP_PROP_FPS, _RATE_HZ)
    return capture
