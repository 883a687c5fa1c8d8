"""Every decision about a face, through the real windows with the engines that it rests on in their own process.

The real engines see the practice customer where they decide: who passes, who is somebody else, a photograph, no face,
several faces, and where their process is killed. Where liveness only has to be passed on the way, the customer acts.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QPixmap
from shiboken6 import isValid

from drivers.face.process_faces import ProcessFaces
from drivers.practice.camera import PracticeCamera
from drivers.practice.idcard.practice_card import PracticeCard
from drivers.practice.pictures import Scene, live_picture
from hallclient.cli.rehearse import RehearsedCustomer
from hallclient.devices import Image
from hallclient.domain import liveness_task
from hallclient.domain.comparison import Decision, Thresholds
from hallclient.domain.failures import FailureCode
from hallclient.domain.liveness import UNTOLD, Challenge, Refusal
from hallclient.domain.staff import Role
from hallclient.services import face_capture
from hallclient.services.preparation import Preparation
from hallclient.system import SystemClock, SystemEntropy
from hallclient.wiring.practice_counter import PracticeCounter, counter_at
from hallclient.wiring.practice_hall import practice_hall
from hallclient.wiring.practice_staff import PRACTICE_STAFF, practice_code, practice_password
from tests.journeys.acting_customer import before_acting_customer, empty_chair, still_camera
from tests.pcsc_daemon import restore, shared_virtual_reader
from ui import wording
from ui.app import App, LocalHall
from ui.rehearsal import Login, Rehearsal, has_ended
from ui.steps.portrait import PortraitPage

pytestmark = pytest.mark.may_log("nothing goes out: centre_unreachable")  # these halls have no centre to reach

PATIENCE_S = 150.0
CARD, PRECHECK, PORTRAIT = (f"holder/{kind}" for kind in ("card", "precheck", "portrait"))  # ids of steps
ALL_DOUBTFUL = Thresholds(0.9, -0.9, 1e-4, "a test", "2026-11-22")


def photograph() -> Image:
    return np.asarray(cv2.resize(live_picture(Scene.HOLDER), (640, 480), interpolation=cv2.INTER_AREA), np.uint8)


def two_people() -> Image:
    half = photograph()[:, 160:480]
    return np.hstack([half, half])


@dataclass
class Journey:
    """A counter up to the portrait's step."""

    rehearsal: Rehearsal
    pictures: Path
    name: str
    counter: PracticeCounter

    @property
    def page(self) -> PortraitPage:
        page = self.rehearsal._page
        assert isinstance(page, PortraitPage)
        return page

    def consent(self, *, given: bool = True) -> None:
        customer = self.rehearsal._customer
        self.rehearsal._until(lambda: customer.page is customer.consent, "the consent")
        if given:
            customer.consent.agree.click()
        else:
            customer.consent.disagree.click()
            customer.consent.sure.click()

    def fail_twice_and_leave_it(self, code: FailureCode) -> None:
        """A try that a busy computer was too slow for is none of the two; a patient clerk makes another."""
        failed = 0
        while True:
            self.rehearsal._until(lambda: has_ended(self.page), "the end of a try", PATIENCE_S)
            assert not self.page.primary_action.isEnabled()
            self.shoot("failed")
            assert self.rehearsal._customer.look.sentence == wording.Customer.LOOK_PAUSED
            said = code in self.page.banner.cause.text()
            assert said or FailureCode.COMPUTER_TOO_SLOW in self.page.banner.cause.text()
            attempts = self.page.work.facts.liveness.attempts
            if said and code is FailureCode.NOT_LIVE and attempts[-1].refusal is not None:
                assert wording.LIVENESS_REFUSALS[attempts[-1].refusal] in self.page.status.text()
            failed += said
            if failed == 2:
                break
            self.try_again()
        self.go_the_other_way()

    def try_again(self) -> None:
        """Both screens begin with what to do otherwise than in the last try, whatever those before it were."""
        facts = self.page.work.facts
        failed = facts.failed_tries[-1]
        if failed.code is FailureCode.NOT_LIVE:
            refusal = facts.liveness.attempts[-1].refusal
            assert refusal is not None
            otherwise = {wording.NEXT_TIME[refusal], *wording.LACKED_NEXT_TIME.values()}
        elif failed.issue is not None:
            otherwise = {wording.QUALITY_ISSUES[failed.issue]}
        else:
            otherwise = {wording.TRY_NEXT_TIME[failed.code], *wording.NEXT_TIME.values()}
        self.page.banner.again.trigger()
        hint = self.rehearsal._customer.look.hint.text()
        assert hint in otherwise
        assert wording.Portrait.NEXT_TIME.format(advice=hint) == self.page.status.text()

    def go_the_other_way(self) -> None:
        self.page.secondary_action.trigger()
        self.rehearsal._view.question.yes.trigger()

    def until_it_ends(self) -> None:
        """As a patient clerk: again as often as the page lets her, on a busy machine more often than on an idle one."""
        self.rehearsal._until(lambda: has_ended(self.page), "the end of a try", PATIENCE_S)
        while not self.page.primary_action.isEnabled():
            if self.page.banner.again.isEnabled():
                self.page.banner.again.trigger()
            else:
                self.go_the_other_way()
            self.rehearsal._until(lambda: has_ended(self.page), "the end of a try", PATIENCE_S)

    def until_looked_at(self, so_far: Callable[[], bool]) -> None:
        """Until `so_far`; a try that a busy computer was too slow for is made again."""
        while True:
            self.rehearsal._until(lambda: so_far() or has_ended(self.page), "a look at the customer", PATIENCE_S)
            if so_far():
                return
            self.page.banner.again.trigger()

    def decided(self) -> Decision:
        self.rehearsal._until(self.page.primary_action.isEnabled, "a decision")
        self.shoot("decided")
        face = self.page.work.facts.face
        assert face is not None
        assert wording.DECISIONS[face.comparison.decision] in self.page.decision.text()
        return face.comparison.decision

    def shoot(self, what: str) -> None:
        save(self.grab(what))

    def grab(self, what: str) -> dict[Path, QPixmap]:
        """Pictures to `save` later: to compress them keeps the screens, and with them the customer, waiting."""
        windows = {"clerk": self.rehearsal._clerk, "customer": self.rehearsal._customer}
        return {self.pictures / f"{self.name}_{what}_{side}.png": window.grab() for side, window in windows.items()}


