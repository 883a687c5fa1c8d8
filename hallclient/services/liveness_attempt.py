"""The attempt of one try before the camera, from the draw of its challenges to what is kept of it."""

from hallclient.devices import Entropy
from hallclient.domain.evidence import LivenessAttempt, LivenessFacts
from hallclient.domain.failures import BugError
from hallclient.domain.liveness import Challenge, Refusal, draw_challenges


class OpenAttempt:
    """One more attempt of a session; nothing of it is known before its challenges are drawn.

    Attributes:
        begun: it is kept, because somebody may have seen its first challenge; whoever keeps it says so.
    """

    def __init__(self, before: LivenessFacts, models: dict[str, str], entropy: Entropy) -> None:
        """`before` has the session's attempts so far, `models` the SHA-256 of each model file that is seen through."""
        self.begun = False
        self._before = before
        self._models = models
        self._entropy = entropy
        self._drawn: LivenessAttempt | None = None

    def draw(self, looks_per_s: float) -> tuple[Challenge, ...]:
        """What to ask for: what is asked still, or what is drawn for that many looks a second."""
        self._drawn = LivenessAttempt(
            challenges=self._before.still_asked or draw_challenges(self._entropy, looks_per_s),
            done=0,
            refusal=Refusal.INTERRUPTED,
            looks_per_s=round(looks_per_s, 1),
            depth_hint=0.0,
            likeness=None,
        )
        return self._drawn.challenges

    def facts(self, **ended: object) -> LivenessFacts:
        """All attempts with this one as the last, interrupted or as `ended` says: fields of `LivenessAttempt`."""
        if self._drawn is None:
            raise BugError("an attempt without challenges")
        return LivenessFacts(models=self._models, attempts=(*self._before.attempts, self._drawn.changed(**ended)))
