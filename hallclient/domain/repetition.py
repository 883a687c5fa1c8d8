"""Whether a camera shows live pictures: a sensor's noise never comes twice, and no movement repeats exactly."""

from collections import deque
from collections.abc import Callable, Sequence
from enum import StrEnum


class Repetition(StrEnum):
    """How pictures repeat."""

    FROZEN = "frozen"
    REPEATED = "repeated"


# Of the camera's own pictures, however many of them are looked at. Chosen on practice pictures with a sensor's noise
# and on recordings that are played again (tests/attacks, the evaluation's replays); only `_SAME` has a figure.
_FROZEN_S = 1.0
_FROZEN_PICTURES = 5
_STANDS_STILL = 0.1  # mean difference of samples; a video codec does not repeat a still picture exactly
_SAME = 0.6  # mean difference of samples, 0 to 255; a quiet sensor's noise alone makes more than 1
_MOVING = 1.5  # a repetition counts only while the picture changes more than this from one sample to another
_RUN = 8  # pictures in a row
_EARLIEST_LAP_S = 0.5
MEMORY_S = 12.0

Differences = Callable[[bytes, Sequence[bytes]], Sequence[int]]


def differences(samples: bytes, others: Sequence[bytes]) -> list[int]:
    """The sum of absolute differences between `samples` and each of `others`, all of one length."""
    return [sum(abs(a - b) for a, b in zip(samples, other, strict=True)) for other in others]


class RepetitionWatch:
    """Fed with the samples of every picture of the camera: some raw values of one colour, always at the same places.

    The samples are single pixels and not means, because a mean has no noise left.
    """

    def __init__(self, differences: Differences = differences) -> None:
        """`differences` may be a quicker one that says the same: it is nearly all of the work."""
        self._differences = differences
        self._past: deque[tuple[float, int, bytes]] = deque()
        self._anchor: tuple[float, bytes] | None = None  # the first of the pictures that are all alike
        self._same = 0
        self._runs: dict[int, int] = {}  # by lap, in pictures: how many in a row equal those one lap earlier

    def see(self, time_s: float, samples: bytes) -> Repetition | None:
        """What the pictures up to this one do; `samples` of another length than before begin anew."""
        if self._past and len(self._past[-1][2]) != len(samples):
            self._past.clear()
            self._runs.clear()
            self._anchor = None
        frozen = self._is_frozen(time_s, samples)
        repeated = self._is_repeated(time_s, samples)
        self._past.append((time_s, sum(samples), samples))
        while time_s - self._past[0][0] > MEMORY_S:
            self._past.popleft()
        if frozen:
            return Repetition.FROZEN
        return Repetition.REPEATED if repeated else None

    def _is_frozen(self, time_s: float, samples: bytes) -> bool:
        if self._anchor is None or self._difference(self._anchor[1], samples) > _STANDS_STILL * len(samples):
            self._anchor, self._same = (time_s, samples), 0
        self._same += 1
        return self._same >= _FROZEN_PICTURES and time_s - self._anchor[0] >= _FROZEN_S

    def _is_repeated(self, time_s: float, samples: bytes) -> bool:
        own = sum(samples)
        limit = _SAME * len(samples)
        # The totals differ at most as much as the samples do: most pictures are ruled out by them alone.
        alike = {
            lap: earlier
            for lap, (earlier_s, total, earlier) in enumerate(reversed(self._past), 1)
            if time_s - earlier_s >= _EARLIEST_LAP_S and abs(total - own) <= limit
        }
        differ = zip(alike, self._differences(samples, list(alike.values())), strict=True)
        self._runs = {lap: self._runs.get(lap, 0) + 1 for lap, difference in differ if difference <= limit}
        longest = max(self._runs.values(), default=0)
        return longest >= _RUN and self._moved(longest) > _MOVING * len(samples)

    def _moved(self, length: int) -> int:
        """How much the last `length` pictures differ from the newest of them at most."""
        recent = list(self._past)[-length:]
        return max(self._differences(recent[-1][2], [earlier for _, _, earlier in recent]))

    def _difference(self, one: bytes, other: bytes) -> int:
        return self._differences(one, [other])[0]