def save(pictures: dict[Path, QPixmap]) -> None:
    for path, picture in pictures.items():
        assert picture.save(str(path), quality=80)  # in half the time


@pytest.fixture
def journey(qtbot: object, tmp_path: Path, pictures_folder: Path, request: pytest.FixtureRequest) -> Iterator[Journey]:
    """Parametrised with a name, who sits there, and what is changed at the counter."""
    name, scene, change = request.param
    clock, entropy = SystemClock(), SystemEntropy()
    folder = practice_hall(tmp_path, clock, entropy)
    with shared_counter(scene, tmp_path / "copy.pdf") as made:
        counter = change(made)
        app = App(LocalHall(folder, clock, entropy, None), Preparation.of(counter.equipment), clock)
        app.customer_asked.connect(counter.see)
        app.start(full_screen=False)
        number = PRACTICE_STAFF[Role.CLERK]
        rehearsal = Rehearsal(app, RehearsedCustomer(counter), tmp_path / "screens", clock)
        rehearsal.log_in(Login(number, practice_password(number), lambda: practice_code(number, clock.now())))
        begin(rehearsal)
        journey = Journey(rehearsal, pictures_folder, name, counter)
        yield journey
        rehearsal.end()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # the windows go now, and on their own thread
    assert not any(isValid(window) for window in (app.login, app.clerk, app.customer))


@contextmanager
def shared_counter(scene: Scene, printed: Path) -> Iterator[PracticeCounter]:
    """As `hallclient rehearse` has it, on the virtual reader that all tests of one process share."""
    reader = shared_virtual_reader()
    restore(reader)
    with counter_at(reader, SystemClock(), SystemEntropy(), printed, scene) as counter:
        yield counter
    restore(reader)


def begin(rehearsal: Rehearsal) -> None:
    clerk = rehearsal._clerk
    clerk.start.scenes["new_number"].trigger()
    clerk.start.number.setText("13800000021")
    clerk.start.start.trigger()
    rehearsal._until(lambda: clerk.view is not None and rehearsal._view.step == CARD, "a session")
    rehearsal._practice.put_card_down()
    rehearsal._until(lambda: rehearsal._view.step == PRECHECK, "the card")
    rehearsal._ready()
    rehearsal._page.primary_action.trigger()
    rehearsal._until(lambda: rehearsal._view.step == PORTRAIT, "the portrait's step")


def as_it_is(counter: PracticeCounter) -> PracticeCounter:
    return counter


