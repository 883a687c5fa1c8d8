"""A session: its steps, what each keeps, what a crash leaves, and what is never kept."""

import datetime as dt
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from hallclient.domain.scene import SceneCode, Step
from hallclient.services.verification import Verification

from drivers.idcard.portrait import OpenPortraitDecoder
from hallclient.devices import FaceSight, Image
from hallclient.domain.card import Finding
from hallclient.domain.certificates import load_roots
from hallclient.domain.comparison import Comparison, Decision
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.evidence import FileKind
from hallclient.domain.evidence.facts.liveness_attempts import MOST_ATTEMPTS, MOST_UNCOUNTED_ATTEMPTS
from hallclient.domain.evidence.receipt import Outcome, judge
from hallclient.domain.face_remark import FaceRemark
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.inspection.package import inspect
from hallclient.domain.liveness import Challenge, Refusal
from hallclient.domain.sealed_key import open_key
from hallclient.domain.session import AbandonReason, State
from hallclient.domain.signature import PenPoint
from hallclient.domain.supervised_way import TRIES_BEFORE_SUPERVISOR, SupervisedWay
from hallclient.services.access import OpenHall
from hallclient.services.stop import Stop
from hallclient.storage import sessions
from hallclient.storage.audit import events, first_broken_link
from tests import doubles
from tests.clock import HandClock
from tests.drivers.waiting import eventually
from tests.hallclient.services.sessions import (
    SERVICE_NUMBER,
    STROKES,
    UNSEEN,
    do_step,
    open_session,
    shown,
    walk,
)
from tests.halls import PLACE, TestCentre, open_hall

NOTHING_PERSONAL = (doubles.CUSTOMER, doubles.NUMBER, SERVICE_NUMBER)


@pytest.fixture
def session(hall: OpenHall, clock: HandClock) -> Verification:
    return open_session(hall, doubles.equipment(clock))


