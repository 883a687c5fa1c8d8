"""An issue that single pictures are often wrong about is made only when it has held for some time."""

from collections import Counter, deque

from hallclient.domain.quality_issue import QualityIssue

HELD_OVER_S = 0.6
LEAST_LOOKS = 5  # of which the share is taken, however slowly they come
LEAST_SHARE = 0.6  # three of five
# By texture: a moment of soft light or a compressor's smear makes lips into cloth, and a blink closes eyes.
MUST_HOLD = frozenset({QualityIssue.EYES_COVERED, QualityIssue.MOUTH_COVERED, QualityIssue.EYES_CLOSED})


class HeldIssue:
    """Turns the issue on each picture into what is said of the scene.

    An issue of `MUST_HOLD` is said while at least `LEAST_SHARE` of the looks of the last `HELD_OVER_S` have it, also of
    a picture among them without an issue. Until it holds, what was said before stays. All others are said at once.
    """

    def __init__(self) -> None:
        self._seen: deque[tuple[float, QualityIssue | None]] = deque()
        self._said: QualityIssue | None = None

    def update(self, issue: QualityIssue | None, time_s: float) -> QualityIssue | None:
        """What to say after a look at the picture of `time_s`, which had `issue`; times never go back."""
        self._seen.append((time_s, issue))
        while len(self._seen) > LEAST_LOOKS and self._seen[0][0] <= time_s - HELD_OVER_S:
            self._seen.popleft()
        if issue is not None and issue not in MUST_HOLD:
            self._said = issue
        else:
            self._said = self._holding if self._holding is not None or issue is None else self._said
        return self._said

    @property
    def _holding(self) -> QualityIssue | None:
        """The one issue of `MUST_HOLD` that most of the looks had."""
        counted = Counter(issue for _, issue in self._seen if issue in MUST_HOLD)
        return next((issue for issue, had in counted.items() if had >= LEAST_SHARE * len(self._seen)), None)
