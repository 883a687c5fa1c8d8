"""What fails at the portrait that is not the customer's: the face process, the comparison, a mistake of ours."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from hallclient.devices import FaceSight, Image
from hallclient.domain.comparison import Comparison, Decision
from hallclient.domain.evidence.facts.liveness_attempts import MOST_ATTEMPTS, MOST_UNCOUNTED_ATTEMPTS
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.liveness import Challenge, Refusal
from hallclient.domain.quality_issue import QualityIssue
from hallclient.domain.supervised_way import SupervisedWay
from hallclient.services.access import OpenHall
from hallclient.services.session.engine import Session
from hallclient.services.session.portrait import PortraitStep
from hallclient.services.stop import Stop
from hallclient.storage.audit import events
from tests import doubles
from tests.clock import HandClock
from tests.drivers.waiting import eventually
from tests.hallclient.services.session.failing_matcher import DyingMatcher
from tests.hallclient.services.sessions import (
    UNSEEN,
    open_consented,
    resume_session,
    shown,
)


class FaceWorker:
    """The process of the faces of `doubles.equipment`: what it was asked of, and has not forgotten."""

    def __init__(self, customer: doubles.Customer) -> None:
        self._customer = customer
        self.prepared = self.forgot = 0

    def prewarm(self) -> None: ...

    def await_ready(self) -> None: ...

    def watch(self, listener: Callable[[], None]) -> None: ...

    def prepare(self, images: Sequence[Image]) -> None:
        self.prepared += len(images)

    def forget(self) -> None:
        self._customer.is_looked_at = False
        self.forgot += 1


def test_after_every_try_however_it_ends_the_face_process_is_told_to_forget(hall: OpenHall, clock: HandClock) -> None:
    customer = doubles.Customer(obeys=False)
    worker, matcher = FaceWorker(customer), DyingMatcher(FailureCode.DISK_FULL)
    camera = doubles.Camera(clock, customer=customer)
    equipment = doubles.equipment(clock, customer=customer, camera=camera, matcher=matcher, face_worker=worker)
    session = open_consented(hall, equipment, clock)
    with pytest.raises(KnownError, match="not_live"):
        session.the(PortraitStep).compare(UNSEEN)
    # The good pictures, and the face at rest when something was asked.
    assert (worker.prepared, worker.forgot, customer.is_looked_at) == (3 + 1, 1, False)
    customer.obeys = True
    with pytest.raises(KnownError, match="disk_full"):
        session.the(PortraitStep).compare(shown(session))
    assert (worker.forgot, customer.is_looked_at) == (2, False)
    customer.obeys, matcher.failure = False, None
    with pytest.raises(KnownError, match="not_live"):
        session.the(PortraitStep).compare(UNSEEN)
    assert session.the(PortraitStep).leave_to_supervisor().decision is Decision.MATCHED
    assert (worker.forgot, customer.is_looked_at) == (4, False)  # the comparison was the last that it saw
    session.close()


class LosingItsProcess(doubles.Customer):
    """Each look that `lost_at` names finds the face process gone, and `pictures` of the camera's come meanwhile."""

    def __init__(self, lost_at: Callable[[int, bool], bool], pictures: int = 0) -> None:
        super().__init__()
        self._lost_at, self._pictures, self._looks = lost_at, pictures, 0
        self.camera: doubles.Camera | None = None

    def look(self, image: Image) -> FaceSight:
        self._looks += 1
        lost = self._lost_at(self._looks, self._asked is not None)
        for _ in range(self._pictures if lost else 0):
            self._let_one_pass()
        return replace(super().look(image), after_loss=lost)

    def _let_one_pass(self) -> None:
        camera = self.camera
        assert camera is not None
        due = camera.read_so_far + 1
        self.looks.set()
        eventually(lambda: camera.read_so_far >= due)


