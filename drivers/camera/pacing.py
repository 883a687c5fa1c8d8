"""Makes pictures come at the clock's pace, as from a camera, whatever their source."""

import time
from collections.abc import Callable
from math import floor
from threading import Lock
from typing import Protocol

from hallclient.devices import Frame, Image
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.failures import FailureCode, KnownError


class PictureSource(Protocol):
    """Numbered pictures at a constant rate."""

    def open(self) -> float:
        """Get ready and tell the rate in pictures per second, at least 1. Raises camera_missing."""
        ...

    def picture(self, index: int) -> Image | None:
        """Picture `index` (from 0; asked for in growing order, with gaps), or None after the last one."""
        ...

    def close(self) -> None:
        """Let go of everything; harmless when it was not opened."""
        ...


class Monotonic(Protocol):
    """A `Clock`, or what has no other time to tell: Python's own `time`."""

    def monotonic(self) -> float: ...


class PacedCamera:
    """Fulfils `Camera` from a `PictureSource`.

    Picture n is due at t0 + n / rate. A reader in time waits for the next one; a late reader gets the newest due one,
    and those before it are lost, as in a camera: there is never a burst of old pictures.
    """

    def __init__(
        self,
        identity: DeviceIdentity,
        source: PictureSource,
        clock: Monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        """`wait` lets that many seconds of `clock` pass."""
        self.identity = identity
        self._source = source
        self._clock = clock
        self._wait = wait
        self._t0 = 0.0
        self._rate_hz = 1.0
        self._next = 0
        self._open = False
        self._lock = Lock()
        self._turn: object = None  # of the newest `start`, until `close`
        self._opening = Lock()  # there is but one source: one `start` after the other opens it

    def start(self, t0: float) -> None:
        """Begin at the monotonic time `t0`.

        Raises camera_missing, also when meanwhile `close` or another `start` was called.
        """
        turn = object()
        self._let_go(turn)
        with self._opening:
            rate_hz = self._source.open()
            with self._lock:
                if self._turn is turn:
                    self._rate_hz, self._t0, self._next, self._open = rate_hz, t0, 0, True
                    return
            self._source.close()
        raise KnownError(FailureCode.CAMERA_MISSING, "closed while it was opened")

    def read(self) -> Frame | None:
        """Wait for the next picture, or take the newest one at once when it is due; None after the last or `close`."""
        now = self._clock.monotonic()
        index = newest_due(self._next, now - self._t0, self._rate_hz)
        due = self._t0 + index / self._rate_hz
        if due > now:
            self._wait(due - now)
        if not self._open:
            return None
        self._next = index + 1
        image = self._source.picture(index)
        return None if image is None else Frame(due, image)

    def close(self) -> None:
        """Let go of the source."""
        self._let_go(None)

    def _let_go(self, turn: object) -> None:
        """What a `start` is opening it closes itself."""
        with self._lock:
            self._turn = turn
            was_open, self._open = self._open, False
        if was_open:
            self._source.close()


def newest_due(following: int, elapsed_s: float, rate_hz: float) -> int:
    """The number of the newest picture that is due `elapsed_s` after the start, but at least `following`."""
    return max(following, floor(elapsed_s * rate_hz))
