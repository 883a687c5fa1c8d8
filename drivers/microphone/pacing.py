"""Makes sound come at the clock's pace, as from a microphone, whatever its source."""

import time
from collections.abc import Callable

from hallclient.devices import Clock, Samples, Sound
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.failures import BugError

BLOCK_S = 0.02


class PacedMicrophone:
    """Fulfils `Microphone` from samples in memory.

    A block is there once its last sample is due. A late reader finds the blocks waiting, in order and without gaps, as
    in the queue of a sound card: lost sound would be a hole in the evidence.
    """

    def __init__(
        self,
        identity: DeviceIdentity,
        rate_hz: int,
        load: Callable[[], Samples],
        clock: Clock,
        *,
        loop: bool,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        """`load` gives all samples (mono, int16, at `rate_hz`) at the start, or raises microphone_missing.

        `loop` begins again at the end; `wait` lets that many seconds of `clock` pass.
        """
        self.identity = identity
        self.rate_hz = rate_hz
        self._load = load
        self._clock = clock
        self._loop = loop
        self._wait = wait
        self._samples: Samples | None = None
        self._t0 = 0.0
        self._read_samples = 0

    def start(self, t0: float) -> None:
        """Load the sound and let its first sample be due at the monotonic time `t0`. Raises microphone_missing."""
        self._samples = self._load()
        self._t0 = t0
        self._read_samples = 0

    def read(self) -> Sound | None:
        """Wait for the next block of 20 ms (the last one may be shorter); None after the last."""
        if self._samples is None:
            raise BugError("the microphone was not started")
        offset = self._read_samples
        if self._loop and self._samples.size:
            offset %= self._samples.size
        block = self._samples[offset : offset + round(self.rate_hz * BLOCK_S)]
        if block.size == 0:
            return None
        first_s = self._t0 + self._read_samples / self.rate_hz
        self._read_samples += block.size
        early_s = self._t0 + self._read_samples / self.rate_hz - self._clock.monotonic()
        if early_s > 0:
            self._wait(early_s)
        return Sound(first_s, block)

    def close(self) -> None:
        """Forget the sound."""
        self._samples = None
