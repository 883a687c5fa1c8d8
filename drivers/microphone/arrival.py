"""When sound was made, from when it arrived."""

from math import inf


class ArrivalTimes:
    """Time stamps for blocks that arrive late by a varying time.

    No block arrives before its last sample was made, so the smallest (arrival - samples / rate) seen so far is the best
    guess of the start. PortAudio's own clock was off by 0.3 to 191 ms where this was measured, and is not used.
    """

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self.restart()

    def restart(self) -> None:
        """Forget the past: samples were lost, so that it no longer fits."""
        self._start_s = inf
        self._samples = 0

    def stamp(self, arrival_s: float, samples: int) -> float:
        """The monotonic time of the first sample of a block of `samples` that arrived at `arrival_s`."""
        before = self._samples
        self._samples += samples
        self._start_s = min(self._start_s, arrival_s - self._samples / self._rate_hz)
        return self._start_s + before / self._rate_hz