def bytes_below(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_a_whole_session_becomes_a_package_that_holds(
    session: Verification, hall: OpenHall, clock: HandClock, centre: TestCentre
) -> None:
    walk(session, clock)
    session.close()
    package = hall.vault.package(session.session_id)
    manifest = inspect(package, load_roots(centre.roots_pem.encode())).manifest
    assert manifest is not None
    data_key = open_key(bytes.fromhex(manifest.data_key.sealed), centre.hpke_key, session.session_id, PLACE.hall)
    inspection = inspect(package, load_roots(centre.roots_pem.encode()), data_key)
    assert inspection.failed == ()
    assert inspection.holds
    assert manifest.practice
    assert {entry.kind for entry in manifest.facts.files} == set(FileKind) - {FileKind.REVIEW_NOTE}
    assert judge(manifest, None) is Outcome.PASSED


def test_nothing_personal_is_readable_on_the_disk(session: Verification, hall: OpenHall, clock: HandClock) -> None:
    walk(session, clock)
    session.close()
    content = bytes_below(hall.folder)
    names = "\n".join(str(path) for path in hall.folder.rglob("*"))
    for text in NOTHING_PERSONAL:
        assert text.encode() not in content
        assert text.encode("utf-16-le") not in content
        assert text not in names


@pytest.mark.parametrize("step", [step for step in Step if step is not Step.CARD])
def test_a_session_that_was_cut_off_goes_on_at_the_same_step(
    step: Step, session: Verification, hall: OpenHall, clock: HandClock, tmp_path: Path
) -> None:
    walk(session, clock, until=step)
    session.close()
    hall.close()
    again = open_hall(tmp_path / "hall", clock)
    resumed = Verification.resume(again, doubles.equipment(clock), session.session_id)
    assert resumed.next_step is step
    assert resumed.reading_of_card == doubles.card_reading()
    walk(resumed, clock)
    assert resumed.state is State.SEALED
    assert resumed.customer_copy().startswith(b"%PDF")
    resumed.close()
    with again.database.transaction() as tables:
        assert first_broken_link(tables) is None
    again.close()


def test_elapsed_time_goes_on_after_a_restart_of_the_machine(
    session: Verification, hall: OpenHall, clock: HandClock
) -> None:
    clock.advance(30)
    walk(session, clock, until=Step.PORTRAIT)
    session.close()
    other_boot = HandClock(clock.now())
    resumed = Verification.resume(open_hall(hall.folder, other_boot), doubles.equipment(other_boot), session.session_id)
    walk(resumed, other_boot, until=Step.NOTICE)
    with hall.database.transaction() as tables:
        elapsed = [event.elapsed_s for event in sessions.load(tables, session.session_id).events]
    assert elapsed == sorted(elapsed)
    assert elapsed[-1] >= 30


@pytest.mark.parametrize(
    ("score", "decision", "outcome"),
    [
        (0.6, Decision.MATCHED, Outcome.PASSED),
        (0.35, Decision.DOUBTFUL, Outcome.NOT_PASSED),
        (0.05, Decision.MISMATCHED, Outcome.NOT_PASSED),
    ],
)
def test_only_a_match_passes_without_a_supervisor(
    score: float, decision: Decision, outcome: Outcome, hall: OpenHall, clock: HandClock
) -> None:
    session = open_session(hall, doubles.equipment(clock, matcher=doubles.Matcher(score)))
    walk(session, clock, until=Step.FINISH)
    manifest = session.seal()
    session.close()
    assert manifest.facts.face is not None
    assert manifest.facts.face.comparison.decision is decision
    assert manifest.needs_review is (decision is not Decision.MATCHED)
    assert judge(manifest, None) is outcome


def test_a_refused_consent_never_opens_the_camera(hall: OpenHall, clock: HandClock) -> None:
    camera = doubles.Camera(clock)
    session = open_session(hall, doubles.equipment(clock, camera=camera))
    walk(session, clock, until=Step.PORTRAIT)
    with pytest.raises(KnownError, match="step_out_of_order"):
        session.compare(UNSEEN)
    session.give_consent(False)
    assert session.next_step is Step.NOTICE
    assert session.facts.face is not None
    assert session.facts.face.comparison.decision is Decision.CONSENT_REFUSED
    assert session.facts.face.comparison.score is None
    assert session.live_photo is None
    session.close()


def test_a_card_without_a_portrait_is_never_compared(hall: OpenHall, clock: HandClock) -> None:
    session = open_session(hall, doubles.equipment(clock, portrait_decoder=doubles.PortraitDecoder(None)))
    walk(session, clock, until=Step.NOTICE)
    assert session.facts.face is not None
    assert session.facts.face.comparison.decision is Decision.NO_PORTRAIT
    session.close()


@pytest.mark.parametrize(
    "code",
    [
        FailureCode.READER_SERVICE_DOWN,
        FailureCode.READER_MISSING,
        FailureCode.CARD_MISSING,
        FailureCode.CARD_REMOVED,
    ],
)
def test_a_failing_reader_leaves_the_session_where_it_was(code: FailureCode, hall: OpenHall, clock: HandClock) -> None:
    session = open_session(hall, doubles.equipment(clock, card_reader=doubles.Reader(KnownError(code))))
    with pytest.raises(KnownError) as caught:
        session.read_card(1.0)
    assert caught.value.code is code
    session.close()
    resumed = Verification.resume(hall, doubles.equipment(clock), session.session_id)
    assert resumed.next_step is Step.CARD
    resumed.read_card(1.0)
    resumed.close()


def test_only_a_card_that_is_put_down_after_the_opening_is_read(hall: OpenHall, clock: HandClock) -> None:
    """What the reader is asked for: it alone sees when a card comes. Continued, the session waits anew."""
    opened_s = clock.monotonic()
    reader = doubles.Reader(KnownError(FailureCode.CARD_NEEDS_LIFTING))
    session = open_session(hall, doubles.equipment(clock, card_reader=reader))
    for timeout_s in (1.0, 2.0):
        clock.advance(5.0)
        with pytest.raises(KnownError):
            session.read_card(timeout_s)
    assert reader.asked == [(1.0, opened_s), (2.0, opened_s)]
    session.close()
    resumed_s = clock.monotonic()
    resumed = Verification.resume(hall, doubles.equipment(clock, card_reader=reader), session.session_id)
    with pytest.raises(KnownError):
        resumed.read_card(3.0)
    assert reader.asked[-1] == (3.0, resumed_s)
    assert resumed_s > opened_s
    resumed.close()


def test_nobody_is_left_to_a_supervisor_before_they_were_asked(hall: OpenHall, clock: HandClock) -> None:
    session = open_session(hall, doubles.equipment(clock))
    walk(session, clock, until=Step.PORTRAIT)
    with pytest.raises(KnownError, match="step_out_of_order"):
        session.leave_to_supervisor()
    session.close()


def test_without_a_camera_the_supervised_way_remains(hall: OpenHall, clock: HandClock) -> None:
    camera = doubles.Camera(clock, KnownError(FailureCode.CAMERA_MISSING))
    session = open_session(hall, doubles.equipment(clock, camera=camera))
    walk(session, clock, until=Step.PORTRAIT)
    session.give_consent(True)
    with pytest.raises(KnownError, match="camera_missing"):
        session.compare(UNSEEN)
    assert session.leave_to_supervisor().decision is Decision.NO_FACE
    assert session.facts.face is not None
    assert session.facts.face.camera is None
    session.close()


def test_a_camera_that_stops_is_said_and_the_step_can_be_done_again(hall: OpenHall, clock: HandClock) -> None:
    camera = doubles.Camera(clock, KnownError(FailureCode.CAMERA_STOPPED), pictures=3)
    session = open_session(hall, doubles.equipment(clock, camera=camera))
    walk(session, clock, until=Step.PORTRAIT)
    session.give_consent(True)
    with pytest.raises(KnownError, match="camera_stopped"):
        session.compare(UNSEEN)
    assert not camera.open
    camera.failure = None
    assert session.compare(shown(session)).decision is Decision.MATCHED
    session.close()


def test_nobody_before_the_camera_is_no_decision(hall: OpenHall, clock: HandClock) -> None:
    customer = doubles.Customer(FaceSight(0, None, 0.0))
    session = open_session(hall, doubles.equipment(clock, customer=customer))
    walk(session, clock, until=Step.PORTRAIT)
    session.give_consent(True)
    with pytest.raises(KnownError, match="no_usable_face"):
        session.compare(UNSEEN)
    assert session.facts.face is None
    session.close()


def test_a_crowd_is_named_when_it_is_left_to_the_supervisor(hall: OpenHall, clock: HandClock) -> None:
    customer = doubles.Customer(FaceSight(2, None, 0.0, FaceRemark.SEVERAL_FACES))
    session = open_session(hall, doubles.equipment(clock, customer=customer))
    walk(session, clock, until=Step.PORTRAIT)
    session.give_consent(True)
    for _ in range(TRIES_BEFORE_SUPERVISOR):
        with pytest.raises(KnownError, match="several_faces"):
            session.compare(UNSEEN)
        session.close()
        session = Verification.resume(hall, doubles.equipment(clock, customer=customer), session.session_id)
    assert session.leave_to_supervisor().decision is Decision.SEVERAL_FACES
    session.close()


def test_who_does_not_do_what_is_asked_has_few_tries_and_then_a_supervisor(hall: OpenHall, clock: HandClock) -> None:
    session = open_session(hall, doubles.equipment(clock, customer=doubles.Customer(obeys=False)))
    walk(session, clock, until=Step.PORTRAIT)
    session.give_consent(True)
    for _ in range(MOST_ATTEMPTS):
        assert session.may_try_again
        with pytest.raises(KnownError) as caught:
            session.compare(UNSEEN)
        assert (caught.value.code, caught.value.detail) == (FailureCode.NOT_LIVE, Refusal.TOO_SLOW)
        session.close()
        session = Verification.resume(
            hall, doubles.equipment(clock, customer=doubles.Customer(obeys=False)), session.session_id
        )
    with pytest.raises(KnownError, match="step_out_of_order"):
        session.compare(UNSEEN)
    attempts = session.facts.liveness.attempts
    assert [(attempt.refusal, attempt.done) for attempt in attempts] == [(Refusal.TOO_SLOW, 0)] * MOST_ATTEMPTS
    assert all(len(set(attempt.challenges)) == 2 for attempt in attempts)
    assert session.leave_to_supervisor().decision is Decision.NO_FACE
    session.close()


def test_a_changed_screen_takes_the_supervised_way_no_earlier_and_no_restart_forgets_what_was_seen(
    hall: OpenHall, clock: HandClock
) -> None:
    """The service keeps the rule, whatever key a screen enables; the facts on the disk are what it goes by."""
    equipment = doubles.equipment(clock, customer=doubles.Customer(obeys=False))
    session = open_session(hall, equipment)
    walk(session, clock, until=Step.PORTRAIT)
    session.give_consent(True)
    for tries in range(TRIES_BEFORE_SUPERVISOR):
        assert session.supervised_way is None
        with pytest.raises(KnownError, match="supervised_way_closed"):
            session.leave_to_supervisor()
        assert session.facts.face is None
        with pytest.raises(KnownError, match="not_live"):
            session.compare(UNSEEN)
        session.close()
        session = Verification.resume(hall, equipment, session.session_id)
        assert [failed.code for failed in session.facts.failed_tries] == [FailureCode.NOT_LIVE] * (tries + 1)
    assert session.supervised_way is SupervisedWay.TRIED_ENOUGH
    assert session.leave_to_supervisor().decision is Decision.NO_FACE
    session.close()


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
    session = open_session(hall, equipment)
    walk(session, clock, until=Step.PORTRAIT)
    session.give_consent(True)
    with pytest.raises(KnownError, match="not_live"):
        session.compare(UNSEEN)
    assert (worker.prepared, worker.forgot, customer.is_looked_at) == (3, 1, False)
    customer.obeys = True
    with pytest.raises(KnownError, match="disk_full"):
        session.compare(shown(session))
    assert (worker.forgot, customer.is_looked_at) == (2, False)
    customer.obeys, matcher.failure = False, None
    with pytest.raises(KnownError, match="not_live"):
        session.compare(UNSEEN)
    assert session.leave_to_supervisor().decision is Decision.MATCHED
    assert (worker.forgot, customer.is_looked_at) == (4, False)  # the comparison was the last that it saw
    session.close()


def test_the_pictures_of_a_try_are_held_until_it_is_decided_and_no_longer(hall: OpenHall, clock: HandClock) -> None:
    def after_a_try() -> Verification:
        session = open_session(hall, doubles.equipment(clock, customer=doubles.Customer(obeys=False)))
        walk(session, clock, until=Step.PORTRAIT)
        session.give_consent(True)
        for _ in range(TRIES_BEFORE_SUPERVISOR):
            with pytest.raises(KnownError, match="not_live"):
                session.compare(UNSEEN)
        assert session._capture is not None
        return session

    session = after_a_try()
    session.leave_to_supervisor()
    assert session._capture is None
    session.close()
    session = after_a_try()
    session.abandon(AbandonReason.CUSTOMER_WITHDREW)
    assert session._capture is None
    session.close()
    session = after_a_try()
    session.close()
    assert session._capture is None
    passed = open_session(hall, doubles.equipment(clock))
    walk(passed, clock, until=Step.NOTICE)
    assert passed._capture is None
    passed.close()


def test_good_pictures_of_a_try_that_breaks_off_later_are_the_supervisors(hall: OpenHall, clock: HandClock) -> None:
    customer = doubles.Customer()
    camera = doubles.Camera(clock, customer=customer)

    def unplugged(challenge: Challenge | None) -> None:
        if challenge is not None:
            camera.failure, camera.pictures = KnownError(FailureCode.CAMERA_STOPPED), 0

    session = open_session(hall, doubles.equipment(clock, customer=customer, camera=camera))
    walk(session, clock, until=Step.PORTRAIT)
    session.give_consent(True)
    with pytest.raises(KnownError, match="camera_stopped"):
        session.compare(replace(UNSEEN, on_challenge=unplugged))
    camera.failure = KnownError(FailureCode.CAMERA_MISSING)
    with pytest.raises(KnownError, match="camera_missing"):
        session.compare(UNSEEN)
    assert session.leave_to_supervisor().decision is Decision.MATCHED  # of what was seen while there was a camera
    assert session.live_photo is not None
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
    session = open_session(hall, doubles.equipment(clock, customer=customer, camera=camera, matcher=matcher))
    walk(session, clock, until=Step.PORTRAIT)
    session.give_consent(True)
    tries = MOST_UNCOUNTED_ATTEMPTS if code is FailureCode.CHECK_STOPPED else 2
    for _ in range(tries):
        customer.stop, camera.failure = Stop(), None
        with pytest.raises(KnownError) as caught:
            session.compare(shown(session), customer.stop)
        assert caught.value.code is code
        customer.asked(None)
    camera.failure, camera.identity = KnownError(FailureCode.CAMERA_MISSING), DeviceIdentity("another", practice=True)
    if session.may_try_again:
        with pytest.raises(KnownError, match="camera_missing"):
            session.compare(UNSEEN)
    assert session.leave_to_supervisor().decision is decision
    face = session.facts.face
    assert face is not None
    assert face.frames_seen > 0
    assert face.camera == doubles.Camera.identity  # the one that took them, and not the one tried last
    assert face.comparison.score == score
    assert session.live_photo is not None
    assert session.facts.file(FileKind.LIVE_PHOTO) is not None
    assert session.facts.needs_review  # nobody was found live
    assert session._capture is None
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
    session = open_session(hall, doubles.equipment(clock, customer=customer, camera=customer.camera))
    walk(session, clock, until=Step.PORTRAIT)
    session.give_consent(True)
    begun: list[float] = []

    def asked(challenge: Challenge | None) -> None:
        if not begun:
            begun.append(session.facts.liveness.attempts[-1].looks_per_s)
        customer.asked(challenge)

    assert session.compare(replace(UNSEEN, on_challenge=asked)).decision is Decision.MATCHED
    assert begun[0] > 12.5  # of 14.3; with the wait it was 11
    assert session.facts.failed_tries == ()
    assert session.facts.liveness.live
    session.close()


def test_a_face_process_that_dies_twice_in_the_challenges_is_no_busy_computer(hall: OpenHall, clock: HandClock) -> None:
    customer = LosingItsProcess(lambda look, asked: asked)
    session = open_session(hall, doubles.equipment(clock, customer=customer))
    walk(session, clock, until=Step.PORTRAIT)
    session.give_consent(True)
    with pytest.raises(KnownError) as caught:
        session.compare(shown(session))
    assert (caught.value.code, caught.value.detail) == (FailureCode.FACE_WORKER_FAILED, Refusal.COMPUTER_FAILED)
    (attempt,) = session.facts.liveness.attempts
    assert (attempt.refusal, attempt.counts) == (Refusal.COMPUTER_FAILED, False)
    assert [failed.code for failed in session.facts.failed_tries] == [FailureCode.FACE_WORKER_FAILED]
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
    session = open_session(hall, equipment)
    walk(session, clock, until=Step.PORTRAIT)
    session.give_consent(True)
    for _ in range(TRIES_BEFORE_SUPERVISOR):
        with pytest.raises(KnownError, match=code.value):
            session.compare(shown(session))
    comparison = session.leave_to_supervisor()
    assert (comparison.decision, comparison.score) == (decision, None)
    assert session.live_photo is not None
    assert session.facts.face is not None
    assert session.facts.face.camera == doubles.Camera.identity
    assert session.facts.needs_review
    assert session.next_step is Step.NOTICE
    session.close()


class DyingMatcher(doubles.Matcher):
    """The comparison fails for as long as `failure` stands."""

    def __init__(self, code: FailureCode) -> None:
        super().__init__()
        self.failure: KnownError | None = KnownError(code)

    def compare(self, portrait: Image | None, live: Sequence[Image]) -> Comparison:
        if self.failure is not None:
            raise self.failure
        return super().compare(portrait, live)


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
    session = open_session(hall, doubles.equipment(clock, matcher=matcher))
    walk(session, clock, until=Step.PORTRAIT)
    session.give_consent(True)
    tries = MOST_ATTEMPTS + MOST_UNCOUNTED_ATTEMPTS
    for _ in range(tries):
        with pytest.raises(KnownError, match=code):
            session.compare(shown(session))
        assert not session.facts.liveness.live  # a passed check is not used again for other pictures
        session.close()
        session = Verification.resume(hall, doubles.equipment(clock, matcher=matcher), session.session_id)
    attempts = session.facts.liveness.attempts
    assert [(each.refusal, each.done, each.counts) for each in attempts] == [(Refusal.NOT_COMPARED, 2, False)] * tries
    assert len({each.challenges for each in attempts}) > 1  # what was seen to be done is not asked again
    assert [failed.code for failed in session.facts.failed_tries] == [code] * tries * kept
    assert session.supervised_way is way
    assert session.may_try_again
    matcher.failure = None
    assert session.compare(shown(session)).decision is Decision.MATCHED
    assert [each.refusal for each in session.facts.liveness.attempts] == [Refusal.NOT_COMPARED] * tries + [None]
    session.close()


class Mistaken(doubles.Customer):
    """The analyser makes a mistake at every look."""

    def look(self, image: Image) -> FaceSight:
        raise ZeroDivisionError


class MistakenMatcher(doubles.Matcher):
    def compare(self, portrait: Image | None, live: Sequence[Image]) -> Comparison:
        raise ZeroDivisionError


def test_a_mistake_of_ours_before_the_first_challenge_is_a_try_of_the_computers(
    hall: OpenHall, clock: HandClock
) -> None:
    session = open_session(hall, doubles.equipment(clock, customer=Mistaken()))
    walk(session, clock, until=Step.PORTRAIT)
    session.give_consent(True)
    for way in (None, SupervisedWay.TRIED_ENOUGH):
        with pytest.raises(ZeroDivisionError):
            session.compare(UNSEEN)
        assert session.supervised_way is way
        assert audited(hall, session)[-1] == ("portrait_failed", {"cause": "internal_error", "costs": "nothing"})
        session.close()
        session = Verification.resume(hall, doubles.equipment(clock, customer=Mistaken()), session.session_id)
    assert [failed.code for failed in session.facts.failed_tries] == [FailureCode.INTERNAL_ERROR] * 2
    assert session.facts.liveness.attempts == ()
    assert session.leave_to_supervisor().decision is Decision.NO_FACE
    session.close()


@pytest.mark.expects_log(r"bug [0-9A-Z]{6}\nZeroDivisionError")
def test_a_mistake_of_ours_in_the_comparison_is_a_try_too_and_does_not_bar_the_way(
    hall: OpenHall, clock: HandClock
) -> None:
    session = open_session(hall, doubles.equipment(clock, matcher=MistakenMatcher()))
    walk(session, clock, until=Step.PORTRAIT)
    session.give_consent(True)
    for way in (None, SupervisedWay.TRIED_ENOUGH):
        with pytest.raises(ZeroDivisionError):
            session.compare(shown(session))
        assert session.supervised_way is way
    assert [failed.code for failed in session.facts.failed_tries] == [FailureCode.INTERNAL_ERROR] * 2
    assert [each.refusal for each in session.facts.liveness.attempts] == [Refusal.NOT_COMPARED] * 2
    assert session.leave_to_supervisor().decision is Decision.NO_FACE
    assert session.live_photo is not None
    session.close()


def audited(hall: OpenHall, session: Verification) -> list[tuple[str, dict[str, object]]]:
    with hall.database.transaction() as tables:
        return [(event.event, dict(event.detail)) for _, event in events(tables, session.session_id)]


def test_the_audit_says_how_each_try_ended(hall: OpenHall, clock: HandClock) -> None:
    customer, matcher = doubles.Customer(obeys=False), DyingMatcher(FailureCode.FACE_WORKER_FAILED)
    session = open_session(hall, doubles.equipment(clock, customer=customer, matcher=matcher))
    walk(session, clock, until=Step.PORTRAIT)
    session.give_consent(True)
    before = len(audited(hall, session))
    with pytest.raises(KnownError, match="not_live"):
        session.compare(UNSEEN)
    stop = Stop()
    stop.say()
    with pytest.raises(KnownError, match="check_stopped"):
        session.compare(UNSEEN, stop)
    customer.obeys = True
    with pytest.raises(KnownError, match="face_worker_failed"):
        session.compare(shown(session))
    session.close()
    dark = doubles.Customer(FaceSight(1, None, 0.0, FaceRemark.TOO_DARK))
    session = Verification.resume(hall, doubles.equipment(clock, customer=dark), session.session_id)
    with pytest.raises(KnownError, match="no_usable_face"):
        session.compare(UNSEEN)
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
        ("portrait_failed", {"cause": "no_usable_face", "remark": "too_dark", "costs": "nothing"}),
    ]
    session.close()