def with_equipment(counter: PracticeCounter, **changes: object) -> PracticeCounter:
    return replace(counter, equipment=replace(counter.equipment, **changes))  # type: ignore[arg-type]


def before(image: Callable[[], Image]) -> Callable[[PracticeCounter], PracticeCounter]:
    return lambda counter: with_equipment(counter, camera=still_camera(image()))


def acting(counter: PracticeCounter) -> PracticeCounter:
    """Neither the engines nor the camera are what the journey is about."""
    return before_acting_customer(counter, still_camera(empty_chair()))


def acting_before_its_camera(counter: PracticeCounter) -> PracticeCounter:
    return before_acting_customer(counter, counter.equipment.camera)


def without_portrait(counter: PracticeCounter) -> PracticeCounter:
    """The comparison is the real one."""
    acted = before_acting_customer(
        counter,
        still_camera(photograph()),
        matcher=counter.equipment.faces.matcher,
        worker=counter.equipment.face_worker,
    )
    return replace(acted, card=PracticeCard.resident())


def never_sure(counter: PracticeCounter) -> PracticeCounter:
    """The comparison is the real one."""
    counter.equipment.faces.matcher.close()  # type: ignore[attr-defined]
    faces = ProcessFaces(thresholds=ALL_DOUBTFUL)
    return before_acting_customer(counter, still_camera(photograph()), matcher=faces, worker=faces)


@pytest.mark.parametrize(
    ("journey", "decision"),
    [
        (("matched", Scene.HOLDER, as_it_is), Decision.MATCHED),
        (("mismatched", Scene.STRANGER, as_it_is), Decision.MISMATCHED),
        (("doubtful", Scene.HOLDER, never_sure), Decision.DOUBTFUL),
        (("no_portrait", Scene.HOLDER, without_portrait), Decision.NO_PORTRAIT),
    ],
    indirect=["journey"],
    ids=["matched", "mismatched", "doubtful", "no portrait"],
)
def test_a_live_person_is_compared(journey: Journey, decision: Decision) -> None:
    journey.consent()
    journey.until_it_ends()
    assert journey.decided() is decision
    facts = journey.page.work.facts
    assert facts.liveness.live
    assert facts.liveness.models
    assert facts.face is not None
    assert journey.page.liveness.text().startswith("活体检测通过")
    assert (facts.face.comparison.score is None) == (decision is Decision.NO_PORTRAIT)


