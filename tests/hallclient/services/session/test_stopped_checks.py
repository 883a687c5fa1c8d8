"""A clerk stops a check: it ends at once, and is nothing of the customer's."""

from dataclasses import replace
from threading import Event

import pytest

from hallclient.domain.comparison import Decision
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.liveness import Challenge, Refusal
from hallclient.services.access import OpenHall
from hallclient.services.session.portrait import PortraitStep
from hallclient.services.stop import Stop
from tests import doubles
from tests.clock import HandClock
from tests.hallclient.services.sessions import (
    UNSEEN,
    open_consented,
    resume_session,
    shown,
)


@pytest.mark.parametrize("challenged", [False, True], ids=["before a challenge", "in a challenge"])
def test_a_check_that_the_clerk_stops_ends_at_once_and_is_nothing_of_the_customers(
    challenged: bool, hall: OpenHall, clock: HandClock
) -> None:
    customer = doubles.Customer(obeys=False)
    camera = doubles.Camera(clock, customer=customer)
    session = open_consented(hall, doubles.equipment(clock, customer=customer, camera=camera), clock)
    asked: list[tuple[Challenge, ...]] = []
    for _ in range(2):
        stop = Stop()

        def say(challenge: Challenge | None = None, stop: Stop = stop) -> None:
            if challenged == (challenge is not None):
                stop.say()

        listener = replace(UNSEEN, on_challenge=say, on_sight=lambda frame, sight, say=say: say())  # type: ignore[misc]
        with pytest.raises(KnownError) as caught:
            session.the(PortraitStep).compare(listener, stop)
        assert caught.value.code is FailureCode.CHECK_STOPPED
        assert session.the(PortraitStep).may_try_again
        assert session.the(PortraitStep).supervised_way is None
        asked += [attempt.challenges for attempt in session.the(PortraitStep).facts.liveness.attempts]
        session.close()
        assert not camera.open
        session = resume_session(hall, doubles.equipment(clock, customer=customer, camera=camera), session.session_id)
    facts = session.the(PortraitStep).facts
    assert [failed.code for failed in facts.failed_tries] == [FailureCode.CHECK_STOPPED] * 2
    refusals = [(attempt.refusal, attempt.counts) for attempt in facts.liveness.attempts]
    assert refusals == [(Refusal.STOPPED_BY_CLERK, False)] * (2 if challenged else 0)
    assert len(set(asked)) == (1 if challenged else 0)  # no others are drawn because of it
    customer.obeys = True
    assert session.the(PortraitStep).compare(shown(session)).decision is Decision.MATCHED
    session.close()


def test_a_stop_while_the_camera_opens_is_heard(hall: OpenHall, clock: HandClock) -> None:
    stop, closed = Stop(), Event()

    class Slow(doubles.Camera):
        def start(self, t0: float) -> None:
            stop.say()
            assert closed.wait(60)
            raise KnownError(FailureCode.CAMERA_MISSING)

        def close(self) -> None:
            closed.set()

    session = open_consented(hall, doubles.equipment(clock, camera=Slow(clock)), clock)
    with pytest.raises(KnownError, match="check_stopped"):
        session.the(PortraitStep).compare(UNSEEN, stop)
    session.close()


def test_a_check_that_is_stopped_before_it_begins_opens_no_camera(hall: OpenHall, clock: HandClock) -> None:
    camera = doubles.Camera(clock)
    session = open_consented(hall, doubles.equipment(clock, camera=camera), clock)
    stop = Stop()
    stop.say()
    with pytest.raises(KnownError, match="check_stopped"):
        session.the(PortraitStep).compare(UNSEEN, stop)
    assert camera.read_so_far == 0
    session.close()
