"""Time."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Time, passed in so that tests control it. Durations use `monotonic`, never `now`."""

    def now(self) -> datetime:
        """Wall-clock time with its time zone."""
        ...

    def monotonic(self) -> float:
        """Seconds that only grow, from an arbitrary start."""
        ...