@pytest.mark.parametrize("challenged", [False, True], ids=["before a challenge", "in a challenge"])
def test_a_check_that_the_clerk_stops_ends_at_once_and_is_nothing_of_the_customers(
    challenged: bool, hall: OpenHall, clock: HandClock
) -> None:
    customer = doubles.Customer(obeys=False)
    camera = doubles.Camera(clock, customer=customer)
    session = open_session(hall, doubles.equipment(clock, customer=customer, camera=camera))
    walk(session, clock, until=Step.PORTRAIT)
    session.give_consent(True)
    asked: list[tuple[Challenge, ...]] = []
    for _ in range(2):
        stop = Stop()

        def say(challenge: Challenge | None = None, stop: Stop = stop) -> None:
            if challenged == (challenge is not None):
                stop.say()

        listener = replace(UNSEEN, on_challenge=say, on_sight=lambda frame, sight, say=say: say())  # type: ignore[misc]
        with pytest.raises(KnownError) as caught:
            session.compare(listener, stop)
        assert caught.value.code is FailureCode.CHECK_STOPPED
        assert not camera.open
        assert session.may_try_again
        assert session.supervised_way is None
        asked += [attempt.challenges for attempt in session.facts.liveness.attempts]
        session.close()
        session = Verification.resume(
            hall, doubles.equipment(clock, customer=customer, camera=camera), session.session_id
        )
    facts = session.facts
    assert [failed.code for failed in facts.failed_tries] == [FailureCode.CHECK_STOPPED] * 2
    refusals = [(attempt.refusal, attempt.counts) for attempt in facts.liveness.attempts]
    assert refusals == [(Refusal.STOPPED_BY_CLERK, False)] * (2 if challenged else 0)
    assert len(set(asked)) == (1 if challenged else 0)  # no others are drawn because of it
    customer.obeys = True
    assert session.compare(shown(session)).decision is Decision.MATCHED
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

    session = open_session(hall, doubles.equipment(clock, camera=Slow(clock)))
    walk(session, clock, until=Step.PORTRAIT)
    session.give_consent(True)
    with pytest.raises(KnownError, match="check_stopped"):
        session.compare(UNSEEN, stop)
    session.close()


