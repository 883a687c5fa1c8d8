"""An issue that a person can read: it stays for a while, and a passing one is never shown."""

from hallclient.domain.liveness import Advice
from hallclient.domain.quality_issue import QualityIssue

SHOWN_S = 0.6  # long enough to be read
FIRST_S = 1.0  # the camera finds its focus and its light, and the customer the lens
STABLE_S = 0.25  # a blink, or one frame in which the detector erred, is shorter

Issue = QualityIssue | Advice


class SteadyIssue:
    """Turns what each picture shows into what stands on the screen; None stands for nothing to change."""

    def __init__(self) -> None:
        self._begun_s: float | None = None
        self._now_s = 0.0
        self._shown: Issue | None = None
        self._shown_since_s = 0.0
        self._next: Issue | None = None
        self._next_since_s = 0.0

    @property
    def speaks(self) -> bool:
        """Whether what `update` gave may stand on the screen: praise at once, an issue not in the first second."""
        return self._begun_s is not None and (self._shown is None or self._now_s - self._begun_s >= FIRST_S)

    def update(self, issue: Issue | None, now_s: float) -> Issue | None:
        """What to show at `now_s` (monotonic), the newest picture having `issue`."""
        self._now_s = now_s
        if self._begun_s is None:
            self._begun_s = now_s
            self._shown = self._next = issue
            self._shown_since_s = self._next_since_s = now_s
        if issue is not self._next:
            self._next, self._next_since_s = issue, now_s
        may_change = now_s - self._shown_since_s >= SHOWN_S and now_s - self._next_since_s >= STABLE_S
        if self._next is not self._shown and may_change:
            self._shown, self._shown_since_s = self._next, now_s
        return self._shown
