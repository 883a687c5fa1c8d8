"""The face engine fails during a check: what that costs the customer, and what it does not undo."""

from collections.abc import Sequence
from itertools import pairwise

import pytest

from hallclient.devices import FaceEngines, FaceSight, Frame, Glance, Image
from hallclient.domain.comparison import Decision
from hallclient.domain.evidence.facts.liveness_attempts import MOST_ATTEMPTS, MOST_UNCOUNTED_ATTEMPTS
from hallclient.domain.failures import BugError, FailureCode, KnownError
from hallclient.domain.liveness import Challenge, Refusal, Relief
from hallclient.domain.repetition import Repetition
from hallclient.domain.supervised_way import SupervisedWay
from hallclient.services.access import OpenHall
from hallclient.services.equipment import Equipment
from hallclient.services.liveness import LivenessResult, LivenessRun
from hallclient.services.session.portrait import PortraitStep
from tests import doubles
from tests.clock import HandClock
from tests.hallclient.services.sessions import (
    open_consented,
    resume_session,
    shown,
    stored_portrait,
)
from tests.hallclient.services.test_failed_commits import FullDisk, full_at_commit


class Dying(doubles.Customer, doubles.Repetitions, doubles.Matcher):
    """A counter whose face engine fails in `fails_in`, once the customer was asked `asked_first` challenges."""

    def __init__(self, fails_in: str, failure: Exception, asked_first: int = 1) -> None:
        doubles.Customer.__init__(self)
        doubles.Repetitions.__init__(self)
        doubles.Matcher.__init__(self)
        self._fails_in, self._asked_first, self._so_far = fails_in, asked_first, 0
        self.failure: Exception | None = failure

    def asked(self, challenge: Challenge | None) -> None:
        super().asked(challenge)
        self._so_far += challenge is not None

    def _fail(self, where: str) -> None:
        if self.failure is not None and where == self._fails_in and self._so_far >= self._asked_first:
            self._so_far = 0
            raise self.failure

    def look(self, image: Image) -> FaceSight:
        self._fail("look")
        return super().look(image)

    def reliefs(self, rest: Image, moved: Sequence[Image]) -> tuple[Relief | None, ...]:
        self._fail("reliefs")
        return super().reliefs(rest, moved)

    def see(self, glances: Sequence[Glance]) -> Repetition | None:
        self._fail("see")
        return super().see(glances)

    def likeness(self, images: Sequence[Image]) -> float | None:
        self._fail("likeness")
        return super().likeness(images)


def dying_equipment(clock: HandClock, dying: Dying) -> Equipment:
    return doubles.equipment(
        clock, camera=doubles.Camera(clock, customer=dying), faces=FaceEngines(dying, dying, dying, dying)
    )


@pytest.mark.parametrize("fails_in", ["look", "reliefs", "see"])
@pytest.mark.parametrize(
    "failure",
    [KnownError(FailureCode.FACE_WORKER_FAILED), KnownError(FailureCode.MODEL_CHANGED), BugError("of ours")],
    ids=["lost", "changed", "bug"],
)
def test_an_engine_that_fails_in_a_challenge_costs_the_customer_no_attempt(
    fails_in: str, failure: Exception, hall: OpenHall, clock: HandClock
) -> None:
    dying = Dying(fails_in, failure)
    session = open_consented(hall, dying_equipment(clock, dying), clock)
    for number in range(MOST_UNCOUNTED_ATTEMPTS):
        assert session.the(PortraitStep).may_try_again
        with pytest.raises(type(failure)) as caught:
            session.the(PortraitStep).compare(shown(session))
        assert caught.value is failure
        attempts = session.the(PortraitStep).facts.liveness.attempts
        assert [(each.refusal, each.counts) for each in attempts] == [(Refusal.COMPUTER_FAILED, False)] * (number + 1)
        session.close()
        session = resume_session(hall, dying_equipment(clock, dying), session.session_id)
        assert session.the(PortraitStep).facts.liveness.attempts == attempts
    for earlier, later in pairwise(attempts):  # it told nothing: nobody waits for others, but who has seen both
        assert earlier.done or later.challenges == earlier.challenges
    assert len(session.the(PortraitStep).facts.failed_tries) == MOST_UNCOUNTED_ATTEMPTS
    assert not session.the(PortraitStep).may_try_again  # a process can be killed on purpose, while a recording is made
    assert session.the(PortraitStep).supervised_way is SupervisedWay.NO_TRY_LEFT
    session.close()


