"""One thread that reads a session's camera: everybody sees the newest picture, nobody makes the camera wait."""

import logging
import math
import threading
from collections.abc import Callable

import numpy as np

from hallclient.devices import Camera, Clock, Frame, is_bgr
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.services.bug_log import report_bug

FIRST_PICTURE_S = 6.0  # a camera says by itself after 5 s that it has none
_LAST_PICTURE_S = 0.3  # so long a camera that gives pictures may take for the one that is under way
_CLOSED_S = 5.0  # Media Foundation takes 2.5 s to open many cameras, and cannot be interrupted

_STILL_S = 3.0  # so long a camera may take for one picture, and the times of its pictures may stand still
_STEP_S = 0.05  # by less than this they have not gone on; two pictures of a camera that is worth it
_FARTHEST_S = 1e12  # 30,000 years: no monotonic clock has got there, and sums of such times are exact enough

_log = logging.getLogger(__name__)


class CameraFeed:
    """The camera of one session: opened when it is first watched, and then open until `close`, whoever watches.

    One that has stopped is opened anew by whoever watches next. `watch` and `close` are called from one thread.
    """

    def __init__(self, camera: Camera, clock: Clock) -> None:
        self._camera = camera
        self._clock = clock
        self._capture: _Capture | None = None

    @property
    def identity(self) -> DeviceIdentity:
        """What is known of the camera, see `Camera.identity`; from any thread."""
        return self._camera.identity

    def watch(
        self, on_frame: Callable[[Frame], None], on_failure: Callable[[KnownError], None] | None = None
    ) -> "CameraWatch":
        """Begin to see the camera's pictures; waits for nothing.

        Args:
            on_frame: is called with every picture on the camera's thread and must be quick; with each before
                `newer_than` gives it: what is judged, or kept as evidence, `on_frame` has seen.
            on_failure: hears on that thread why an open camera stopped, once; why none was opened, `opened` tells.
        """
        if self._capture is not None and self._capture.failure is not None:
            self.close()
        if self._capture is None:
            self._capture = _Capture(self._camera, self._clock)
        return CameraWatch(self, self._capture, on_frame, on_failure)

    def close(self) -> None:
        """Let go of the camera, also of one that is being opened or waits for its first picture.

        One that hangs is left to its thread: its `start` lets go of it when it comes back. The same camera may be
        watched again at once.
        """
        capture, self._capture = self._capture, None
        if capture is not None:
            capture.close()


class CameraWatch:
    """One who sees the pictures of a feed, from `CameraFeed.watch` until `close`."""

    def __init__(
        self,
        feed: CameraFeed,
        capture: "_Capture",
        on_frame: Callable[[Frame], None],
        on_failure: Callable[[KnownError], None] | None,
    ) -> None:
        """Use `CameraFeed.watch`."""
        self._feed = feed
        self._capture = capture
        self._on_frame = on_frame
        self._on_failure = on_failure
        self._seeing = threading.Lock()
        self._newest: Frame | None = None
        self._stopped = self._closed = False
        capture.add(self)

    def opened(self) -> None:
        """Wait until the camera is open, for as long as its `start` takes.

        Raises what that raises, and check_stopped after `stop`.
        """
        capture = self._capture
        with capture.changed:
            capture.changed.wait_for(lambda: self._stopped or capture.open or capture.failure)
            self._raise_failure()

    def first(self) -> Frame:
        """Wait for the first picture, which takes some cameras seconds. Raises as `newer_than` does."""
        return self.newer_than(None, FIRST_PICTURE_S)

    def newer_than(self, frame: Frame | None, timeout_s: float) -> Frame:
        """The newest picture once it is another one than `frame`; a camera's first may take 6 s from its opening on.

        Raises camera_stopped, and as `opened` does.
        """
        self.opened()
        capture = self._capture
        with capture.changed:
            if not capture.has_given:
                timeout_s = max(timeout_s, FIRST_PICTURE_S)
            capture.changed.wait_for(lambda: self._stopped or capture.failure or self._newest is not frame, timeout_s)
            self._raise_failure()
            newest = self._newest
        if newest is None or newest is frame:
            hangs = KnownError(FailureCode.CAMERA_STOPPED, "no new picture")
            capture.fail(hangs)  # whoever watches next opens it anew
            raise hangs
        return newest

    def stop(self) -> None:
        """Whoever waits for a picture gets check_stopped instead, now and from now on. From any thread; waits not."""
        with self._capture.changed:
            self._stopped = True
            self._capture.changed.notify_all()

    def close(self) -> None:
        """See no more: once this returns, `on_frame` is not called any more.

        The camera stays open for whoever watches next, unless it never opened, or stopped.
        """
        self._closed = True
        self._capture.remove(self)
        if not self._capture.open or self._capture.failure is not None:
            self._feed.close()
        elif self._seeing.acquire(timeout=_CLOSED_S):
            self._seeing.release()
        else:
            _log.warning("whoever watched a camera does not come back from a picture")

    # What the camera's thread calls.

    def see(self, frame: Frame) -> None:
        with self._seeing:
            if self._closed:
                return
            self._on_frame(frame)  # first: nobody shall judge a picture that was not looked through
        self._newest = frame

    def hear(self, failure: KnownError) -> None:
        if self._on_failure is not None and not self._closed:
            self._on_failure(failure)

    def _raise_failure(self) -> None:
        if self._stopped:
            raise KnownError(FailureCode.CHECK_STOPPED)
        if self._capture.failure is not None:
            raise self._capture.failure.again()