def test_a_check_that_is_stopped_before_it_begins_opens_no_camera(hall: OpenHall, clock: HandClock) -> None:
    camera = doubles.Camera(clock)
    session = open_session(hall, doubles.equipment(clock, camera=camera))
    walk(session, clock, until=Step.PORTRAIT)
    session.give_consent(True)
    stop = Stop()
    stop.say()
    with pytest.raises(KnownError, match="check_stopped"):
        session.compare(UNSEEN, stop)
    assert camera.read_so_far == 0
    session.close()


def test_a_match_without_a_live_face_waits_for_a_supervisor(hall: OpenHall, clock: HandClock) -> None:
    session = open_session(hall, doubles.equipment(clock, customer=doubles.Customer(obeys=False)))
    walk(session, clock, until=Step.PORTRAIT)
    session.give_consent(True)
    for _ in range(TRIES_BEFORE_SUPERVISOR):
        with pytest.raises(KnownError, match="not_live"):
            session.compare(UNSEEN)
    assert session.leave_to_supervisor().decision is Decision.MATCHED
    assert session.live_photo is not None
    walk(session, clock, until=Step.FINISH)
    manifest = session.seal()
    assert manifest.needs_review
    assert judge(manifest, None) is Outcome.NOT_PASSED
    session.close()


