"""What the attempts at a live face may not say of themselves: what `hallclient.services` never writes there.

A program that was changed could write them; it is not stopped from inventing a whole check that fits.
"""

import re
from collections import Counter

from hallclient.domain.evidence.facts.liveness_attempts import LivenessAttempt, LivenessFacts
from hallclient.domain.evidence.facts.portrait import FailedTry, PortraitFacts
from hallclient.domain.failures import FailureCode
from hallclient.domain.liveness import HEAD_CHALLENGES, PAIRS, UNTOLD, Challenge, Refusal, least_looks, replaces_blink
from hallclient.domain.liveness_limits import LEAST_LOOKS
from hallclient.domain.supervised_way import is_of_a_try
from hallclient.domain.why_reviewed import KEPT_WITH_A_TRY, speaks_against

_MOST_LOOKS = 1000.0  # a second, of an attempt that ended after two or three; nothing is infinite
_MOST_STEADY_LOOKS = 20.0  # of a whole check: it is looked 15 times a second, see `LookPace`
_MOST_LOSSES = 2  # one before the first look, and one after which the check begins anew; the next one ends it
_MOST_LIKENESS = 1.001  # a cosine's 1, rounded
_SHA256 = re.compile(r"[0-9a-f]{64}")

# All challenges were done: the comparison of the pictures comes after them.
_AFTER_ALL = frozenset({None, Refusal.OTHER_PERSON, Refusal.NOT_COMPARED})
# They end a challenge, so that not all can have been done.
_IN_A_CHALLENGE = frozenset({Refusal.FACE_LOST, Refusal.SECOND_FACE, Refusal.WRONG_MOVEMENT, Refusal.FLAT})
# Of a movement in fewer pictures than tell one from another it is not said.
_OF_A_MOVEMENT = frozenset({Refusal.WRONG_MOVEMENT, Refusal.FLAT})
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
    liveness = facts.liveness
    attempts, drawn = liveness.attempts, liveness.drawn
    if drawn is not None and (liveness.live or not liveness.may_try_again):
        return False  # nothing was drawn for
    asked = [attempt.challenges for attempt in attempts] + ([] if drawn is None else [drawn])
    return all(pair in PAIRS for pair in asked) and all(
        _may_follow(attempt, pair) for attempt, pair in zip(attempts, asked[1:], strict=False)
    )


def _may_follow(attempt: LivenessAttempt, pair: tuple[Challenge, ...]) -> bool:
    still = LivenessFacts(attempts=(attempt,)).still_asked
    if still is None or still == pair:
        return True
    # Where it was broken off its rate is the one for which the blink was drawn; it may be lower by the next try.
    return replaces_blink(still, pair)


def passed_by_challenges(facts: PortraitFacts) -> bool:
    """Who passed did all that was asked, in enough pictures to see it, and was one person by the comparison's measure.

    That it was a face with depth is in `attempts_fit`. Whose comparison failed afterwards had passed as well, as far as
    it came; who was another person was not alike.
    """
    face = facts.face
    match = None if face is None else face.comparison.thresholds.match
    return all(_passed(attempt, match) for attempt in facts.liveness.attempts)


def _passed(attempt: LivenessAttempt, match: float | None) -> bool:
    likeness = attempt.likeness
    if attempt.refusal is Refusal.OTHER_PERSON:
        return likeness is None or match is None or not likeness >= match
    if attempt.refusal is not None and (attempt.refusal is not Refusal.NOT_COMPARED or likeness is None):
        return True
    return (
        bool(attempt.challenges)
        and attempt.done == len(attempt.challenges)
        and least_looks(attempt.challenges) <= attempt.looks_per_s <= _MOST_STEADY_LOOKS
        and likeness is not None
        and (match is None or likeness >= match)
    )


def attempts_fit(facts: PortraitFacts) -> bool:
    """What each attempt says of itself can be true together, and it names the models that it was seen through."""
    liveness = facts.liveness
    named = all(name and _SHA256.fullmatch(digest) for name, digest in liveness.models.items())
    return named and bool(liveness.models) is bool(liveness.attempts) and all(map(_fits, liveness.attempts))


def tries_fit(facts: PortraitFacts) -> bool:
    """The failed tries are some that are kept, and those that a check ended are as many as such checks.

    What was refused as a virtual camera was one, is named, and took no picture.
    """
    tries, attempts = facts.failed_tries, facts.liveness.attempts
    codes, refusals = Counter(failed.code for failed in tries), Counter(attempt.refusal for attempt in attempts)
    return (
        all(map(_can_be_kept, tries))
        and all(camera.virtual for camera in facts.refused_cameras)
        and not set(facts.refused_cameras) & set(facts.cameras)
        and (not codes[FailureCode.CAMERA_VIRTUAL] or bool(facts.refused_cameras))
        and codes[FailureCode.NOT_LIVE] == sum(refusals[refusal] for refusal in _OF_THE_PERSON)
        and all(refusals[refusal] <= codes[code] for refusal, code in KEPT_WITH_A_TRY.items())
    )


def _can_be_kept(failed: FailedTry) -> bool:
    return is_of_a_try(failed.code) and (failed.issue is None or failed.code is FailureCode.NO_USABLE_FACE)


def _fits(attempt: LivenessAttempt) -> bool:
    """Of one attempt: how far it came by its refusal, and what can be known then."""
    asked, done, refusal = len(attempt.challenges), attempt.done, attempt.refusal
    return (
        0 <= done <= asked
        and 0 <= attempt.process_losses <= (0 if refusal in _BROKEN_OFF else _MOST_LOSSES)
        and 0 <= attempt.looks_per_s < _MOST_LOOKS
        and (done == asked or refusal not in _AFTER_ALL)
        and (done < asked or refusal not in _IN_A_CHALLENGE)
        and (0 <= attempt.depth_hint <= 1 if refusal in UNTOLD else _depth_fits(attempt))
        and (attempt.likeness is None or (refusal in _AFTER_ALL and abs(attempt.likeness) <= _MOST_LIKENESS))
        and (refusal not in _BROKEN_OFF or _tells_nothing(attempt))
        and (refusal not in _OF_A_MOVEMENT or attempt.looks_per_s >= LEAST_LOOKS)
        and (refusal is not Refusal.FLAT or attempt.challenges[done] in HEAD_CHALLENGES)
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
