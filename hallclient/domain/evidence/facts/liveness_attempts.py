"""The attempts at a live face, as the facts of a portrait keep them."""

from pydantic import Field

from hallclient.domain.evidence.facts.key_pictures import KeyPicture
from hallclient.domain.liveness import CONSEQUENCES, UNTOLD, Challenge, Refusal
from hallclient.domain.manifest_part import ManifestPart

MOST_ATTEMPTS = 3  # at a live face
MOST_UNCOUNTED_ATTEMPTS = 3  # a clerk who has closed other programs, or had to turn to somebody, needs one or two


class LivenessAttempt(ManifestPart):
    """One active check that the face is a live one (ISO/IEC 30107-3); see `hallclient.domain.liveness`.

    `done` counts the challenges that were done, in the order in which they were drawn; where the check was broken off
    or had to begin anew, those before the last that was shown. `refusal` is None when the check was passed.
    `looks_per_s` is how many of the camera's pictures a second were looked at; where the check was broken off, at how
    many before it (without longer waits), by which its challenges were drawn. `likeness` is the lowest score between
    pictures of the check, None when it did not come to that: below the comparison's `match` it is another person's, and
    nobody passes. `process_losses` is how often the face process was lost and replaced while this attempt was looked
    at, 0 where the check was broken off: somebody may end it on purpose to have another look at the same challenges.
    `depth_hint` (0 to 1) is for a reviewer's eye and decides nothing. `pictures` are in the challenges' order.
    """

    challenges: tuple[Challenge, ...]
    done: int
    refusal: Refusal | None
    looks_per_s: float
    depth_hint: float
    likeness: float | None
    process_losses: int = 0
    pictures: tuple[KeyPicture, ...] = ()

    @property
    def judged(self) -> bool:
        """It was passed, or refused for what the person did or did not: its pictures are kept."""
        return self.refusal not in UNTOLD

    @property
    def counts(self) -> bool:
        """It is one of the few that a customer has, see `CONSEQUENCES`; a passed one is."""
        return self.refusal is None or CONSEQUENCES[self.refusal].counts


class LivenessFacts(ManifestPart):
    """Every attempt, in order: there are few, so that nobody can wait for challenges that suit a recording.

    `models` has the SHA-256 of each model file that was seen through. `drawn` are challenges that were drawn in a try
    that ended before anybody saw one of them: the next try asks for them, so that no try draws for nothing.
    """

    models: dict[str, str] = Field(default_factory=dict)
    attempts: tuple[LivenessAttempt, ...] = ()
    drawn: tuple[Challenge, ...] | None = None

    @property
    def key_pictures(self) -> tuple[KeyPicture, ...]:
        """Of all attempts, in their order."""
        return tuple(picture for attempt in self.attempts for picture in attempt.pictures)

    def followed_by(self, last: LivenessAttempt) -> tuple[LivenessAttempt, ...]:
        """All attempts, and `last` after them. Where that is judged, those passed in vain let go of their pictures."""
        before = (
            attempt.changed(pictures=()) if last.judged and attempt.refusal is Refusal.NOT_COMPARED else attempt
            for attempt in self.attempts
        )
        return (*before, last)

    @property
    def counted(self) -> int:
        """How many of a customer's `MOST_ATTEMPTS` were made."""
        return sum(attempt.counts for attempt in self.attempts)

    @property
    def uncounted(self) -> int:
        """How many were made of the `MOST_UNCOUNTED_ATTEMPTS` that do not count and are few as well."""
        refusals = [attempt.refusal for attempt in self.attempts if attempt.refusal is not None]
        return sum(CONSEQUENCES[refusal].bounded and not CONSEQUENCES[refusal].counts for refusal in refusals)

    @property
    def may_try_again(self) -> bool:
        """Attempts are few: nobody shall wait for the challenges that suit a recording."""
        return self.counted < MOST_ATTEMPTS and self.uncounted < MOST_UNCOUNTED_ATTEMPTS

    @property
    def still_asked(self) -> tuple[Challenge, ...] | None:
        """What was drawn before and is asked again, or somebody could wait for some; None where others are drawn.

        See `CONSEQUENCES`: of a pair of which one was done, the other was seen as well.
        """
        last = self.attempts[-1] if self.attempts else None
        if self.drawn is not None or last is None:
            return self.drawn
        return last.challenges if last.refusal in UNTOLD and not last.done else None

    @property
    def live(self) -> bool:
        """The last attempt was passed, and pictures of the same sight were compared."""
        return bool(self.attempts) and self.attempts[-1].refusal is None
