"""Nothing dies silently: each process of a counter is killed at each step of a session, before the real windows.

`deaths.DEATHS` says what both screens say, how it goes on and how the session ends. One session per process, in which
it is killed at every step in turn; the notice is a short one, everything else is as at a practice counter. What has
died is replaced by the product alone: a process that nobody has needed since is dead at the next step as well.

The real engines and the practice camera are there where they are killed; in the other sessions the customer acts. On
one screen a process is killed where both would be told something, and nowhere else.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QLabel, QWidget

from drivers.face.process_faces import ProcessFaces
from drivers.practice.camera import PracticeCamera
from drivers.practice.pictures import Scene
from drivers.recorder.process_recorder import ProcessRecorder
from hallclient import rule_texts
from hallclient.cli.rehearse import RehearsedCustomer
from hallclient.domain.evidence.facts.notice import RECORDING
from hallclient.domain.evidence.files import file_id
from hallclient.domain.evidence.receipt import Outcome
from hallclient.domain.failures import FAILURES, FailureCode, KnownError
from hallclient.domain.inspection.package import inspect
from hallclient.domain.liveness import UNTOLD
from hallclient.domain.session import SessionState
from hallclient.domain.staff import Role
from hallclient.rule_texts import ShippedRules, built_in_pack
from hallclient.services.access import login
from hallclient.services.dispatch import Dispatch
from hallclient.services.preparation import Preparation
from hallclient.services.session.portrait import PortraitStep
from hallclient.storage import sessions
from hallclient.system import SystemClock, SystemEntropy
from hallclient.wiring import practice_centre
from hallclient.wiring.practice_centre import running_practice_centre
from hallclient.wiring.practice_counter import PracticeCounter
from hallclient.wiring.practice_hall import practice_hall
from hallclient.wiring.practice_staff import PRACTICE_STAFF, practice_code, practice_login, practice_password
from tests.journeys.acting_customer import before_acting_customer, compare_nothing, empty_chair, still_camera
from tests.journeys.beat import Beat
from tests.journeys.deaths import (
    DEAD_AT_THE_START,
    DEATHS,
    REPLACED_BEFORE,
    TOLD_WITHIN_S,
    WITHOUT_LOOK,
    Expected,
    GoesOn,
    Process,
    Step,
)
from tests.journeys.mortals import BrokenCourier, ByPid, Hanging, Mortal, UnpluggedMicrophone, child
from tests.journeys.test_decisions import shared_counter
from ui import wording
from ui.app import App, LocalHall
from ui.customer.window import CustomerWindow
from ui.rehearsal import Login, Rehearsal, has_ended
from ui.rehearsal.hands import click, press
from ui.steps.notice import NoticePage
from ui.steps.portrait import PortraitPage

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="practice is on Linux"),
    pytest.mark.may_log(
        "the face process was lost",
        "the practice pcscd ended with -9 and is started again",
        "the practice reader's process ended with -9 and is started again",
        "the practice centre ended with -9 and is started again",
        "the recording of a reading broke off: (recorder_failed|camera_stopped|microphone_stopped)",
        r"bug \w{6}\nZeroDivisionError",
        "nothing goes out: internal_error",
    ),
]

# The screen's thread waits for nothing but events. What is slept between two of its beats is Python's lock: 0.04 to
# 0.32 s with five times as much to do as there are cores. Who waits there for what has died waits for seconds.
LONGEST_WAIT_S = 1.5
PATIENCE_S = 60.0
_LOOK_MS = 10
_MOST_TRIES = 8  # before the camera, beside whatever else this computer does
_TOO_SLOW = frozenset({FailureCode.COMPUTER_TOO_SLOW, FailureCode.CAMERA_TOO_SLOW})
# What the clerk may read before the camera although nothing died.
_OF_A_BUSY_COMPUTER = frozenset({*_TOO_SLOW, FailureCode.NOT_LIVE, FailureCode.NO_USABLE_FACE})
_SHORT_NOTICE = """\
code = "fraud_risk"
version = "99"
effective_from = "2026-01-01"
title = "涉诈风险告知书"
source = "演练"
lines = ["我已知晓以上内容。", "以上内容属实。"]
"""


def test_the_table_has_every_process_at_every_step() -> None:
    assert [*Step] == [*(step.id for step in built_in_pack().scene("new_number").steps), wording.SEAL]
    assert set(DEATHS) == {(process, step) for process in Process for step in Step}


def test_whoever_is_told_of_something_can_read_it() -> None:
    for expected in DEATHS.values():
        says = expected.clerk is not None
        assert says is (expected.goes_on in (GoesOn.BY_ITSELF, GoesOn.CLERK_BEGINS_ANEW))
        assert says or expected.customer is None


def test_a_beat_tells_a_thread_that_waits_from_one_that_works(qtbot: object) -> None:
    parent = QObject()
    beat = Beat(parent)
    loop = QEventLoop()

    def turn(what: Callable[[], object]) -> float:
        beat.longest_s = 0.0
        QTimer.singleShot(0, what)
        QTimer.singleShot(50, loop.quit)
        loop.exec()
        return beat.longest_s

    turn(lambda: None)
    assert turn(lambda: threading.Event().wait(3.0)) > LONGEST_WAIT_S
    until_s = time.thread_time() + 1.0
    assert turn(lambda: all(time.thread_time() < until_s for _ in iter(int, 1))) < LONGEST_WAIT_S / 2


@dataclass(frozen=True, slots=True)
class Place:
    """Counters that all journeys share, one after the other, and where their hall's centre answers."""

    hall: Path
    counters: dict[Process, PracticeCounter]  # whose process is killed before which
    microphone: UnpluggedMicrophone
    centre_url: str


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("deaths")
    texts = folder / "texts"
    texts.mkdir()
    consent = "face_consent-1.toml"
    (texts / consent).write_text((resources.files("assets") / "notices" / consent).read_text("utf-8"), "utf-8")
    (texts / "fraud_risk-99.toml").write_text(_SHORT_NOTICE, "utf-8")
    clock, entropy = SystemClock(), SystemEntropy()
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(rule_texts, "TEXTS", texts)
        patch.setattr(practice_centre, "_PROGRAM", ("tests.journeys.with_texts", str(texts)))
        hall = practice_hall(folder, clock, entropy)
        made = stack.enter_context(shared_counter(Scene.HOLDER, folder / "copy.pdf"))
        microphone = UnpluggedMicrophone(("我已知晓以上内容", "以上内容属实"), clock, pause_s=0.05)
        real = replace(made, equipment=replace(made.equipment, microphone=microphone))
        counters = dict.fromkeys(Process, before_acting_customer(real, still_camera(empty_chair(), noisy=False)))
        counters[Process.CAMERA] = before_acting_customer(real, real.equipment.camera)
        counters[Process.FACES] = real
        compare_nothing(folder / "central")
        url = stack.enter_context(running_practice_centre(folder / "central"))
        yield Place(hall, counters, microphone, url)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("process", "one_screen"),
    [*((process, False) for process in Process), (Process.FACES, True)],
    ids=[*Process, "faces on one screen"],
)
def test_a_process_is_killed_at_every_step_and_the_session_is_sealed(
    process: Process, one_screen: bool, place: Place, qtbot: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, number = SystemClock(), PRACTICE_STAFF[Role.CLERK]
    counter = place.counters[process]
    preparation = Preparation.of(counter.equipment)
    preparation.start()
    preparation.wait()
    app = App(LocalHall(place.hall, clock, SystemEntropy(), place.centre_url), preparation, clock)
    app.start(full_screen=False)
    app.customer_asked.connect(counter.see)
    journey = DeadlyJourney(app, counter, tmp_path, process)
    try:
        journey.log_in(Login(number, practice_password(number), lambda: practice_code(number, clock.now())))
        if one_screen:
            journey.share_screen()
        journey.mortal = mortal(process, place, app, monkeypatch)
        journey.do_session("new_number", "13800000021", lambda said: said not in {None, Outcome.PROVISIONAL})
        live = journey.passed_alive()
        press(journey._clerk, journey._page.primary_action)
        journey._until(lambda: journey._clerk.view is None, "the start page")
    finally:
        place.microphone.mend()
        counter.take_card()
        journey.end()
        preparation.close()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    journey.heard_nothing_else()
    assert journey.longest_wait_s <= LONGEST_WAIT_S
    outcomes = {DEATHS[process, step].outcome for step in Step}
    # Beside other work none of the tries may have been quick enough: then a supervisor decides, as at any counter.
    assert {journey.report.outcome} == (outcomes if live else {Outcome.PENDING_REVIEW})
    with closing(login(place.hall, *practice_login(number, clock.now()), clock, SystemEntropy())) as hall:
        with hall.database.reading() as tables:
            stored = sessions.load(tables, journey.report.session_id)
        package = hall.vault.package(stored.id)
        assert stored.state is SessionState.SEALED
        assert inspect(package, hall.roots, ShippedRules()).holds
        assert list(package.folder.glob("*.part")) == []
    if os.environ.get("HALLCLIENT_FIGURES"):
        sys.stderr.write(f"\n{process}: {journey.told_s}, the screen waited {journey.longest_wait_s:.2f} s\n")


class DeadlyJourney(Rehearsal):
    """A session in which one process dies at every step, without pictures of the windows."""

    mortal: Mortal

    def __init__(self, app: App, counter: PracticeCounter, folder: Path, process: Process) -> None:
        super().__init__(app, QuickCustomer(counter), folder, SystemClock())
        self._process = process
        self._told: list[tuple[Step, FailureCode]] = []
        self._tried_before = self._told_before = 0  # attempts and failures before the death before the camera
        self._one_screen = False
        self.told_s: dict[str, float] = {}

    def share_screen(self) -> None:
        """There is no screen of the customer's own."""
        self._one_screen = True
        self._clerk.share_screen(True)

    @property
    def longest_wait_s(self) -> float:
        return self._beat.longest_s

    @property
    def _portrait(self) -> PortraitStep:
        return self._view.workplace.session.the(PortraitStep)

    def passed_alive(self) -> bool:
        """Where not, this computer was too busy after the death: nothing but that keeps this customer from passing."""
        facts = self._portrait.facts
        live = facts.liveness.live or self._process in WITHOUT_LOOK
        untold = any(attempt.refusal in UNTOLD for attempt in facts.liveness.attempts[self._tried_before :])
        assert live or untold or _TOO_SLOW & {code for _, code in self._told[self._told_before :]}
        return live

    def heard_nothing_else(self) -> None:
        """What the pages told is what the table says, and what a busy computer may say before the camera."""
        for step, code in self._told:
            expected = DEATHS[self._process, step]
            failure = KnownError(code).failure
            of_the_death = expected.clerk in (failure.remedy, failure.cause)
            of_the_death |= code is DEAD_AT_THE_START.get((self._process, step))
            # A check that was begun anew already, for this computer's other work, is over with the death.
            of_the_death |= (self._process, code) == (Process.FACES, FailureCode.FACE_WORKER_FAILED)
            assert of_the_death or (step is Step.PORTRAIT and code in _OF_A_BUSY_COMPUTER), (step, code)

    def _do_card(self) -> None:
        self._beat = Beat(self._clerk)
        self._view.turned.connect(self._meet)
        self._meet(Step.CARD)
        self._die(Step.CARD)
        super()._do_card()

    def _do_precheck(self) -> None:
        self._ready()
        self._see_replaced(Step.PRECHECK)
        self._die(Step.PRECHECK)
        super()._do_precheck()

    def _do_portrait(self) -> None:
        customer, page = self._customer, self._page
        assert isinstance(page, PortraitPage)
        self._until(lambda: customer.page is customer.consent, "the consent")
        self._see_replaced(Step.PORTRAIT)
        if self._process in WITHOUT_LOOK:
            self._die(Step.PORTRAIT)
            click(customer.consent.disagree)
            click(customer.consent.sure)
            self._ready()
            press(self._clerk, page.primary_action)
            self._until(lambda: self._view.steps.is_done(Step.PORTRAIT), "the portrait's end")
            return
        click(customer.consent.agree)
        self._until_challenged(page)
        self._note_tries()
        self._die(Step.PORTRAIT)
        if DEATHS[self._process, Step.PORTRAIT].customer is not None:
            if DEATHS[self._process, Step.PORTRAIT].goes_on is GoesOn.CLERK_BEGINS_ANEW:
                press(self._clerk, page.banner.again)
            self._until_challenged(page)  # after the restart the customer is asked again
        self._look(page)
        press(self._clerk, page.primary_action)
        self._until(lambda: self._view.steps.is_done(Step.PORTRAIT), "the portrait's end")

    def _until_challenged(self, page: PortraitPage) -> None:
        """A challenge stands before the customer; or a busy computer has not come so far in any try."""
        for _ in range(_MOST_TRIES):
            self._until(lambda: self._is_challenged() or has_ended(page), "a challenge", PATIENCE_S * 2)
            if self._is_challenged() or page.primary_action.isEnabled() or not page.banner.again.isEnabled():
                return
            press(self._clerk, page.banner.again)

    def _is_challenged(self) -> bool:
        customer = self._customer
        return customer.look.challenge is not None and customer.isVisible()

    def _note_tries(self) -> None:
        """The try that runs goes on after the death, unless the clerk has to begin another one."""
        goes_on = DEATHS[self._process, Step.PORTRAIT].goes_on is not GoesOn.CLERK_BEGINS_ANEW
        self._tried_before = len(self._portrait.facts.liveness.attempts)
        if goes_on and self._customer.look.challenge is not None:
            self._tried_before -= 1
        self._told_before = len(self._told)

    def _look(self, page: PortraitPage) -> None:
        for tries in range(_MOST_TRIES + 1):
            self._until(lambda: has_ended(page), "the end of a try", PATIENCE_S * 2)
            if page.primary_action.isEnabled():
                return
            again = page.banner.again.isEnabled() and tries < _MOST_TRIES
            press(self._clerk, page.banner.again if again else page.secondary_action)
            if not again:
                press(self._clerk, self._view.question.yes)
        self._until(page.primary_action.isEnabled, "the other way")

    def _do_notice(self) -> None:
        page, customer = self._page, self._customer
        assert isinstance(page, NoticePage)
        session, notice = self._view.workplace.session, page.work
        if (self._process, Step.NOTICE) in DEAD_AT_THE_START:
            self._begin_without(DEAD_AT_THE_START[self._process, Step.NOTICE], page)
        self._begin_reading(page)
        kept = notice.facts
        self._die(Step.NOTICE)
        if DEATHS[self._process, Step.NOTICE].goes_on is GoesOn.CLERK_BEGINS_ANEW:
            self._until(page.primary_action.isEnabled, "the way on after the death")
            assert not customer.reading.isVisible()
            folder = session.hall.vault.package(session.session_id).folder
            recording = file_id(notice.planned.id, RECORDING)
            self._until(lambda: not list(folder.glob(f"{recording}*")), "nothing is kept of a recording")
            assert notice.facts == kept
            self._begin_reading(page)
        self._read_aloud(page)

    def _begin_without(self, code: FailureCode, page: NoticePage) -> None:
        """The clerk is told what is missing, nothing is recorded, and it is mended."""
        assert not self.mortal.lives()
        self._ready()
        press(self._clerk, page.primary_action)
        self._until(lambda: page.banner.isVisible() and page.primary_action.isEnabled(), "what is missing")
        assert page.banner.remedy.text() == FAILURES[code].remedy
        assert page.line is None
        assert not self._customer.reading.isVisible()
        self.mortal.mend()

    def _begin_reading(self, page: NoticePage) -> None:
        customer = self._customer
        self._ready()
        press(self._clerk, page.primary_action)
        self._until(lambda: customer.page is customer.reading and page.line == 0, "the first line")

    def _do_signature(self) -> None:
        self._until(lambda: self._customer.page is self._customer.signing, "the signature pad")
        self._die(Step.SIGNATURE)
        super()._do_signature()

    def _do_seal(self, settled: Callable[[Outcome | None], bool]) -> None:
        self._follow_death(Step.SEAL)  # it died before the seal began
        super()._do_seal(settled)

    def _meet(self, turned_to: str) -> None:
        """The page of this step has come; it has not begun to work."""
        step, page = Step(turned_to), self._page
        page.failed.connect(lambda error: self._told.append((step, error.code)))
        if step is Step.SEAL:
            self._kill(step)

    def _die(self, step: Step) -> None:
        self._kill(step)
        self._follow_death(step)

    def _kill(self, step: Step) -> None:
        expected = DEATHS[self._process, step]
        if expected.goes_on is GoesOn.NOT_THERE:
            assert not self.mortal.lives()
            return
        if expected.goes_on is GoesOn.UNNOTICED:
            if self._one_screen:
                return  # it would be the same session as on two
            if self.mortal.lives():  # else nobody has needed it since it died at a step before
                self.mortal.kill()
                self._until(lambda: not self.mortal.lives(), f"the death at {step}")
            return
        assert self.mortal.lives()
        if self._one_screen:
            expected = replace(expected, customer=None)  # what the clerk reads is before both
        if step is Step.SEAL and not self.passed_alive():
            expected = replace(expected, customer=None)  # the customer reads of a supervisor, whoever dies
        self._watch = Watch(expected, self._clerk, self._customer)
        self.mortal.kill()

    def _see_replaced(self, step: Step) -> None:
        if step in REPLACED_BEFORE.get(self._process, ()):
            self._until(self.mortal.lives, f"another one at {step}")

    def _follow_death(self, step: Step) -> None:
        expected = DEATHS[self._process, step]
        if expected.goes_on in (GoesOn.NOT_THERE, GoesOn.UNNOTICED):
            return
        watch = self._watch
        self._until(lambda: watch.told, f"what the screens say at {step}")
        self.told_s[step] = round(watch.took_s, 2)
        assert watch.took_s <= TOLD_WITHIN_S[self._process], (self._process, step, watch.took_s)
        self.mortal.mend()
        if expected.goes_on is GoesOn.BY_ITSELF:
            self._until(
                lambda: self.mortal.lives() and (not watch.stands or self._has_tried(step)), f"the end of it at {step}"
            )

    def _has_tried(self, step: Step) -> bool:
        """A try before the camera has ended meanwhile: what the customer reads then is of that."""
        of_the_try = step is Step.PORTRAIT and DEATHS[self._process, step].customer is not None
        return of_the_try and isinstance(self._page, PortraitPage) and has_ended(self._page)

    def _shoot(self, window: QWidget, name: str) -> None:
        """No pictures: nobody looks at them."""


class Watch:
    """Looks at both windows from now on, until both have said what is expected.

    Attributes:
        took_s: seconds until then, without those in which the event loop itself came too late: the second that a death
            may take to be told is one of a computer that has time.
    """

    def __init__(self, expected: Expected, clerk: QWidget, customer: CustomerWindow) -> None:
        self._wanted = [(clerk, expected.clerk), (customer, expected.customer)]
        self.missing = [(window, words) for window, words in self._wanted if words is not None]
        self.took_s = 0.0
        self._looked_s = time.monotonic()
        self._timer = QTimer(clerk, interval=_LOOK_MS)  # it goes with the windows
        self._timer.timeout.connect(self._look)
        self._timer.start()

    @property
    def told(self) -> bool:
        return not self.missing

    @property
    def stands(self) -> bool:
        """One of the two still says it."""
        return any(words is not None and words in said(window) for window, words in self._wanted)

    def _look(self) -> None:
        now_s = time.monotonic()
        self.took_s += min(now_s - self._looked_s, 3 * _LOOK_MS / 1000)
        self._looked_s = now_s
        self.missing = [(window, words) for window, words in self.missing if words not in said(window)]
        if not self.missing:
            self._timer.stop()


class QuickCustomer(RehearsedCustomer):
    """Reads as quickly as anybody may."""

    def line_is_read(self, index: int) -> bool:
        return True


def said(window: QWidget) -> str:
    """All words that can be read in a window."""
    return "\n".join(label.text() for label in window.findChildren(QLabel) if label.isVisible())


def mortal(process: Process, place: Place, app: App, monkeypatch: pytest.MonkeyPatch) -> Mortal:
    counter = place.counters[process]
    equipment, reader = counter.equipment, counter.reader
    recorder = equipment.recorder
    assert isinstance(recorder, ProcessRecorder)
    if process is Process.MICROPHONE:
        return place.microphone
    if process is Process.COURIER:
        services = app._services
        assert services is not None
        assert isinstance(services.dispatch, Dispatch)
        return BrokenCourier(monkeypatch, services.dispatch.wake)
    recorder.prewarm()  # as at the start of the application
    if process is Process.FACES:
        faces = _faces(counter)
        faces.prewarm()
        return ByPid(lambda: faces.pid)
    if process is Process.CAMERA:
        camera = equipment.camera
        assert isinstance(camera, PracticeCamera)
        return ByPid(lambda: camera.pid)
    return {
        Process.RECORDER: ByPid(lambda: recorder.pid),
        Process.READER: ByPid(lambda: reader.daemon.pid),
        Process.HUNG_READER: Hanging(lambda: reader.daemon.pid),
        Process.CARD_PROCESS: ByPid(lambda: reader.process.pid),
        Process.CENTRE: ByPid(lambda: child("central", "serve")),
    }[process]


def _faces(counter: PracticeCounter) -> ProcessFaces:
    faces = counter.equipment.faces.analyser
    assert isinstance(faces, ProcessFaces)
    return faces
