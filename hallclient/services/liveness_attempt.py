"""The attempt of one try before the camera, from the draw of its challenges to what is kept of it."""

from hallclient.devices import Entropy
from hallclient.domain.evidence.facts.liveness_attempts import LivenessAttempt, LivenessFacts
from hallclient.domain.failures import BugError
from hallclient.domain.liveness import UNTOLD, Challenge, Refusal, ask_again, draw_challenges


class OpenAttempt:
    """One more attempt of a session; nothing of it is known before its challenges are drawn."""

    def __init__(self, before: LivenessFacts, models: dict[str, str], entropy: Entropy) -> None:
        """`before` has the session's attempts so far, `models` the SHA-256 of each model file that is seen through."""
        self._before = before
        self._models = models
        self._entropy = entropy
        self._drawn: LivenessAttempt | None = None
        self._shown = 0

    @property
    def begun(self) -> bool:
        """It is kept, because somebody may have seen its first challenge."""
        return self._shown > 0

    def draw(self, looks_per_s: float) -> tuple[Challenge, ...]:
        """What to ask for: what is asked still, or what is drawn for that many looks a second."""
        asked = self._before.still_asked
        self._drawn = LivenessAttempt(
            challenges=draw_challenges(self._entropy, looks_per_s)
            if asked is None
            else ask_again(asked, self._entropy, looks_per_s),
            done=0,
            refusal=Refusal.INTERRUPTED,
            looks_per_s=round(looks_per_s, 1),
            depth_hint=0.0,
            likeness=None,
        )
        return self._drawn.challenges

    def shows_more(self, challenge: Challenge) -> bool:
        """Nobody has seen `challenge` yet: what `facts_shown` says has to be kept before."""
        return self._of_draw.challenges.index(challenge) >= self._shown

    def facts_shown(self, challenge: Challenge) -> LivenessFacts:
        """All attempts with this one as the last, interrupted while `challenge` is asked: what is kept before it is."""
        return self.facts(done=self._of_draw.challenges.index(challenge))

    def note_shown(self, challenge: Challenge) -> None:
        """It is kept that somebody may see `challenge`."""
        self._shown = self._of_draw.challenges.index(challenge) + 1

    def facts_drawn(self) -> LivenessFacts:
        """The attempts before, and what was drawn and is kept before anybody sees any of it."""
        return self._before.changed(drawn=self._of_draw.challenges)

    def facts(self, **ended: object) -> LivenessFacts:
        """All attempts with this one as the last, interrupted or as `ended` says: fields of `LivenessAttempt`.

        Of one that told nothing of the person, what was seen counts: a check that began anew may have done less since.
        """
        seen = max(self._shown - 1, 0)
        last = self._of_draw.changed(**{"done": seen} | ended)
        if last.refusal in UNTOLD:
            last = last.changed(done=max(last.done, seen))
        return LivenessFacts(models=self._models, attempts=self._before.followed_by(last))

    @property
    def _of_draw(self) -> LivenessAttempt:
        if self._drawn is None:
            raise BugError("an attempt without challenges")
        return self._drawn
