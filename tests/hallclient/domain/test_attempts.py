"""How many attempts at a live face a customer has."""

import pytest

from hallclient.domain.evidence import LivenessAttempt, LivenessFacts
from hallclient.domain.liveness import Challenge, Refusal

NOT_HIS, HIS, PLUG = Refusal.COMPUTER_TOO_SLOW, Refusal.TOO_SLOW, Refusal.CAMERA_TOO_SLOW
STOPPED = Refusal.STOPPED_BY_CLERK


@pytest.mark.parametrize(
    ("refusals", "another"),
    [
        ((), True),
        ((HIS, HIS), True),
        ((HIS, HIS, HIS), False),
        ((HIS, PLUG, Refusal.INTERRUPTED), False),
        ((NOT_HIS, NOT_HIS, HIS, HIS), True),
        ((NOT_HIS, NOT_HIS, HIS, HIS, HIS), False),
        ((NOT_HIS, NOT_HIS, NOT_HIS), False),
        ((STOPPED, STOPPED, HIS, HIS), True),
        ((STOPPED, NOT_HIS, STOPPED), False),
    ],
)
def test_attempts_are_few_and_so_are_those_that_do_not_count(refusals: tuple[Refusal, ...], another: bool) -> None:
    attempts = tuple(
        LivenessAttempt(challenges=(Challenge.NOD,), done=0, refusal=refusal, depth_hint=0.0, likeness=None)
        for refusal in refusals
    )
    assert LivenessFacts(attempts=attempts).may_try_again is another