def test_another_person_in_the_check_than_in_the_picture_is_not_live(hall: OpenHall, clock: HandClock) -> None:
    session = open_session(hall, doubles.equipment(clock, matcher=doubles.Matcher(likeness=0.2)))
    walk(session, clock, until=Step.PORTRAIT)
    session.give_consent(True)
    with pytest.raises(KnownError) as caught:
        session.compare(shown(session))
    assert (caught.value.code, caught.value.detail) == (FailureCode.NOT_LIVE, Refusal.OTHER_PERSON)
    assert session.facts.liveness.attempts[0].likeness == 0.2
    session.close()


def test_after_a_failed_try_a_live_face_passes(hall: OpenHall, clock: HandClock) -> None:
    customer = doubles.Customer(obeys=False)
    session = open_session(hall, doubles.equipment(clock, customer=customer))
    walk(session, clock, until=Step.PORTRAIT)
    session.give_consent(True)
    with pytest.raises(KnownError, match="not_live"):
        session.compare(UNSEEN)
    customer.obeys = True
    assert session.compare(shown(session)).decision is Decision.MATCHED
    assert [attempt.refusal for attempt in session.facts.liveness.attempts] == [Refusal.TOO_SLOW, None]
    walk(session, clock, until=Step.FINISH)
    assert not session.seal().needs_review
    session.close()