def test_a_face_process_that_dies_before_the_first_challenge_ends_nothing_and_lowers_no_rate(
    hall: OpenHall, clock: HandClock
) -> None:
    """The wait for another one is short here, as that of a busy computer: 5 pictures of 15 a second."""
    customer = LosingItsProcess(lambda look, asked: look == 12 and not asked, pictures=5)
    customer.camera = doubles.Camera(clock, customer=customer)
    session = open_consented(hall, doubles.equipment(clock, customer=customer, camera=customer.camera), clock)
    begun: list[float] = []

    def asked(challenge: Challenge | None) -> None:
        if not begun:
            begun.append(session.the(PortraitStep).facts.liveness.attempts[-1].looks_per_s)
        customer.asked(challenge)

    assert session.the(PortraitStep).compare(replace(UNSEEN, on_challenge=asked)).decision is Decision.MATCHED
    assert begun[0] > 12.5  # of 14.3; with the wait it was 11
    assert session.the(PortraitStep).facts.failed_tries == ()
    assert session.the(PortraitStep).facts.liveness.live
    session.close()


def test_a_face_process_that_dies_twice_in_the_challenges_is_no_busy_computer(hall: OpenHall, clock: HandClock) -> None:
    customer = LosingItsProcess(lambda look, asked: asked)
    session = open_consented(hall, doubles.equipment(clock, customer=customer), clock)
    with pytest.raises(KnownError) as caught:
        session.the(PortraitStep).compare(shown(session))
    assert (caught.value.code, caught.value.detail) == (FailureCode.FACE_WORKER_FAILED, Refusal.COMPUTER_FAILED)
    (attempt,) = session.the(PortraitStep).facts.liveness.attempts
    assert (attempt.refusal, attempt.counts) == (Refusal.COMPUTER_FAILED, False)
    assert [failed.code for failed in session.the(PortraitStep).facts.failed_tries] == [FailureCode.FACE_WORKER_FAILED]
    session.close()


@pytest.mark.parametrize(
    ("code", "kept", "way"),
    [
        (FailureCode.FACE_WORKER_FAILED, True, SupervisedWay.TRIED_ENOUGH),
        (FailureCode.DISK_FULL, False, None),
    ],
)
def test_what_fails_after_a_passed_check_costs_the_customer_no_attempt(
    code: FailureCode, kept: bool, way: SupervisedWay | None, hall: OpenHall, clock: HandClock
) -> None:
    matcher = DyingMatcher(code)
    session = open_consented(hall, doubles.equipment(clock, matcher=matcher), clock)
    tries = MOST_ATTEMPTS + MOST_UNCOUNTED_ATTEMPTS
    for _ in range(tries):
        with pytest.raises(KnownError, match=code):
            session.the(PortraitStep).compare(shown(session))
        assert not session.the(PortraitStep).facts.liveness.live  # a passed check is not used again for other pictures
        session.close()
        session = resume_session(hall, doubles.equipment(clock, matcher=matcher), session.session_id)
    attempts = session.the(PortraitStep).facts.liveness.attempts
    assert [(each.refusal, each.done, each.counts) for each in attempts] == [(Refusal.NOT_COMPARED, 2, False)] * tries
    assert len({each.challenges for each in attempts}) > 1  # what was seen to be done is not asked again
    assert [failed.code for failed in session.the(PortraitStep).facts.failed_tries] == [code] * tries * kept
    assert session.the(PortraitStep).supervised_way is way
    assert session.the(PortraitStep).may_try_again
    matcher.failure = None
    assert session.the(PortraitStep).compare(shown(session)).decision is Decision.MATCHED
    refusals = [each.refusal for each in session.the(PortraitStep).facts.liveness.attempts]
    assert refusals == [Refusal.NOT_COMPARED] * tries + [None]
    session.close()


class Mistaken(doubles.Customer):
    """The analyser makes a mistake at every look."""

    def look(self, image: Image) -> FaceSight:
        raise ZeroDivisionError


