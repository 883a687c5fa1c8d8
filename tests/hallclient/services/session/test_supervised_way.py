"""The supervised way: when it is open, and what a supervisor is left."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from drivers.idcard.portrait import OpenPortraitDecoder
from hallclient.devices import FaceSight, Image
from hallclient.domain.certificates import load_roots
from hallclient.domain.comparison import Decision
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.evidence.facts.liveness_attempts import MOST_UNCOUNTED_ATTEMPTS
from hallclient.domain.evidence.receipt import Outcome, judge
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.inspection.package import inspect
from hallclient.domain.liveness import Challenge
from hallclient.domain.quality_issue import QualityIssue
from hallclient.domain.session import AbandonReason
from hallclient.domain.supervised_way import TRIES_BEFORE_SUPERVISOR, SupervisedWay
from hallclient.rule_texts import ShippedRules
from hallclient.services.access import OpenHall
from hallclient.services.session.engine import Session
from hallclient.services.session.portrait import PortraitStep
from hallclient.services.stop import Stop
from tests import doubles
from tests.clock import HandClock
from tests.drivers.waiting import eventually
from tests.hallclient.services.session.failing_matcher import DyingMatcher
from tests.hallclient.services.sessions import (
    UNSEEN,
    face_of,
    next_kind,
    open_consented,
    open_session,
    resume_session,
    shown,
    unplug,
    walk,
)
from tests.hallclient.services.test_failed_commits import FullDisk, full_at_commit
from tests.halls import TestCentre


def test_a_card_without_a_portrait_is_never_compared(hall: OpenHall, clock: HandClock) -> None:
    session = open_session(hall, doubles.equipment(clock, portrait_decoder=doubles.PortraitDecoder(None)))
    walk(session, clock, until="notice")
    assert face_of(session).comparison.decision is Decision.NO_PORTRAIT
    session.close()


def test_a_chip_without_a_portrait_goes_the_supervised_way(
    hall: OpenHall, clock: HandClock, centre: TestCentre
) -> None:
    reader = doubles.Reader(replace(doubles.card_reading(), portrait=b""))
    session = open_session(hall, doubles.equipment(clock, card_reader=reader, portrait_decoder=OpenPortraitDecoder()))
    walk(session, clock, until="notice")
    session.close()
    session = resume_session(hall, doubles.equipment(clock), session.session_id)
    assert face_of(session).comparison.decision is Decision.NO_PORTRAIT
    walk(session, clock, until="seal")
    assert session.seal().needs_review
    session.close()
    package = hall.vault.package(session.session_id)
    assert inspect(package, load_roots(centre.roots_pem.encode()), ShippedRules()).holds


def test_nobody_is_left_to_a_supervisor_before_they_were_asked(hall: OpenHall, clock: HandClock) -> None:
    session = open_session(hall, doubles.equipment(clock))
    walk(session, clock, until="portrait")
    with pytest.raises(KnownError, match="step_out_of_order"):
        session.the(PortraitStep).leave_to_supervisor()
    session.close()


def test_without_a_camera_the_supervised_way_remains(hall: OpenHall, clock: HandClock) -> None:
    camera = doubles.Camera(clock, KnownError(FailureCode.CAMERA_MISSING))
    session = open_consented(hall, doubles.equipment(clock, camera=camera), clock)
    with pytest.raises(KnownError, match="camera_missing"):
        session.the(PortraitStep).compare(UNSEEN)
    assert session.the(PortraitStep).leave_to_supervisor().decision is Decision.NO_FACE
    assert face_of(session).camera is None
    session.close()


def test_a_crowd_is_named_when_it_is_left_to_the_supervisor(hall: OpenHall, clock: HandClock) -> None:
    customer = doubles.Customer(FaceSight(2, None, 0.0, QualityIssue.SEVERAL_FACES))
    session = open_consented(hall, doubles.equipment(clock, customer=customer), clock)
    for _ in range(TRIES_BEFORE_SUPERVISOR):
        with pytest.raises(KnownError, match="several_faces"):
            session.the(PortraitStep).compare(UNSEEN)
        session.close()
        session = resume_session(hall, doubles.equipment(clock, customer=customer), session.session_id)
    assert session.the(PortraitStep).leave_to_supervisor().decision is Decision.SEVERAL_FACES
    session.close()


def test_a_changed_screen_takes_the_supervised_way_no_earlier_and_no_restart_forgets_what_was_seen(
    hall: OpenHall, clock: HandClock
) -> None:
    """The service keeps the rule, whatever key a screen enables; the facts on the disk are what it goes by."""
    equipment = doubles.equipment(clock, customer=doubles.Customer(obeys=False))
    session = open_consented(hall, equipment, clock)
    for tries in range(TRIES_BEFORE_SUPERVISOR):
        assert session.the(PortraitStep).supervised_way is None
        with pytest.raises(KnownError, match="supervised_way_closed"):
            session.the(PortraitStep).leave_to_supervisor()
        assert session.the(PortraitStep).facts.face is None
        with pytest.raises(KnownError, match="not_live"):
            session.the(PortraitStep).compare(UNSEEN)
        session.close()
        session = resume_session(hall, equipment, session.session_id)
        failed = session.the(PortraitStep).facts.failed_tries
        assert [each.code for each in failed] == [FailureCode.NOT_LIVE] * (tries + 1)
    assert session.the(PortraitStep).supervised_way is SupervisedWay.TRIED_ENOUGH
    assert session.the(PortraitStep).leave_to_supervisor().decision is Decision.NO_FACE
    session.close()


def test_a_match_without_a_live_face_waits_for_a_supervisor(hall: OpenHall, clock: HandClock) -> None:
    session = open_consented(hall, doubles.equipment(clock, customer=doubles.Customer(obeys=False)), clock)
    for _ in range(TRIES_BEFORE_SUPERVISOR):
        with pytest.raises(KnownError, match="not_live"):
            session.the(PortraitStep).compare(UNSEEN)
    assert session.the(PortraitStep).leave_to_supervisor().decision is Decision.MATCHED
    assert session.the(PortraitStep).live_photo is not None
    walk(session, clock, until="seal")
    manifest = session.seal()
    assert manifest.needs_review
    assert judge(manifest, None) is Outcome.NOT_PASSED
    session.close()


def test_the_pictures_of_a_try_are_held_until_it_is_decided_and_no_longer(hall: OpenHall, clock: HandClock) -> None:
    def after_a_try() -> Session:
        session = open_consented(hall, doubles.equipment(clock, customer=doubles.Customer(obeys=False)), clock)
        for _ in range(TRIES_BEFORE_SUPERVISOR):
            with pytest.raises(KnownError, match="not_live"):
                session.the(PortraitStep).compare(UNSEEN)
        assert session.the(PortraitStep)._capture is not None
        return session

    session = after_a_try()
    session.the(PortraitStep).leave_to_supervisor()
    assert session.the(PortraitStep)._capture is None
    session.close()
    session = after_a_try()
    session.abandon(AbandonReason.CUSTOMER_WITHDREW)
    assert session.the(PortraitStep)._capture is None
    session.close()
    session = after_a_try()
    with pytest.MonkeyPatch.context() as patches:
        full_at_commit(patches, FullDisk(1))
        with pytest.raises(KnownError, match="disk_full"):
            session.abandon(AbandonReason.CUSTOMER_WITHDREW)
    assert session.the(PortraitStep)._capture is not None  # it goes on, with all that it has
    session.close()
    assert session.the(PortraitStep)._capture is None
    passed = open_session(hall, doubles.equipment(clock))
    walk(passed, clock, until="notice")
    assert passed.the(PortraitStep)._capture is None
    passed.close()


def test_good_pictures_of_a_try_that_breaks_off_later_are_the_supervisors(hall: OpenHall, clock: HandClock) -> None:
    customer = doubles.Customer()
    camera = doubles.Camera(clock, customer=customer)

    def unplugged(challenge: Challenge | None) -> None:
        if challenge is not None:
            camera.failure, camera.pictures = KnownError(FailureCode.CAMERA_STOPPED), 0

    session = open_consented(hall, doubles.equipment(clock, customer=customer, camera=camera), clock)
    with pytest.raises(KnownError, match="camera_stopped"):
        session.the(PortraitStep).compare(replace(UNSEEN, on_challenge=unplugged))
    unplug(session)
    with pytest.raises(KnownError, match="camera_missing"):
        session.the(PortraitStep).compare(UNSEEN)
    comparison = session.the(PortraitStep).leave_to_supervisor()
    assert comparison.decision is Decision.MATCHED  # of what was seen while there was a camera
    assert session.the(PortraitStep).live_photo is not None
    session.close()


class Faltering(doubles.Customer):
    """A customer of whom good pictures are taken; then `breaks` happens at the look after the first challenge, or
    where there is to be none, `pictures` of the camera's come with each look."""

    def __init__(self, breaks: Callable[["Faltering"], None] | None, pictures: int) -> None:
        super().__init__()
        self._breaks, self._pictures = breaks, pictures
        self.camera: doubles.Camera | None = None
        self.stop = Stop()

    def look(self, image: Image) -> FaceSight:
        assert self.camera is not None
        if self._pictures:
            due = self.camera.read_so_far + self._pictures
            eventually(lambda: self.camera is not None and self.camera.read_so_far >= due)
        if self._asked is not None and self._breaks is not None:
            self._breaks(self)
        return super().look(image)


