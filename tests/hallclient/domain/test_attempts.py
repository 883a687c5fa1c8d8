"""How many attempts at a live face a customer has."""

import pytest

from hallclient.domain.evidence.facts.liveness_attempts import LivenessAttempt, LivenessFacts
from hallclient.domain.liveness import CONSEQUENCES, UNTOLD, Challenge, Refusal

NOT_HIS, HIS, PLUG = Refusal.COMPUTER_TOO_SLOW, Refusal.TOO_SLOW, Refusal.INTERRUPTED
STOPPED, FAILED, CAMERA = Refusal.STOPPED_BY_CLERK, Refusal.COMPUTER_FAILED, Refusal.CAMERA_TOO_SLOW


@pytest.mark.parametrize(
    ("refusals", "another"),
    [
        ((), True),
        ((HIS, HIS), True),
        ((HIS, HIS, HIS), False),
        ((HIS, PLUG, PLUG), False),
        ((NOT_HIS, NOT_HIS, HIS, HIS), True),
        ((NOT_HIS, NOT_HIS, HIS, HIS, HIS), False),
        ((NOT_HIS, NOT_HIS, NOT_HIS), False),
        ((CAMERA, CAMERA, HIS, HIS), True),
        ((CAMERA, NOT_HIS, CAMERA), False),
        ((STOPPED, STOPPED, HIS, HIS), True),
        ((STOPPED, NOT_HIS, STOPPED), False),
        ((FAILED, FAILED, HIS, HIS), True),
        ((FAILED, NOT_HIS, STOPPED), False),
        ((Refusal.NOT_COMPARED,) * 9 + (FAILED, FAILED, HIS, HIS), True),
    ],
)
def test_attempts_are_few_and_so_are_those_that_do_not_count(refusals: tuple[Refusal, ...], another: bool) -> None:
    attempts = tuple(
        LivenessAttempt(
            challenges=(Challenge.NOD,), done=0, refusal=refusal, looks_per_s=15.0, depth_hint=0.0, likeness=None
        )
        for refusal in refusals
    )
    assert LivenessFacts(attempts=attempts).may_try_again is another


def test_every_refusal_has_its_consequence() -> None:
    assert CONSEQUENCES.keys() == set(Refusal)


def test_nobody_is_asked_the_same_any_number_of_times_and_what_counts_is_few() -> None:
    """A recording of the challenges could be made meanwhile."""
    for after in CONSEQUENCES.values():
        assert after.bounded or not (after.asks_the_same or after.counts)


def test_what_is_asked_again_is_what_told_nothing_of_the_person() -> None:
    told_nothing = {PLUG, FAILED, NOT_HIS, CAMERA, STOPPED}
    assert told_nothing == UNTOLD
    for refusal in Refusal:
        attempt = LivenessAttempt(
            challenges=(Challenge.NOD,), done=0, refusal=refusal, looks_per_s=15.0, depth_hint=0.0, likeness=None
        )
        asked = LivenessFacts(attempts=(attempt,)).still_asked
        assert asked == (attempt.challenges if refusal in told_nothing else None)
