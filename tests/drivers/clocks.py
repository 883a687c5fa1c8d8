"""Clocks for the drivers' tests: one that only moves when told, and the machine's own."""

import time
from datetime import UTC, datetime


class FakeClock:
    """Stands still until `wait` or `advance` moves it."""

    def __init__(self, start_s: float = 1000.0) -> None:
        self.time_s = start_s
        self.waits: list[float] = []

    def now(self) -> datetime:
        return datetime(2026, 11, 22, tzinfo=UTC)

    def monotonic(self) -> float:
        return self.time_s

    def advance(self, seconds: float) -> None:
        self.time_s += seconds

    def wait(self, seconds: float) -> None:
        assert seconds > 0
        self.waits.append(seconds)
        self.time_s += seconds


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()
