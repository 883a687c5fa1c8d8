"""What the audit log says of the face: how and why it was decided so, what each try cost, what a review decided."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hallclient.devices import FaceSight, Frame
from hallclient.domain.evidence.facts.liveness_attempts import MOST_ATTEMPTS
from hallclient.domain.evidence.review import ReviewDecision
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.liveness import Challenge
from hallclient.domain.quality_issue import QualityIssue
from hallclient.domain.supervised_way import TRIES_BEFORE_SUPERVISOR
from hallclient.services.access import OpenHall
from hallclient.services.review import ReviewDesk
from hallclient.services.session.engine import Session
from hallclient.services.session.portrait import PortraitStep
from hallclient.services.stop import Stop
from hallclient.storage.audit import events
from tests import doubles
from tests.clock import HandClock
from tests.hallclient.services.sessions import UNSEEN, open_session, shown, walk
from tests.halls import SUPERVISOR, open_hall

ENDED = ("liveness_refused", "portrait_stopped", "portrait_failed")
NOBODY = doubles.Customer(FaceSight(1, None, 0.0, QualityIssue.TOO_DARK))


class PluggedCamera(doubles.Camera):
    """Stops when its plug is pulled."""

    pulled = False

    def read(self) -> Frame | None:
        if self.pulled:
            raise KnownError(FailureCode.CAMERA_STOPPED)
        return super().read()


def told(hall: OpenHall, session: Session, *names: str) -> list[dict[str, Any]]:
    """The details of these events of the session, without times."""
    with hall.database.reading() as tables:
        details = [event.detail for _, event in events(tables, session.session_id) if event.event in names]
    return [{name: value for name, value in detail.items() if name != "elapsed_s"} for detail in details]


def of_portrait(**detail: object) -> dict[str, object]:
    return {"step": "holder/portrait", **detail}


def decided(hall: OpenHall, session: Session) -> list[dict[str, Any]]:
    """What is told where the portrait is done."""
    return [detail for detail in told(hall, session, "step_done") if detail["step"] == "holder/portrait"]


def before_camera(hall: OpenHall, clock: HandClock, **equipment: Any) -> Session:
    session = open_session(hall, doubles.equipment(clock, **equipment))
    walk(session, clock, until="portrait")
    return session


def refuse(session: Session) -> None:
    session.the(PortraitStep).give_consent(False)


def try_and_leave(times: int) -> Callable[[Session], None]:
    def leave(session: Session) -> None:
        session.the(PortraitStep).give_consent(True)
        for _ in range(times):
            with pytest.raises(KnownError):
                session.the(PortraitStep).compare(UNSEEN)
        session.the(PortraitStep).leave_to_supervisor()

    return leave


def pass_at_once(session: Session) -> None:
    session.the(PortraitStep).give_consent(True)
    session.the(PortraitStep).compare(shown(session))


@pytest.mark.parametrize(
    ("decide", "customer", "decision", "way"),
    [
        (refuse, doubles.Customer(), "consent_refused", "consent_refused"),
        (try_and_leave(TRIES_BEFORE_SUPERVISOR), NOBODY, "no_face", "tried_enough"),
        (try_and_leave(MOST_ATTEMPTS), doubles.Customer(obeys=False), "matched", "no_try_left"),
        (pass_at_once, doubles.Customer(), "matched", None),
    ],
    ids=["refused", "tried enough", "no try left", "matched"],
)
def test_how_the_face_was_decided_and_why_the_supervised_way_was_open(
    decide: Callable[[Session], None],
    customer: doubles.Customer,
    decision: str,
    way: str | None,
    hall: OpenHall,
    clock: HandClock,
) -> None:
    session = before_camera(hall, clock, customer=customer)
    decide(session)
    assert decided(hall, session) == [of_portrait(decision=decision, supervised_way=way)]
    session.close()


def test_a_camera_that_failed_opens_the_way_and_who_passes_after_all_did_not_take_it(
    hall: OpenHall, clock: HandClock
) -> None:
    for passes, detail in (
        (False, of_portrait(decision="no_face", supervised_way="equipment_failed")),
        (True, of_portrait(decision="matched", supervised_way=None)),
    ):
        customer = doubles.Customer()
        camera = PluggedCamera(clock, customer=customer)
        camera.pulled = True
        session = before_camera(hall, clock, customer=customer, camera=camera)
        session.the(PortraitStep).give_consent(True)
        with pytest.raises(KnownError, match="camera_stopped"):
            session.the(PortraitStep).compare(UNSEEN)
        camera.pulled = False
        assert session.the(PortraitStep).supervised_way is not None
        if passes:
            session.the(PortraitStep).compare(shown(session))
        else:
            session.the(PortraitStep).leave_to_supervisor()
        assert decided(hall, session) == [detail]
        session.close()


@pytest.mark.parametrize(("challenged", "costs"), [(False, "nothing"), (True, "uncounted_attempt")])
def test_whether_a_stop_cost_one_of_the_attempts_that_do_not_count(
    challenged: bool, costs: str, hall: OpenHall, clock: HandClock
) -> None:
    customer = doubles.Customer(obeys=False)
    session = before_camera(hall, clock, customer=customer, camera=doubles.Camera(clock, customer=customer))
    session.the(PortraitStep).give_consent(True)
    stop = Stop()

    def say(challenge: Challenge | None = None) -> None:
        if challenged == (challenge is not None):
            stop.say()

    listener = replace(UNSEEN, on_challenge=say, on_sight=lambda frame, sight: say())
    with pytest.raises(KnownError, match="check_stopped"):
        session.the(PortraitStep).compare(listener, stop)
    assert session.the(PortraitStep).facts.liveness.uncounted == challenged
    assert told(hall, session, *ENDED) == [of_portrait(costs=costs)]
    session.close()


@pytest.mark.parametrize(("challenged", "costs"), [(False, "nothing"), (True, "attempt")])
def test_whether_a_plug_cost_an_attempt(challenged: bool, costs: str, hall: OpenHall, clock: HandClock) -> None:
    customer = doubles.Customer(obeys=False)
    camera = PluggedCamera(clock, customer=customer)
    session = before_camera(hall, clock, customer=customer, camera=camera)
    session.the(PortraitStep).give_consent(True)

    def pull(challenge: Challenge | None = None) -> None:
        if challenged == (challenge is not None):
            camera.pulled = True

    with pytest.raises(KnownError, match="camera_stopped"):
        session.the(PortraitStep).compare(replace(UNSEEN, on_challenge=pull, on_sight=lambda frame, sight: pull()))
    assert session.the(PortraitStep).facts.liveness.counted == challenged
    assert told(hall, session, *ENDED) == [of_portrait(cause="camera_stopped", costs=costs)]
    session.close()


@pytest.mark.parametrize("decision", ReviewDecision)
def test_a_review_says_its_decision_and_what_it_was_about(
    decision: ReviewDecision, hall: OpenHall, clock: HandClock
) -> None:
    session = before_camera(hall, clock, customer=doubles.Customer(obeys=False))
    try_and_leave(MOST_ATTEMPTS)(session)
    walk(session, clock)
    session.close()
    supervisor = open_hall(hall.folder, clock, SUPERVISOR)
    desk = ReviewDesk(supervisor, doubles.PortraitDecoder(np.full((126, 102, 3), 200, np.uint8)))
    desk.decide(session.session_id, decision, "reason in words", "护照")
    assert told(supervisor, session, f"review_{decision.value}") == [
        {"decision": decision.value, "face_decision": "matched", "live": False, "why_not_live": "too_slow"}
    ]
    supervisor.close()