def _unplug(customer: Faltering) -> None:
    assert customer.camera is not None
    customer.camera.failure, customer.camera.pictures = KnownError(FailureCode.CAMERA_STOPPED), 0


def _lose_engine(customer: Faltering) -> None:
    raise KnownError(FailureCode.FACE_WORKER_FAILED)


def _change_model(customer: Faltering) -> None:
    raise KnownError(FailureCode.MODEL_CHANGED)


def _say_stop(customer: Faltering) -> None:
    customer.stop.say()


@pytest.mark.parametrize(("score", "decision"), [(0.6, Decision.MATCHED), (0.05, Decision.MISMATCHED)])
@pytest.mark.parametrize(
    ("breaks", "pictures", "code"),
    [
        (None, 6, FailureCode.COMPUTER_TOO_SLOW),  # before anything is asked
        (_unplug, 0, FailureCode.CAMERA_STOPPED),
        (_lose_engine, 0, FailureCode.FACE_WORKER_FAILED),
        (_change_model, 0, FailureCode.MODEL_CHANGED),
        (_say_stop, 0, FailureCode.CHECK_STOPPED),
    ],
)
def test_good_pictures_are_the_supervisors_whatever_fails_after_them(
    breaks: Callable[[Faltering], None] | None,
    pictures: int,
    code: FailureCode,
    score: float,
    decision: Decision,
    hall: OpenHall,
    clock: HandClock,
) -> None:
    customer, matcher = Faltering(breaks, pictures), doubles.Matcher(score)
    customer.camera = camera = doubles.Camera(clock, customer=None if pictures else customer)
    session = open_consented(hall, doubles.equipment(clock, customer=customer, camera=camera, matcher=matcher), clock)
    tries = MOST_UNCOUNTED_ATTEMPTS if code is FailureCode.CHECK_STOPPED else 2
    for _ in range(tries):
        customer.stop, camera.failure = Stop(), None
        with pytest.raises(KnownError) as caught:
            session.the(PortraitStep).compare(shown(session), customer.stop)
        assert caught.value.code is code
        customer.asked(None)
    unplug(session)
    camera.identity = DeviceIdentity("another", practice=True)
    if session.the(PortraitStep).may_try_again:
        with pytest.raises(KnownError, match="camera_missing"):
            session.the(PortraitStep).compare(UNSEEN)
    assert session.the(PortraitStep).leave_to_supervisor().decision is decision
    face = session.the(PortraitStep).facts.face
    assert face is not None
    assert face.frames_seen > 0
    assert face.camera == doubles.Camera.identity  # the one that took them, and not the one tried last
    assert face.comparison.score == score
    assert session.the(PortraitStep).live_photo is not None
    assert [entry.id for entry in session.the(PortraitStep).files] == ["holder.live_photo"]
    assert session.needs_review  # nobody was found live
    assert session.the(PortraitStep)._capture is None
    session.close()