def test_a_plug_that_is_pulled_after_a_challenge_was_seen_costs_an_attempt(hall: OpenHall, clock: HandClock) -> None:
    customer = doubles.Customer(obeys=False)
    camera = doubles.Camera(clock, KnownError(FailureCode.CAMERA_STOPPED), pictures=-1, customer=customer)
    session = open_session(hall, doubles.equipment(clock, customer=customer, camera=camera))
    walk(session, clock, until=Step.PORTRAIT)
    session.give_consent(True)

    def pull(challenge: Challenge | None) -> None:
        camera.pictures = 0 if challenge is not None else camera.pictures

    with pytest.raises(KnownError, match="camera_stopped"):
        session.compare(replace(UNSEEN, on_challenge=pull))
    session.close()
    session = Verification.resume(hall, doubles.equipment(clock), session.session_id)
    (attempt,) = session.facts.liveness.attempts
    assert (attempt.refusal, attempt.done) == (Refusal.INTERRUPTED, 0)
    assert session.compare(shown(session)).decision is Decision.MATCHED
    assert [attempt.refusal for attempt in session.facts.liveness.attempts] == [Refusal.INTERRUPTED, None]
    session.close()


def test_who_pulls_the_plug_draws_no_other_challenges_and_an_attempt_is_kept_before_it_is_shown(
    hall: OpenHall, clock: HandClock
) -> None:
    """R8: a camera that stops after each first challenge gave 12 draws and 0 attempts."""
    customer = doubles.Customer(obeys=False)
    camera = doubles.Camera(clock, KnownError(FailureCode.CAMERA_STOPPED), pictures=-1, customer=customer)
    session = open_session(hall, doubles.equipment(clock, customer=customer, camera=camera))
    walk(session, clock, until=Step.PORTRAIT)
    session.give_consent(True)
    kept: list[tuple[Challenge, ...]] = []

    def pull(challenge: Challenge | None) -> None:
        if challenge is not None:
            with hall.database.transaction() as tables:
                attempts = sessions.load(tables, session.session_id).facts.liveness.attempts
            kept.append(attempts[-1].challenges)
            assert challenge is attempts[-1].challenges[0]
            assert len(attempts) == len(kept)
            camera.pictures = 0

    while session.may_try_again:
        camera.pictures = -1
        with pytest.raises(KnownError, match="camera_stopped"):
            session.compare(replace(UNSEEN, on_challenge=pull))
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
    session = open_session(hall, doubles.equipment(clock, customer=customer, camera=customer.camera))
    walk(session, clock, until=Step.PORTRAIT)
    session.give_consent(True)
    for _ in range(MOST_UNCOUNTED_ATTEMPTS + 1):
        with pytest.raises(KnownError) as caught:
            session.compare(shown(session))
        assert caught.value.code is FailureCode.COMPUTER_TOO_SLOW
    assert (session.facts.liveness.attempts, customer._asked) == ((), None)
    assert session.may_try_again
    assert session.supervised_way is SupervisedWay.TRIED_ENOUGH
    session.close()


