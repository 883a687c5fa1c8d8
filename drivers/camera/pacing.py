"""Makes pictures come at the clock's pace, as from a camera, whatever their source."""

import time
from collections.abc import Callable
from math import floor
from typing import Protocol

from hallclient.devices import Frame, Image
from hallclient.domain.equipment import DeviceIdentity


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

    def start(self, t0: float) -> None:
        """Begin at the monotonic time `t0`. Raises camera_missing."""
        self._rate_hz = self._source.open()
        self._t0 = t0
        self._next = 0
        self._open = True

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
        self._open = False
        self._source.close()


def newest_due(following: int, elapsed_s: float, rate_hz: float) -> int:
    """The number of the newest picture that is due `elapsed_s` after the start, but at least `following`."""
    return max(following, floor(elapsed_s * rate_hz))