def test_a_mistake_of_ours_before_the_first_challenge_is_a_try_of_the_computers(
    hall: OpenHall, clock: HandClock
) -> None:
    session = open_consented(hall, doubles.equipment(clock, customer=Mistaken()), clock)
    for way in (None, SupervisedWay.TRIED_ENOUGH):
        with pytest.raises(ZeroDivisionError):
            session.the(PortraitStep).compare(UNSEEN)
        assert session.the(PortraitStep).supervised_way is way
        assert audited(hall, session)[-1] == ("portrait_failed", {"cause": "internal_error", "costs": "nothing"})
        session.close()
        session = resume_session(hall, doubles.equipment(clock, customer=Mistaken()), session.session_id)
    assert [failed.code for failed in session.the(PortraitStep).facts.failed_tries] == [FailureCode.INTERNAL_ERROR] * 2
    assert session.the(PortraitStep).facts.liveness.attempts == ()
    assert session.the(PortraitStep).leave_to_supervisor().decision is Decision.NO_FACE
    session.close()


class MistakenMatcher(doubles.Matcher):
    def compare(self, portrait: Image | None, live: Sequence[Image]) -> Comparison:
        raise ZeroDivisionError


@pytest.mark.expects_log(r"bug [0-9A-Z]{6}\nZeroDivisionError")
def test_a_mistake_of_ours_in_the_comparison_is_a_try_too_and_does_not_bar_the_way(
    hall: OpenHall, clock: HandClock
) -> None:
    session = open_consented(hall, doubles.equipment(clock, matcher=MistakenMatcher()), clock)
    for way in (None, SupervisedWay.TRIED_ENOUGH):
        with pytest.raises(ZeroDivisionError):
            session.the(PortraitStep).compare(shown(session))
        assert session.the(PortraitStep).supervised_way is way
    assert [failed.code for failed in session.the(PortraitStep).facts.failed_tries] == [FailureCode.INTERNAL_ERROR] * 2
    assert [each.refusal for each in session.the(PortraitStep).facts.liveness.attempts] == [Refusal.NOT_COMPARED] * 2
    assert session.the(PortraitStep).leave_to_supervisor().decision is Decision.NO_FACE
    assert session.the(PortraitStep).live_photo is not None
    session.close()


def audited(hall: OpenHall, session: Session) -> list[tuple[str, dict[str, object]]]:
    """The events at the portrait."""
    with hall.database.transaction() as tables:
        audit = [(event.event, dict(event.detail)) for _, event in events(tables, session.session_id)]
    return [(event, detail) for event, detail in audit if detail.pop("step", None) == "holder/portrait"]


def test_the_audit_says_how_each_try_ended(hall: OpenHall, clock: HandClock) -> None:
    customer, matcher = doubles.Customer(obeys=False), DyingMatcher(FailureCode.FACE_WORKER_FAILED)
    session = open_consented(hall, doubles.equipment(clock, customer=customer, matcher=matcher), clock)
    before = len(audited(hall, session))
    with pytest.raises(KnownError, match="not_live"):
        session.the(PortraitStep).compare(UNSEEN)
    stop = Stop()
    stop.say()
    with pytest.raises(KnownError, match="check_stopped"):
        session.the(PortraitStep).compare(UNSEEN, stop)
    customer.obeys = True
    with pytest.raises(KnownError, match="face_worker_failed"):
        session.the(PortraitStep).compare(shown(session))
    session.close()
    dark = doubles.Customer(FaceSight(1, None, 0.0, QualityIssue.TOO_DARK))
    session = resume_session(hall, doubles.equipment(clock, customer=dark), session.session_id)
    with pytest.raises(KnownError, match="no_usable_face"):
        session.the(PortraitStep).compare(UNSEEN)
    assert audited(hall, session)[before:] == [
        ("challenges_drawn", {}),
        ("liveness_begun", {}),
        ("liveness_refused", {"refusal": "too_slow", "costs": "attempt"}),
        ("portrait_stopped", {"costs": "nothing"}),
        ("challenges_drawn", {}),
        ("liveness_begun", {}),
        ("challenge_shown", {}),
        ("liveness_passed", {}),
        ("portrait_failed", {"cause": "face_worker_failed", "costs": "nothing"}),
        ("portrait_failed", {"cause": "no_usable_face", "issue": "too_dark", "costs": "nothing"}),
    ]
    session.close()
