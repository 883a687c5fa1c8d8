"""What the portrait's page knows of one try before the camera, and what is said of it."""

from dataclasses import dataclass

from hallclient.domain.evidence.facts.liveness_attempts import MOST_ATTEMPTS, LivenessFacts
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.liveness import Advice, Refusal
from hallclient.domain.quality_issue import QualityIssue
from hallclient.domain.supervised_way import is_of_a_try
from ui import wording


@dataclass(slots=True)
class CameraTry:
    """Attempts before it, all and those that count, the last advice, and its end."""

    before: int = 0
    counted: int = 0
    lack: Advice | None = None
    failed: KnownError | None = None

    def headline(self, words: str) -> str:
        """`words` with which of the customer's attempts it is, where one is gone already."""
        if not self.counted:
            return words
        return wording.Portrait.ATTEMPT.format(headline=words, attempt=self.counted + 1, attempts=MOST_ATTEMPTS)

    def refusal(self, made: LivenessFacts) -> Refusal | None:
        """How its attempt ended, after all that were `made`; None where it came to none."""
        if self.failed is not None and self.failed.code is FailureCode.NOT_LIVE:
            return Refusal(self.failed.detail)
        return made.attempts[-1].refusal if len(made.attempts) > self.before else None

    def next_time(self, made: LivenessFacts) -> str:
        """What it, and none before it, teaches for the next; empty where it teaches nothing."""
        refusal, failed = self.refusal(made), self.failed
        if refusal is not None:
            return wording.next_time(refusal, self.lack)
        if failed is None or not is_of_a_try(failed.code):
            return ""
        if failed.code is FailureCode.NO_USABLE_FACE and failed.detail:
            return wording.QUALITY_ISSUES[QualityIssue(failed.detail)]
        return wording.TRY_NEXT_TIME[failed.code]

    def paused(self, error: KnownError, made: LivenessFacts, *, last: bool, secondary_action: bool) -> tuple[str, str]:
        """What the clerk reads when it failed, and the tone; no other follows the `last`."""
        not_live = error.code is FailureCode.NOT_LIVE
        words = ""
        if not_live or last:  # after the last try the banner says what to do, and no longer why
            reason = error.failure.cause
            if not_live:
                reason = wording.failed_because(Refusal(error.detail), self.lack)
            words = wording.Portrait.FAILED.format(reason=reason)
        if not last:
            words += wording.attempts_left(made, self.refusal(made))
            words += wording.Portrait.OTHER_WAY_TOO if secondary_action else ""
        return words, "look" if not_live or last else ""
