"""What a supervisor has to know of the tries before the camera: the one rule, for the list and the case alike.

Every attempt and every failed try is kept, in order. The last one alone would tell little: whoever has shown a
photograph may keep the computer busy afterwards.
"""

from collections import Counter
from dataclasses import dataclass

from hallclient.domain.evidence.facts.liveness_attempts import LivenessFacts
from hallclient.domain.evidence.facts.portrait import FailedTry, PortraitFacts
from hallclient.domain.failures import FailureCode
from hallclient.domain.liveness import CONSEQUENCES, Refusal

# What looks most like an attack first; then what a person may do by mistake; then what the counter did.
GRAVEST_FIRST = (
    Refusal.OTHER_PERSON,
    Refusal.FLAT,
    Refusal.REPEATED,
    Refusal.FROZEN,
    Refusal.JUMP,
    Refusal.SECOND_FACE,
    Refusal.WRONG_MOVEMENT,
    Refusal.TOO_SLOW,
    Refusal.FACE_LOST,
    Refusal.COMPUTER_FAILED,
    Refusal.INTERRUPTED,
    Refusal.STOPPED_BY_CLERK,
    Refusal.COMPUTER_TOO_SLOW,
    Refusal.CAMERA_TOO_SLOW,
    Refusal.NOT_COMPARED,
)
# An attempt that was refused so is kept together with a failed try that says the same, which may also end before
# anything is asked.
KEPT_WITH_A_TRY = {
    Refusal.COMPUTER_TOO_SLOW: FailureCode.COMPUTER_TOO_SLOW,
    Refusal.CAMERA_TOO_SLOW: FailureCode.CAMERA_TOO_SLOW,
    Refusal.STOPPED_BY_CLERK: FailureCode.CHECK_STOPPED,
}


def speaks_against(refusal: Refusal) -> bool:
    """It is about who sat there, and not about the counter's equipment or its clerk."""
    return CONSEQUENCES[refusal].counts and not CONSEQUENCES[refusal].asks_the_same


@dataclass(frozen=True, slots=True)
class Refused:
    """How many attempts were refused, by whose they were: only `against` the person is a check that was not passed."""

    against: int
    stopped: int
    by_equipment: int


def refused(liveness: LivenessFacts) -> Refused:
    """Of all attempts; a passed one is in none."""
    refusals = [attempt.refusal for attempt in liveness.attempts if attempt.refusal is not None]
    against = sum(map(speaks_against, refusals))
    stopped = refusals.count(Refusal.STOPPED_BY_CLERK)
    return Refused(against, stopped, len(refusals) - against - stopped)


def gravest(liveness: LivenessFacts) -> Refusal | None:
    """Of all refused attempts the one to be told where there is room for one; None without any."""
    refusals = {attempt.refusal for attempt in liveness.attempts}
    return next((refusal for refusal in GRAVEST_FIRST if refusal in refusals), None)


def why_not_live(facts: PortraitFacts) -> Refusal | FailureCode | None:
    """Why nobody was seen to be live: the gravest refusal, or how the last try ended when none came to an attempt.

    None for who was seen to be live in the end, and where nothing was tried: a consent that was refused.
    """
    if facts.liveness.live:
        return None
    return gravest(facts.liveness) or (facts.failed_tries[-1].code if facts.failed_tries else None)


def tries_beside_attempts(facts: PortraitFacts) -> tuple[FailedTry, ...]:
    """The failed tries, in order, that say what no attempt says: those before a challenge, and what failed in one."""
    said = Counter(KEPT_WITH_A_TRY.get(attempt.refusal) for attempt in facts.liveness.attempts if attempt.refusal)
    beside = []
    for failed in facts.failed_tries:
        if failed.code is FailureCode.NOT_LIVE:  # is always one of an attempt
            continue
        if said[failed.code]:
            said[failed.code] -= 1
            continue
        beside.append(failed)
    return tuple(beside)