class _Capture:
    """A camera from its opening until it stops or is closed, on a thread of its own.

    It is opened on that thread too, so that `stop` and `close` are heard by whoever waits for one that takes long.

    Attributes:
        changed: held to change or to wait for anything of it.
        open: it was opened.
        has_given: a picture, since then.
        failure: why it is over.
    """

    def __init__(self, camera: Camera, clock: Clock) -> None:
        self.changed = threading.Condition()
        self.open = self.has_given = False
        self.failure: KnownError | None = None
        self._camera = camera
        self._clock = clock
        self._watches: tuple[CameraWatch, ...] = ()
        self._stopping = self._left = False
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)

    def add(self, watch: CameraWatch) -> None:
        """Whoever is the first sees the first picture, and hears why there is none: before, nothing is opened."""
        with self.changed:
            self._watches = (*self._watches, watch)
        if self._thread.ident is None:
            self._thread.start()

    def remove(self, watch: CameraWatch) -> None:
        with self.changed:
            self._watches = tuple(other for other in self._watches if other is not watch)

    def fail(self, failure: KnownError) -> None:
        """It is over, because of the first `failure` of all."""
        with self.changed:
            self.failure = self.failure or failure
            self.changed.notify_all()

    def close(self) -> None:
        self._stopping = True
        self.fail(KnownError(FailureCode.CHECK_STOPPED))
        self._thread.join(_LAST_PICTURE_S)
        self._let_go()
        self._thread.join(_CLOSED_S)
        if self._thread.is_alive():
            self._left = True
            _log.warning("a camera was closed and does not come back")
        else:
            self._let_go()  # the thread may only then have come to open it

    def _let_go(self) -> None:
        try:
            self._camera.close()
        except Exception as error:  # noqa: BLE001  # a driver may raise anything; what was done with the camera is done
            report_bug(error)

    def _run(self) -> None:
        if not self._stopping and self._start() and not self._stopping:
            self._read()

    def _start(self) -> bool:
        """Open it; whether it is open."""
        try:
            self._camera.start(self._clock.monotonic())
        except KnownError as error:
            failure = error
        except Exception as error:  # noqa: BLE001  # a driver may raise anything; whoever waits is told
            failure = KnownError(FailureCode.CAMERA_MISSING, number=report_bug(error))
        else:
            with self.changed:
                self.open = True
                self.changed.notify_all()
            return True
        self.fail(failure)
        return False

    def _read(self) -> None:
        failure = KnownError(FailureCode.CAMERA_STOPPED, self._camera.identity.name)
        times = _Times()
        try:
            while not self._stopping and (frame := self._camera.read()) is not None:
                if self._left:  # a read that hung for so long: whoever hears `on_frame` may be in another recording
                    break
                _require_picture(frame)
                times.require_going_on(frame.time_s, self._clock.monotonic())
                for watch in self._watches:
                    watch.see(frame)
                with self.changed:
                    self.has_given = True
                    self.changed.notify_all()
        except KnownError as error:
            failure = error
        except Exception as error:  # noqa: BLE001  # a driver may raise anything; the thread ends with a word
            failure = KnownError(FailureCode.CAMERA_STOPPED, number=report_bug(error))
        self.fail(failure)
        if not self._stopping:
            for watch in self._watches:
                watch.hear(failure)


def _require_picture(frame: Frame) -> None:
    """A camera's driver may hand over anything; what is no picture stops it, before a model sees numbers that are none.

    Raises camera_stopped.
    """
    image: object = frame.image
    if not is_bgr(image) or image.size == 0:
        kind = f"{image.shape} of {image.dtype}" if isinstance(image, np.ndarray) else type(image).__name__
        raise KnownError(FailureCode.CAMERA_STOPPED, f"{kind} is no picture")
    time_s: object = frame.time_s
    if not isinstance(time_s, float | int) or not abs(time_s) < _FARTHEST_S:  # NaN is not less than anything
        raise KnownError(FailureCode.CAMERA_STOPPED, f"a {type(time_s).__name__} that is no time of a picture")


class _Times:
    """Whether the times of a camera's pictures go on: whatever is looked at, and for how long, is told by them."""

    def __init__(self) -> None:
        self._newest_s = -math.inf
        self._still_since_s: float | None = None  # on the clock, when the first picture came that was no newer

    def require_going_on(self, time_s: float, now_s: float) -> None:
        """A picture of `time_s` has come at `now_s` of the clock.

        Raises camera_stopped when for 3 s all that came were no newer than one before: it stands still, or has once
        been far ahead, and no picture's turn would come.
        """
        if time_s >= self._newest_s + _STEP_S:
            self._newest_s, self._still_since_s = time_s, None
        elif self._still_since_s is None:
            self._still_since_s = now_s
        elif now_s - self._still_since_s > _STILL_S:
            raise KnownError(FailureCode.CAMERA_STOPPED, "the times of its pictures stand still")