def test_a_computer_too_slow_is_no_attempt_and_the_same_is_asked_again(hall: OpenHall, clock: HandClock) -> None:
    customer = SlowCustomer(pictures=15, at_first=False)
    customer.camera = doubles.Camera(clock, customer=customer)
    session = open_session(hall, doubles.equipment(clock, customer=customer, camera=customer.camera))
    walk(session, clock, until=Step.PORTRAIT)
    session.give_consent(True)
    for _ in range(MOST_UNCOUNTED_ATTEMPTS - 1):
        with pytest.raises(KnownError) as caught:
            session.compare(shown(session))
        assert caught.value.code is FailureCode.COMPUTER_TOO_SLOW
        assert session.may_try_again
        customer._asked = None
    attempts = session.facts.liveness.attempts
    assert {attempt.refusal for attempt in attempts} == {Refusal.COMPUTER_TOO_SLOW}
    assert len({attempt.challenges for attempt in attempts}) == 1
    session.close()
    session = Verification.resume(hall, doubles.equipment(clock), session.session_id)
    assert session.compare(shown(session)).decision is Decision.MATCHED
    passed = session.facts.liveness.attempts[-1]
    assert (passed.refusal, passed.challenges) == (None, attempts[0].challenges)
    session.close()


def test_without_a_microphone_nothing_is_recorded_and_nothing_is_left_open(hall: OpenHall, clock: HandClock) -> None:
    camera, microphone = doubles.Camera(clock), doubles.Microphone(KnownError(FailureCode.MICROPHONE_MISSING))
    session = open_session(hall, doubles.equipment(clock, camera=camera, microphone=microphone))
    walk(session, clock, until=Step.NOTICE)
    with pytest.raises(KnownError, match="microphone_missing"):
        session.start_reading(lambda frame: None, lambda level: None)
    session.restart_reading()
    assert not camera.open
    microphone.failure = None
    session.restart_reading()
    walk(session, clock)
    assert session.state is State.SEALED
    session.close()


@pytest.mark.parametrize("strokes", [(), ((),), (STROKES[0][:3],)])
def test_an_empty_pad_is_no_signature(
    strokes: tuple[tuple[PenPoint, ...], ...], session: Verification, clock: HandClock
) -> None:
    walk(session, clock, until=Step.SIGNATURE)
    with pytest.raises(KnownError, match="signature_empty"):
        session.sign(strokes, "pen")
    session.close()


def test_an_expired_card_is_refused_and_nothing_of_it_is_kept(hall: OpenHall, clock: HandClock) -> None:
    reading = doubles.card_reading(valid_to=dt.date(2021, 1, 1))
    session = open_session(hall, doubles.equipment(clock, card_reader=doubles.Reader(reading)))
    session.read_card(1.0)
    assert session.facts.card is not None
    assert session.facts.card.findings == (Finding.EXPIRED,)
    assert not session.precheck().card_usable
    session.refuse()
    assert session.state is State.REFUSED
    assert refusal_in_audit(hall) == {"reason": "card_unusable", "findings": ["expired"]}
    assert not hall.vault.package(session.session_id).folder.exists()
    session.close()
    with pytest.raises(KnownError, match="session_unknown"):
        Verification.resume(hall, doubles.equipment(clock), session.session_id)


def refusal_in_audit(hall: OpenHall) -> dict[str, object]:
    with hall.database.transaction() as tables:
        (detail,) = tables.execute("SELECT detail FROM audit WHERE event = 'session_refused'").fetchone()
    found: dict[str, object] = json.loads(detail)
    return found


def test_an_unusable_card_leads_nowhere_but_out(hall: OpenHall, clock: HandClock) -> None:
    """Not a page: the table stops it, in the session itself and after a crash."""
    reader = doubles.Reader(doubles.card_reading(valid_to=dt.date(2021, 1, 1)))
    session = open_session(hall, doubles.equipment(clock, card_reader=reader))
    session.read_card(1.0)
    session.precheck()
    session.close()
    session = Verification.resume(hall, doubles.equipment(clock), session.session_id)
    assert session.next_step is Step.PRECHECK
    for step in (Step.PRECHECK, Step.PORTRAIT, Step.NOTICE, Step.SIGNATURE, Step.FINISH):
        with pytest.raises(KnownError, match="step_out_of_order"):
            do_step(session, step, clock)
    for consent in (True, False):
        with pytest.raises(KnownError, match="step_out_of_order"):
            session.give_consent(consent)
    with pytest.raises(KnownError, match="step_out_of_order"):
        session.leave_to_supervisor()
    assert session.state is State.CHECKED
    session.abandon(AbandonReason.CUSTOMER_WITHDREW)
    session.close()


