"""The portrait: the consent, the tries that a customer has, and what each of them costs."""

from dataclasses import replace

import pytest

from hallclient.devices import FaceSight, Image
from hallclient.domain.comparison import Decision
from hallclient.domain.evidence.facts.liveness_attempts import MOST_ATTEMPTS, MOST_UNCOUNTED_ATTEMPTS
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.liveness import Challenge, Refusal
from hallclient.domain.supervised_way import SupervisedWay
from hallclient.services.access import OpenHall
from hallclient.services.session.portrait import PortraitStep
from tests import doubles
from tests.clock import HandClock
from tests.drivers.waiting import eventually
from tests.hallclient.services.sessions import (
    UNSEEN,
    face_of,
    next_kind,
    open_consented,
    open_session,
    resume_session,
    shown,
    stored_portrait,
    walk,
)


def test_a_refused_consent_never_opens_the_camera(hall: OpenHall, clock: HandClock) -> None:
    camera = doubles.Camera(clock)
    session = open_session(hall, doubles.equipment(clock, camera=camera))
    walk(session, clock, until="portrait")
    with pytest.raises(KnownError, match="step_out_of_order"):
        session.the(PortraitStep).compare(UNSEEN)
    session.the(PortraitStep).give_consent(False)
    assert next_kind(session) == "notice"
    assert face_of(session).comparison.decision is Decision.CONSENT_REFUSED
    assert face_of(session).comparison.score is None
    assert session.the(PortraitStep).live_photo is None
    session.close()


def test_a_camera_that_stops_is_said_and_the_step_can_be_done_again(hall: OpenHall, clock: HandClock) -> None:
    camera = doubles.Camera(clock, KnownError(FailureCode.CAMERA_STOPPED), pictures=3)
    session = open_consented(hall, doubles.equipment(clock, camera=camera), clock)
    with pytest.raises(KnownError, match="camera_stopped"):
        session.the(PortraitStep).compare(UNSEEN)
    assert not camera.open
    camera.failure = None
    assert session.the(PortraitStep).compare(shown(session)).decision is Decision.MATCHED
    session.close()


def test_nobody_before_the_camera_is_no_decision(hall: OpenHall, clock: HandClock) -> None:
    customer = doubles.Customer(FaceSight(0, None, 0.0))
    session = open_consented(hall, doubles.equipment(clock, customer=customer), clock)
    with pytest.raises(KnownError, match="no_usable_face"):
        session.the(PortraitStep).compare(UNSEEN)
    assert session.the(PortraitStep).facts.face is None
    session.close()


def test_who_does_not_do_what_is_asked_has_few_tries_and_then_a_supervisor(hall: OpenHall, clock: HandClock) -> None:
    session = open_consented(hall, doubles.equipment(clock, customer=doubles.Customer(obeys=False)), clock)
    for _ in range(MOST_ATTEMPTS):
        assert session.the(PortraitStep).may_try_again
        with pytest.raises(KnownError) as caught:
            session.the(PortraitStep).compare(UNSEEN)
        assert (caught.value.code, caught.value.detail) == (FailureCode.NOT_LIVE, Refusal.TOO_SLOW)
        session.close()
        session = resume_session(
            hall, doubles.equipment(clock, customer=doubles.Customer(obeys=False)), session.session_id
        )
    with pytest.raises(KnownError, match="step_out_of_order"):
        session.the(PortraitStep).compare(UNSEEN)
    attempts = session.the(PortraitStep).facts.liveness.attempts
    assert [(attempt.refusal, attempt.done) for attempt in attempts] == [(Refusal.TOO_SLOW, 0)] * MOST_ATTEMPTS
    assert all(len(set(attempt.challenges)) == 2 for attempt in attempts)
    assert session.the(PortraitStep).leave_to_supervisor().decision is Decision.NO_FACE
    session.close()


def test_another_person_in_the_check_than_in_the_picture_is_not_live(hall: OpenHall, clock: HandClock) -> None:
    session = open_consented(hall, doubles.equipment(clock, matcher=doubles.Matcher(likeness=0.2)), clock)
    with pytest.raises(KnownError) as caught:
        session.the(PortraitStep).compare(shown(session))
    assert (caught.value.code, caught.value.detail) == (FailureCode.NOT_LIVE, Refusal.OTHER_PERSON)
    assert session.the(PortraitStep).facts.liveness.attempts[0].likeness == 0.2
    session.close()


def test_after_a_failed_try_a_live_face_passes(hall: OpenHall, clock: HandClock) -> None:
    customer = doubles.Customer(obeys=False)
    session = open_consented(hall, doubles.equipment(clock, customer=customer), clock)
    with pytest.raises(KnownError, match="not_live"):
        session.the(PortraitStep).compare(UNSEEN)
    customer.obeys = True
    assert session.the(PortraitStep).compare(shown(session)).decision is Decision.MATCHED
    attempts = session.the(PortraitStep).facts.liveness.attempts
    assert [attempt.refusal for attempt in attempts] == [Refusal.TOO_SLOW, None]
    walk(session, clock, until="seal")
    assert not session.seal().needs_review
    session.close()


