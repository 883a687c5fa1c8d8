"""What the attempts at a live face may not say of themselves: what `hallclient.services` never writes there.

A program that was changed could write them; it is not stopped from inventing a whole check that fits.
"""

import re
from collections import Counter

from hallclient.domain.evidence.facts.liveness_attempts import LivenessAttempt, LivenessFacts
from hallclient.domain.evidence.facts.portrait import FailedTry, PortraitFacts
from hallclient.domain.failures import FailureCode
from hallclient.domain.liveness import HEAD_CHALLENGES, PAIRS, UNTOLD, Refusal, least_looks, replaces_blink
from hallclient.domain.supervised_way import is_of_a_try
from hallclient.domain.why_reviewed import KEPT_WITH_A_TRY, speaks_against

_MOST_LOOKS = 1000.0  # a second: no camera gives so many pictures; nothing is infinite
_MOST_LIKENESS = 1.001  # a cosine's 1, rounded
_SHA256 = re.compile(r"[0-9a-f]{64}")

# All challenges were done: the comparison of the pictures comes after them.
_AFTER_ALL = frozenset({None, Refusal.OTHER_PERSON, Refusal.NOT_COMPARED})
# They end a challenge, so that not all can have been done.
_IN_A_CHALLENGE = frozenset({Refusal.FACE_LOST, Refusal.SECOND_FACE, Refusal.WRONG_MOVEMENT, Refusal.FLAT})
# Nothing is known of it but what was drawn, and for how many looks a second.
_BROKEN_OFF = frozenset({Refusal.INTERRUPTED, Refusal.COMPUTER_FAILED, Refusal.STOPPED_BY_CLERK})
# Each is kept together with a try that was NOT_LIVE, and no such try without one.
_OF_THE_PERSON = [refusal for refusal in Refusal if speaks_against(refusal)]


def attempts_few(facts: PortraitFacts) -> bool:
    """Before each attempt another one was allowed, see `LivenessFacts.may_try_again`, and none follows a passed one."""
    before = LivenessFacts(attempts=facts.liveness.attempts[:-1])
    # What was not allowed before some attempt is not before the last either.
    return before.may_try_again and all(attempt.refusal is not None for attempt in before.attempts)


def challenges_drawn(facts: PortraitFacts) -> bool:
    """Each attempt asked for a pair that may be drawn; after one that told nothing, for the same but for a blink."""
    attempts, drawn = facts.liveness.attempts, facts.liveness.drawn
    asked = [attempt.challenges for attempt in attempts] + ([] if drawn is None else [drawn])
    stills = [LivenessFacts(attempts=(attempt,)).still_asked for attempt in attempts]
    return all(pair in PAIRS for pair in asked) and all(
        still is None or still == pair or replaces_blink(still, pair)
        for still, pair in zip(stills, asked[1:], strict=False)
    )


def passed_by_challenges(facts: PortraitFacts) -> bool:
    """Who passed did all that was asked, in enough pictures to see it, and was one person by the comparison's measure.

    That it was a face with depth is in `attempts_fit`.
    """
    face = facts.face
    return all(
        attempt.challenges
        and attempt.done == len(attempt.challenges)
        and attempt.looks_per_s >= least_looks(attempt.challenges)
        and attempt.likeness is not None
        and (face is None or attempt.likeness >= face.comparison.thresholds.match)
        for attempt in facts.liveness.attempts
        if attempt.refusal is None
    )


def attempts_fit(facts: PortraitFacts) -> bool:
    """What each attempt says of itself can be true together, and it names the models that it was seen through."""
    liveness = facts.liveness
    named = all(name and _SHA256.fullmatch(digest) for name, digest in liveness.models.items())
    return named and bool(liveness.models) is bool(liveness.attempts) and all(map(_fits, liveness.attempts))


def tries_fit(facts: PortraitFacts) -> bool:
    """The failed tries are some that are kept, and those that a check ended are as many as such checks."""
    tries, attempts = facts.failed_tries, facts.liveness.attempts
    codes, refusals = Counter(failed.code for failed in tries), Counter(attempt.refusal for attempt in attempts)
    return (
        all(map(_can_be_kept, tries))
        and codes[FailureCode.NOT_LIVE] == sum(refusals[refusal] for refusal in _OF_THE_PERSON)
        and all(refusals[refusal] <= codes[code] for refusal, code in KEPT_WITH_A_TRY.items())
    )


def _can_be_kept(failed: FailedTry) -> bool:
    return is_of_a_try(failed.code) and (failed.remark is None or failed.code is FailureCode.NO_USABLE_FACE)


def _fits(attempt: LivenessAttempt) -> bool:
    """Of one attempt: how far it came by its refusal, and what can be known then."""
    asked, done, refusal = len(attempt.challenges), attempt.done, attempt.refusal
    return (
        0 <= done <= asked
        and attempt.process_losses >= 0
        and 0 <= attempt.looks_per_s < _MOST_LOOKS
        and (done == asked or refusal not in _AFTER_ALL)
        and (done < asked or refusal not in _IN_A_CHALLENGE)
        and (0 <= attempt.depth_hint <= 1 if refusal in UNTOLD else _depth_fits(attempt))
        and (attempt.likeness is None or (refusal in _AFTER_ALL and abs(attempt.likeness) <= _MOST_LIKENESS))
        and (refusal not in _BROKEN_OFF or _tells_nothing(attempt))
    )


def _depth_fits(attempt: LivenessAttempt) -> bool:
    """Depth was seen in every movement of the head that was done, and in none that was not asked yet."""
    done, asked = attempt.challenges[: attempt.done], attempt.challenges[: attempt.done + 1]
    hint = attempt.depth_hint
    if HEAD_CHALLENGES.intersection(done):
        return 0 < hint <= 1
    return 0 <= hint <= 1 if HEAD_CHALLENGES.intersection(asked) else hint == 0


def _tells_nothing(attempt: LivenessAttempt) -> bool:
    """As it was kept before its last challenge was shown: with the rate for which that was drawn."""
    return (
        attempt.done < len(attempt.challenges)
        and attempt.depth_hint == 0
        and attempt.looks_per_s >= least_looks(attempt.challenges)
    )
