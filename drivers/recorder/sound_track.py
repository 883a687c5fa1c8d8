"""Puts blocks of sound onto one track without holes, whose first sample belongs to the first picture."""

import numpy as np

from hallclient.devices import Samples, Sound
from hallclient.domain.failures import BugError

_TOLERANCE_S = 0.03  # time stamps wander by less than this; correcting each step would be heard
_LONGEST_GAP_S = 600.0  # more is a time stamp from another clock, and would fill the memory with silence


class SoundTrack:
    """Turns time stamps into a continuous row of samples.

    Attributes:
        length: samples on the track so far, silence included.
        heard: those of them that came from the microphone.
    """

    def __init__(self, rate_hz: int, zero_s: float) -> None:
        """`zero_s` is the monotonic time of the first picture."""
        self.length = 0
        self.heard = 0
        self._rate_hz = rate_hz
        self._zero_s = zero_s

    def place(self, block: Sound) -> Samples:
        """What to append to the track for `block`: silence for what is missing before it, less what is there already.

        Sound from before the first picture is left out; so the first sample on the track is from its very moment.
        """
        ahead_s = block.time_s - self._zero_s - self.length / self._rate_hz
        if ahead_s > _LONGEST_GAP_S:
            raise BugError("sound and pictures are stamped by different clocks")
        shift = round(ahead_s * self._rate_hz)
        if self.heard and abs(ahead_s) <= _TOLERANCE_S:
            shift = 0
        fresh = block.samples[max(0, -shift) :]
        if fresh.size == 0:
            return fresh
        piece = np.concatenate([np.zeros(max(0, shift), np.int16), fresh])
        self.length += piece.size
        self.heard += fresh.size
        return piece