def test_a_plug_that_is_pulled_after_a_challenge_was_seen_costs_an_attempt(hall: OpenHall, clock: HandClock) -> None:
    customer = doubles.Customer(obeys=False)
    camera = doubles.Camera(clock, KnownError(FailureCode.CAMERA_STOPPED), pictures=-1, customer=customer)
    session = open_consented(hall, doubles.equipment(clock, customer=customer, camera=camera), clock)

    def pull(challenge: Challenge | None) -> None:
        camera.pictures = 0 if challenge is not None else camera.pictures

    with pytest.raises(KnownError, match="camera_stopped"):
        session.the(PortraitStep).compare(replace(UNSEEN, on_challenge=pull))
    session.close()
    session = resume_session(hall, doubles.equipment(clock), session.session_id)
    (attempt,) = session.the(PortraitStep).facts.liveness.attempts
    assert (attempt.refusal, attempt.done) == (Refusal.INTERRUPTED, 0)
    assert session.the(PortraitStep).compare(shown(session)).decision is Decision.MATCHED
    attempts = session.the(PortraitStep).facts.liveness.attempts
    assert [attempt.refusal for attempt in attempts] == [Refusal.INTERRUPTED, None]
    session.close()


def test_who_pulls_the_plug_draws_no_other_challenges_and_an_attempt_is_kept_before_it_is_shown(
    hall: OpenHall, clock: HandClock
) -> None:
    """R8: a camera that stops after each first challenge gave 12 draws and 0 attempts."""
    customer = doubles.Customer(obeys=False)
    camera = doubles.Camera(clock, KnownError(FailureCode.CAMERA_STOPPED), pictures=-1, customer=customer)
    session = open_consented(hall, doubles.equipment(clock, customer=customer, camera=camera), clock)
    kept: list[tuple[Challenge, ...]] = []

    def pull(challenge: Challenge | None) -> None:
        if challenge is not None:
            attempts = stored_portrait(hall, session).liveness.attempts
            kept.append(attempts[-1].challenges)
            assert challenge is attempts[-1].challenges[0]
            assert len(attempts) == len(kept)
            camera.pictures = 0

    while session.the(PortraitStep).may_try_again:
        camera.pictures = -1
        with pytest.raises(KnownError, match="camera_stopped"):
            session.the(PortraitStep).compare(replace(UNSEEN, on_challenge=pull))
    assert len(kept) == MOST_ATTEMPTS
    assert len(set(kept)) == 1
    session.close()


class SlowCustomer(doubles.Customer):
    """A computer that takes long for each look, from the first on or from the first challenge on: the camera goes on
    meanwhile."""

    def __init__(self, pictures: int, *, at_first: bool) -> None:
        super().__init__()
        self._pictures = pictures
        self._at_first = at_first
        self.camera: doubles.Camera | None = None

    def look(self, image: Image) -> FaceSight:
        camera = self.camera
        assert camera is not None
        if self._at_first or self._asked is not None:
            due = camera.read_so_far + self._pictures
            eventually(lambda: camera.read_so_far >= due)
        return super().look(image)


def test_a_computer_too_slow_to_see_any_challenge_shows_none_and_leaves_the_other_way(
    hall: OpenHall, clock: HandClock
) -> None:
    customer = SlowCustomer(pictures=6, at_first=True)
    customer.camera = doubles.Camera(clock)
    session = open_consented(hall, doubles.equipment(clock, customer=customer, camera=customer.camera), clock)
    for _ in range(MOST_UNCOUNTED_ATTEMPTS + 1):
        with pytest.raises(KnownError) as caught:
            session.the(PortraitStep).compare(shown(session))
        assert caught.value.code is FailureCode.COMPUTER_TOO_SLOW
    assert (session.the(PortraitStep).facts.liveness.attempts, customer._asked) == ((), None)
    assert session.the(PortraitStep).may_try_again
    assert session.the(PortraitStep).supervised_way is SupervisedWay.TRIED_ENOUGH
    session.close()


def test_a_computer_too_slow_is_no_attempt_and_the_same_is_asked_again(hall: OpenHall, clock: HandClock) -> None:
    customer = SlowCustomer(pictures=15, at_first=False)
    customer.camera = doubles.Camera(clock, customer=customer)
    session = open_consented(hall, doubles.equipment(clock, customer=customer, camera=customer.camera), clock)
    for _ in range(MOST_UNCOUNTED_ATTEMPTS - 1):
        with pytest.raises(KnownError) as caught:
            session.the(PortraitStep).compare(shown(session))
        assert caught.value.code is FailureCode.COMPUTER_TOO_SLOW
        assert session.the(PortraitStep).may_try_again
        customer._asked = None
    attempts = session.the(PortraitStep).facts.liveness.attempts
    assert {attempt.refusal for attempt in attempts} == {Refusal.COMPUTER_TOO_SLOW}
    assert len({attempt.challenges for attempt in attempts}) == 1
    session.close()
    session = resume_session(hall, doubles.equipment(clock), session.session_id)
    assert session.the(PortraitStep).compare(shown(session)).decision is Decision.MATCHED
    passed = session.the(PortraitStep).facts.liveness.attempts[-1]
    assert (passed.refusal, passed.challenges) == (None, attempts[0].challenges)
    session.close()