@pytest.mark.expects_log("nothing is compared on the supervised way")
@pytest.mark.parametrize("code", [FailureCode.FACE_WORKER_FAILED, FailureCode.MODEL_CHANGED])
@pytest.mark.parametrize(
    ("portrait", "decision"),
    [(np.full((126, 102, 3), 200, np.uint8), Decision.NO_FACE), (None, Decision.NO_PORTRAIT)],
)
def test_an_engine_that_cannot_compare_does_not_bar_the_way_and_the_picture_is_kept(
    code: FailureCode, portrait: Image | None, decision: Decision, hall: OpenHall, clock: HandClock
) -> None:
    equipment = doubles.equipment(clock, matcher=DyingMatcher(code), portrait_decoder=doubles.PortraitDecoder(portrait))
    session = open_consented(hall, equipment, clock)
    for _ in range(TRIES_BEFORE_SUPERVISOR):
        with pytest.raises(KnownError, match=code.value):
            session.the(PortraitStep).compare(shown(session))
    comparison = session.the(PortraitStep).leave_to_supervisor()
    assert (comparison.decision, comparison.score) == (decision, None)
    assert session.the(PortraitStep).live_photo is not None
    assert face_of(session).camera == doubles.Camera.identity
    assert session.needs_review
    assert next_kind(session) == "notice"
    session.close()