@pytest.mark.parametrize(
    ("journey", "decision"),
    [
        (("no_face", Scene.HOLDER, before(empty_chair)), Decision.NO_FACE),
        (("several_faces", Scene.HOLDER, before(two_people)), Decision.SEVERAL_FACES),
    ],
    indirect=["journey"],
    ids=["no face", "several faces"],
)
def test_without_one_face_the_other_way_opens_after_two_tries(
    journey: Journey, decision: Decision, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(face_capture, "GIVE_UP_S", 2.0)
    journey.consent()
    journey.fail_twice_and_leave_it(FailureCode.NO_USABLE_FACE)
    assert journey.decided() is decision


@pytest.mark.parametrize("journey", [("consent_refused", Scene.HOLDER, acting)], indirect=True)
def test_whoever_does_not_agree_is_not_filmed(journey: Journey) -> None:
    journey.consent(given=False)
    assert journey.decided() is Decision.CONSENT_REFUSED
    assert journey.page.work.live_photo is None
    assert journey.page.work.facts.liveness.attempts == ()


@pytest.mark.parametrize("journey", [("photograph", Scene.HOLDER, before(photograph))], indirect=True)
def test_a_photograph_before_the_camera_matches_and_waits_for_a_supervisor(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(liveness_task, "TIME_OUT_S", 3.0)  # it does nothing for as long as it may
    journey.consent()
    journey.fail_twice_and_leave_it(FailureCode.NOT_LIVE)
    assert journey.decided() is Decision.MATCHED
    assert not journey.page.work.facts.liveness.live
    assert wording.Portrait.LEFT_TO_SUPERVISOR in journey.page.status.text()


@pytest.mark.expects_log("face process was lost")
@pytest.mark.parametrize("journey", [("worker_killed", Scene.HOLDER, as_it_is)], indirect=True)
def test_a_killed_face_process_is_said_on_both_screens_and_the_customer_is_shown_the_challenges(
    journey: Journey,
) -> None:
    """Before the challenges, and again in one."""
    customer, page = journey.rehearsal._customer, journey.page
    asked: list[Challenge | None] = []
    customer.asked.connect(asked.append)
    faces = journey.counter.equipment.faces.analyser
    assert isinstance(faces, ProcessFaces)
    journey.consent()
    first_words = (wording.Customer.LOOK, wording.Customer.LOOK_HINT)
    pictures: dict[Path, QPixmap] = {}
    for challenged in (False, True):
        journey.until_looked_at(
            lambda inside=challenged: (  # type: ignore[misc]
                not page.banner.isVisible()
                and (customer.look.challenge is not None if inside else customer.look.sentence not in first_words)
            )
        )
        os.kill(faces.pid or 0, signal.SIGKILL)
        journey.rehearsal._until(
            lambda: page.banner.isVisible() and customer.look.sentence == wording.Customer.LOOK_PAUSED, "both screens"
        )
        assert page.banner.remedy.text() == wording.Portrait.WORKER_RESTARTED
        pictures |= journey.grab("said_in_challenge" if challenged else "said")
        asked.clear()
    journey.until_it_ends()
    assert journey.decided() is Decision.MATCHED
    attempts = page.work.facts.liveness.attempts
    # A head that was held turned when the process was lost is not what the movements after it are measured against.
    assert Refusal.WRONG_MOVEMENT not in {attempt.refusal for attempt in attempts}
    attempt = attempts[-1]
    shown = [challenge for challenge in asked if challenge]
    assert shown
    assert shown[0] is attempts[0].challenges[0]
    # Of three tries beside other work none may have been quick enough; that is never said of the customer.
    assert attempt.refusal in (None, *UNTOLD)
    assert attempt.refusal is not None or shown[-2:] == list(attempt.challenges)
    save(pictures)
    assert not page.banner.isVisible()


@pytest.mark.parametrize("journey", [("left_aside", Scene.HOLDER, acting_before_its_camera)], indirect=True)
def test_a_clerk_who_leaves_the_page_in_a_challenge_stops_the_check_and_costs_no_attempt(journey: Journey) -> None:
    customer, page, camera = journey.rehearsal._customer, journey.page, journey.counter.equipment.camera
    assert isinstance(camera, PracticeCamera)
    view = journey.rehearsal._view
    journey.consent()
    journey.rehearsal._until(lambda: customer.look.challenge is not None, "a challenge", PATIENCE_S)
    left_s = time.monotonic()
    view.leave.trigger()
    assert customer.look.sentence == wording.Customer.LOOK_PAUSED
    journey.rehearsal._until(lambda: FailureCode.CHECK_STOPPED in page.banner.cause.text(), "the clerk reads it")
    told_s = time.monotonic() - left_s
    if os.environ.get("HALLCLIENT_FIGURES"):
        sys.stderr.write(f"\nstopped after {told_s:.2f} s\n")
    assert camera.pid is not None  # it is the session's until nobody needs it any more: the next try begins at once
    facts = page.work.facts
    assert [failed.code for failed in facts.failed_tries] == [FailureCode.CHECK_STOPPED]
    (attempt,) = facts.liveness.attempts
    assert (attempt.refusal, attempt.counts) == (Refusal.STOPPED_BY_CLERK, False)
    view._back.trigger()
    assert not page.secondary_action.isEnabled()
    journey.shoot("back")
    journey.try_again()
    journey.until_it_ends()
    assert journey.decided() is Decision.MATCHED
    assert page.work.facts.liveness.attempts[1].challenges == attempt.challenges


@pytest.mark.parametrize("journey", [("camera_killed", Scene.HOLDER, acting_before_its_camera)], indirect=True)
def test_a_killed_camera_is_said_on_both_screens_and_a_retry_opens_it_again(journey: Journey) -> None:
    customer, page, camera = journey.rehearsal._customer, journey.page, journey.counter.equipment.camera
    assert isinstance(camera, PracticeCamera)
    journey.consent()
    journey.rehearsal._until(lambda: customer.look.view.shows_image, "the first picture")
    lost = camera.pid
    os.kill(lost or 0, signal.SIGKILL)
    journey.rehearsal._until(lambda: FailureCode.CAMERA_STOPPED in page.banner.cause.text(), "the clerk reads it")
    assert customer.look.sentence == wording.Customer.LOOK_PAUSED
    assert page.secondary_action.isEnabled()
    journey.shoot("said")
    journey.until_it_ends()
    assert journey.decided() is Decision.MATCHED
    assert camera.pid != lost
