"""Time and randomness that tests control."""

import datetime as dt
import hashlib
import threading

NOON = dt.datetime(2026, 11, 22, 4, 0, tzinfo=dt.UTC)  # noon in China


class HandClock:
    """A clock that moves only when a test moves it."""

    def __init__(self, now: dt.datetime = NOON) -> None:
        self._now = now
        self._monotonic = 1000.0
        self._lock = threading.Lock()  # a camera's thread moves it, too

    def now(self) -> dt.datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def set(self, now: dt.datetime) -> None:
        """Somebody sets the wall clock; the monotonic one does not notice."""
        self._now = now

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._now += dt.timedelta(seconds=seconds)
            self._monotonic += seconds


class CountingEntropy:
    """Different bytes at each call, the same in each run."""

    def __init__(self) -> None:
        self._calls = 0

    def token(self, length: int) -> bytes:
        self._calls += 1
        return hashlib.shake_256(self._calls.to_bytes(8, "big")).digest(length)