def test_a_usable_card_is_not_refused(session: Verification, clock: HandClock) -> None:
    walk(session, clock, until=Step.PORTRAIT)
    with pytest.raises(KnownError, match="step_out_of_order"):
        session.refuse()
    session.close()


def test_a_chip_without_a_portrait_goes_the_supervised_way(
    hall: OpenHall, clock: HandClock, centre: TestCentre
) -> None:
    reader = doubles.Reader(replace(doubles.card_reading(), portrait=b""))
    session = open_session(hall, doubles.equipment(clock, card_reader=reader, portrait_decoder=OpenPortraitDecoder()))
    walk(session, clock, until=Step.NOTICE)
    session.close()
    session = Verification.resume(hall, doubles.equipment(clock), session.session_id)
    assert session.facts.face is not None
    assert session.facts.face.comparison.decision is Decision.NO_PORTRAIT
    walk(session, clock, until=Step.FINISH)
    assert session.seal().needs_review
    session.close()
    assert inspect(hall.vault.package(session.session_id), load_roots(centre.roots_pem.encode())).holds


def test_a_new_address_that_could_not_be_read_is_noted(hall: OpenHall, clock: HandClock) -> None:
    reading = replace(doubles.card_reading(), new_address_unreadable=True)
    session = open_session(hall, doubles.equipment(clock, card_reader=doubles.Reader(reading)))
    session.read_card(1.0)
    assert session.facts.card is not None
    assert session.facts.card.findings == (Finding.NEW_ADDRESS_UNREADABLE,)
    assert session.precheck().card_usable
    session.close()
    assert Verification.resume(hall, doubles.equipment(clock), session.session_id).reading_of_card == reading


class Unwilling(doubles.Recorder):
    """Fails at every hint."""

    def prewarm(self) -> None:
        raise KnownError(FailureCode.RECORDER_FAILED, "no process")


@pytest.mark.expects_log("a hint failed: Unwilling.prewarm", "a hint failed: .*FaceWorker.prewarm")
@pytest.mark.parametrize("failure", [KnownError(FailureCode.FACE_WORKER_FAILED), OSError(12, "no memory")])
def test_a_hint_that_fails_does_not_fail_the_step(failure: Exception, hall: OpenHall, clock: HandClock) -> None:
    class FaceWorker:
        def prewarm(self) -> None:
            raise failure

        def watch(self, listener: Callable[[], None]) -> None: ...

        def prepare(self, images: Sequence[Image]) -> None: ...

        def forget(self) -> None: ...

    equipment = doubles.equipment(clock, recorder=Unwilling(), face_worker=FaceWorker())
    session = open_session(hall, equipment)
    assert session.read_card(1.0) == doubles.card_reading()
    assert session.next_step is Step.PRECHECK
    walk(session, clock)
    session.close()


@pytest.mark.parametrize("step", Step)
def test_an_abandoned_session_leaves_no_file_and_no_key(
    step: Step, session: Verification, hall: OpenHall, clock: HandClock
) -> None:
    walk(session, clock, until=step)
    session.abandon(AbandonReason.CUSTOMER_WITHDREW)
    session.close()
    assert not hall.vault.package(session.session_id).folder.exists()
    with hall.database.transaction() as tables:
        assert sessions.wrapped_data_key(tables, session.session_id) is None
        assert sessions.load(tables, session.session_id).facts.card is None
        told = [event.detail for _, event in events(tables, session.session_id) if event.event == "session_abandoned"]
    assert told == [{"reason": "customer_withdrew"}]  # a code: sentences are the screen's


def test_steps_cannot_be_done_out_of_order(session: Verification, clock: HandClock) -> None:
    for step in (Step.PRECHECK, Step.PORTRAIT, Step.SIGNATURE, Step.FINISH):
        with pytest.raises(KnownError, match="step_out_of_order"):
            do_step(session, step, clock)
    session.close()


def test_a_sealed_session_is_immutable(session: Verification, clock: HandClock) -> None:
    walk(session, clock)
    for change in (session.seal, session.precheck, lambda: session.abandon(AbandonReason.CUSTOMER_WITHDREW)):
        with pytest.raises(KnownError, match="step_out_of_order"):
            change()
    session.close()


def test_a_scene_without_a_notice_is_sealed_after_the_comparison(hall: OpenHall, clock: HandClock) -> None:
    session = open_session(hall, doubles.equipment(clock), SceneCode.NUMBERS_UNDER_MY_NAME)
    walk(session, clock)
    session.close()
    inspection = inspect(hall.vault.package(session.session_id), hall.roots)
    assert inspection.holds


@pytest.mark.parametrize("number", ["", "12", "1380000 0021", "１３８００００００２１", "9" * 21])
def test_a_service_number_is_digits(number: str, hall: OpenHall, clock: HandClock) -> None:
    with pytest.raises(KnownError, match="input_invalid"):
        Verification.open(hall, doubles.equipment(clock), SceneCode.NEW_NUMBER, number)