def test_after_an_engine_that_failed_a_customer_has_every_attempt_of_theirs(hall: OpenHall, clock: HandClock) -> None:
    dying = Dying("look", KnownError(FailureCode.FACE_WORKER_FAILED))
    session = open_consented(hall, dying_equipment(clock, dying), clock)
    for _ in range(MOST_UNCOUNTED_ATTEMPTS - 1):
        with pytest.raises(KnownError, match="face_worker_failed"):
            session.the(PortraitStep).compare(shown(session))
    dying.failure, dying.obeys = None, False
    for _ in range(MOST_ATTEMPTS - 1):
        with pytest.raises(KnownError, match="not_live"):
            session.the(PortraitStep).compare(shown(session))
    dying.obeys = True
    assert session.the(PortraitStep).compare(shown(session)).decision is Decision.MATCHED
    session.close()


def test_an_engine_that_fails_after_the_last_challenge_leaves_a_check_that_was_not_compared(
    hall: OpenHall, clock: HandClock
) -> None:
    """Whether one person did all of it could not be seen; what was done was done."""
    dying = Dying("likeness", KnownError(FailureCode.FACE_WORKER_FAILED))
    session = open_consented(hall, dying_equipment(clock, dying), clock)
    tries = MOST_ATTEMPTS + MOST_UNCOUNTED_ATTEMPTS
    for _ in range(tries):
        with pytest.raises(KnownError, match="face_worker_failed"):
            session.the(PortraitStep).compare(shown(session))
        assert not session.the(PortraitStep).facts.liveness.live
    attempts = session.the(PortraitStep).facts.liveness.attempts
    assert [(each.refusal, each.done, each.counts) for each in attempts] == [(Refusal.NOT_COMPARED, 2, False)] * tries
    assert len({each.challenges for each in attempts}) > 1
    failed_tries = session.the(PortraitStep).facts.failed_tries
    assert [failed.code for failed in failed_tries] == [FailureCode.FACE_WORKER_FAILED] * tries
    assert session.the(PortraitStep).supervised_way is SupervisedWay.TRIED_ENOUGH
    dying.failure = None
    assert session.the(PortraitStep).compare(shown(session)).decision is Decision.MATCHED
    assert session.the(PortraitStep).facts.liveness.attempts[-1].refusal is None
    session.close()


@pytest.mark.parametrize(
    "failure",
    [
        KnownError(FailureCode.FACE_WORKER_FAILED),
        pytest.param(ZeroDivisionError(), marks=pytest.mark.expects_log("ZeroDivisionError")),
    ],
)
def test_a_refusal_stands_when_the_engine_fails_right_after_it(
    hall: OpenHall, clock: HandClock, failure: Exception
) -> None:
    """Nobody undoes what was seen of them by killing a process; a mistake of ours is in the log."""
    dying = Dying("see", KnownError(FailureCode.FACE_WORKER_FAILED), asked_first=99)
    dying.obeys = False
    session = open_consented(hall, dying_equipment(clock, dying), clock)
    over = LivenessRun.result

    def killed(run: LivenessRun, before: Sequence[Frame] = ()) -> LivenessResult:
        over(run, before)
        raise failure

    with pytest.MonkeyPatch.context() as patches:
        patches.setattr(LivenessRun, "result", killed)
        with pytest.raises(KnownError) as caught:
            session.the(PortraitStep).compare(shown(session))
    assert (caught.value.code, caught.value.detail) == (FailureCode.NOT_LIVE, Refusal.TOO_SLOW)
    assert [each.refusal for each in session.the(PortraitStep).facts.liveness.attempts] == [Refusal.TOO_SLOW]
    session.close()


def test_how_a_try_ended_is_kept_before_the_next_one_when_the_disk_was_full(hall: OpenHall, clock: HandClock) -> None:
    """An engine that failed is not held against the customer because the disk was full, too."""
    dying = Dying("look", KnownError(FailureCode.FACE_WORKER_FAILED))
    session = open_consented(hall, dying_equipment(clock, dying), clock)
    for _ in range(MOST_UNCOUNTED_ATTEMPTS - 1):
        with pytest.MonkeyPatch.context() as patches:
            full_at_commit(patches, FullDisk(3))  # the draw, or how the try before ended, is kept first
            with pytest.raises(KnownError, match="disk_full"):
                session.the(PortraitStep).compare(shown(session))
        assert session.the(PortraitStep).may_try_again
        assert stored_portrait(hall, session).liveness.attempts[-1].refusal is Refusal.INTERRUPTED
    dying.failure = None
    assert session.the(PortraitStep).compare(shown(session)).decision is Decision.MATCHED
    facts = stored_portrait(hall, session)
    failed_tries = MOST_UNCOUNTED_ATTEMPTS - 1
    assert [each.refusal for each in facts.liveness.attempts] == [Refusal.COMPUTER_FAILED] * failed_tries + [None]
    assert [failed.code for failed in facts.failed_tries] == [FailureCode.FACE_WORKER_FAILED] * failed_tries
    session.close()
