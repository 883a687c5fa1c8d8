"""A remark that single pictures are often wrong about is made only when it has held for some time."""

from collections import Counter, deque

from hallclient.domain.face_remark import FaceRemark

HELD_OVER_S = 0.6
LEAST_LOOKS = 5  # of which the share is taken, however slowly they come
LEAST_SHARE = 0.6  # three of five
# By texture: a moment of soft light or a compressor's smear makes lips into cloth, and a blink closes eyes.
MUST_HOLD = frozenset({FaceRemark.EYES_COVERED, FaceRemark.MOUTH_COVERED, FaceRemark.EYES_CLOSED})


class HeldRemark:
    """Turns the remark on each picture into what is said of the scene.

    A remark of `MUST_HOLD` is said while at least `LEAST_SHARE` of the looks of the last `HELD_OVER_S` have it, also of
    a picture among them without a remark. Until it holds, what was said before stays. All others are said at once.
    """

    def __init__(self) -> None:
        self._seen: deque[tuple[float, FaceRemark | None]] = deque()
        self._said: FaceRemark | None = None

    def update(self, remark: FaceRemark | None, time_s: float) -> FaceRemark | None:
        """What to say after a look at the picture of `time_s`, which had `remark`; times never go back."""
        self._seen.append((time_s, remark))
        while len(self._seen) > LEAST_LOOKS and self._seen[0][0] <= time_s - HELD_OVER_S:
            self._seen.popleft()
        if remark is not None and remark not in MUST_HOLD:
            self._said = remark
        else:
            self._said = self._holding if self._holding is not None or remark is None else self._said
        return self._said

    @property
    def _holding(self) -> FaceRemark | None:
        """The one remark of `MUST_HOLD` that most of the looks had."""
        counted = Counter(remark for _, remark in self._seen if remark in MUST_HOLD)
        return next((remark for remark, had in counted.items() if had >= LEAST_SHARE * len(self._seen)), None)
