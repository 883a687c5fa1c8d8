"""The supervisor's desk."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hallclient.domain.certificates import load_roots
from hallclient.domain.comparison import Decision
from hallclient.domain.documents import Verdict, examine, parse
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.evidence import REVIEW
from hallclient.domain.evidence.facts.portrait import FailedTry
from hallclient.domain.evidence.files import file_name
from hallclient.domain.evidence.manifest import Manifest
from hallclient.domain.evidence.receipt import Outcome, judge
from hallclient.domain.evidence.review import ReviewDecision, ReviewDocument
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.hall_time import hall_date
from hallclient.domain.inspection.package import inspect
from hallclient.domain.inspection_question import Question
from hallclient.domain.liveness import Refusal
from hallclient.domain.review import CLAIM_S, ReviewState
from hallclient.domain.staff import Role, Staff
from hallclient.domain.step_kinds import possible_files
from hallclient.domain.supervised_way import SupervisedWay
from hallclient.rule_texts import ShippedRules, built_in_pack, text_in_force
from hallclient.services.access import OpenHall
from hallclient.services.review import ReviewDesk
from hallclient.services.session.portrait import PortraitStep
from hallclient.storage import reviews
from tests import doubles
from tests.clock import NOON, HandClock
from tests.hallclient.services.sessions import STROKES, UNSEEN, open_session, sealed_portrait, stored, walk
from tests.halls import OTHER_SUPERVISOR, SUPERVISOR, TestCentre, make_hall, open_hall
from tests.recordings import matroska

DECODER = doubles.PortraitDecoder(np.full((126, 102, 3), 200, np.uint8))
PLAN = built_in_pack().plan("new_number", lambda code: text_in_force(code, hall_date(NOON)))
REASON = "与本人核对，相貌一致"


def sealed_session(hall: OpenHall, clock: HandClock, score: float) -> str:
    session = open_session(hall, doubles.equipment(clock, matcher=doubles.Matcher(score)))
    walk(session, clock)
    session.close()
    return session.session_id


@pytest.fixture
def flagged(hall: OpenHall, clock: HandClock) -> str:
    return sealed_session(hall, clock, 0.35)


@pytest.fixture
def supervisor(hall: OpenHall, clock: HandClock) -> Iterator[OpenHall]:
    opened = open_hall(hall.folder, clock, SUPERVISOR)
    yield opened
    opened.close()


@pytest.fixture
def desk(supervisor: OpenHall) -> ReviewDesk:
    return ReviewDesk(supervisor, DECODER)


def test_only_flagged_sessions_wait(desk: ReviewDesk, flagged: str, hall: OpenHall, clock: HandClock) -> None:
    sealed_session(hall, clock, 0.6)
    (item,) = desk.waiting()
    assert (item.session_id, item.decision, item.score) == (flagged, Decision.DOUBTFUL, 0.35)
    assert item.state is ReviewState.PENDING


def test_a_match_that_was_not_live_waits_under_what_speaks_against_it(
    hall: OpenHall, clock: HandClock, desk: ReviewDesk
) -> None:
    session = open_session(hall, doubles.equipment(clock, matcher=doubles.Matcher(0.84)))
    walk(session, clock, until="seal")
    manifest = session.seal()
    session.close()
    found = sealed_portrait(manifest)
    flat = found.liveness.attempts[-1].changed(refusal=Refusal.FLAT)
    busy = flat.changed(refusal=Refusal.COMPUTER_TOO_SLOW)
    attempts = found.liveness.changed(attempts=(flat, busy))
    tries = (FailedTry(code=FailureCode.NOT_LIVE), FailedTry(code=FailureCode.COMPUTER_TOO_SLOW))
    facts = found.changed(liveness=attempts, failed_tries=(FailedTry(code=FailureCode.CAMERA_STOPPED), *tries))
    kept = stored(hall, session)
    steps = {**kept.steps, "holder/portrait": replace(kept.step("holder/portrait"), facts=facts)}
    item = desk._item(replace(kept, steps=steps), ReviewState.PENDING)
    assert (item.decision, item.live, item.why_not_live) == (Decision.MATCHED, False, Refusal.FLAT)
    done = tuple(step.changed(facts=facts) if step.facts == found else step for step in manifest.steps)
    case = desk._case(item, manifest.model_copy(update={"steps": done}), hall.data_key(session.session_id))
    assert [failed.code for failed in case.failed_tries] == [FailureCode.CAMERA_STOPPED]
    assert case.supervised_way is SupervisedWay.EQUIPMENT_FAILED
    if case.video is not None:
        case.video.close()


def test_a_case_shows_everything_for_a_decision(desk: ReviewDesk, flagged: str) -> None:
    case = desk.open(flagged)
    assert case.portrait is not None
    assert case.live_photo is not None
    attempt = case.liveness.attempts[0]
    seen = [(one.attempt, one.challenge, one.done, one.image.shape) for one in case.key_pictures]
    assert seen == [(1, challenge, True, (48, 64, 3)) for challenge in attempt.challenges]
    assert case.comparison is not None
    assert case.video is not None
    assert case.video.read() == matroska(flagged, doubles.PICTURES, doubles.RECORDED_S)
    case.video.close()
    assert case.supervised_way is None  # seen to be live: a comparison decided
    assert case.strokes == STROKES
    assert case.person.name == "钱***"
    assert doubles.NUMBER not in case.person.number


@pytest.mark.attack("T16", "a virtual camera first, a real one then", answer="before the reviewer: camera_virtual")
def test_a_camera_that_was_refused_comes_before_the_reviewer_in_a_package_that_holds(
    clock: HandClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    virtual = DeviceIdentity("OBS Virtual Camera", practice=False, driver="v4l2 loopback", virtual=True)
    lens = DeviceIdentity("HD Webcam", practice=False, bus="pci0000:00/usb1/1-2", driver="uvcvideo", virtual=False)
    make_hall(tmp_path / "real", clock, practice=False)
    hall = open_hall(tmp_path / "real", clock)
    session = open_session(hall, doubles.equipment(clock))
    monkeypatch.setattr(doubles.Camera, "identity", virtual)
    walk(session, clock, until="portrait")
    session.the(PortraitStep).give_consent(True)
    with pytest.raises(KnownError, match="camera_virtual"):
        session.the(PortraitStep).compare(UNSEEN)
    session.the(PortraitStep).leave_to_supervisor()
    monkeypatch.setattr(doubles.Camera, "identity", lens)
    walk(session, clock)
    session.close()
    supervisor = open_hall(hall.folder, clock, SUPERVISOR)
    case = ReviewDesk(supervisor, DECODER).open(session.session_id)
    assert (case.refused_cameras, case.cameras) == ((virtual,), (lens,))
    assert case.video is not None
    case.video.close()
    inspection = inspect(hall.vault.package(session.session_id), hall.roots, ShippedRules())
    assert Question.CAMERAS_NOT_VIRTUAL in [check.question for check in inspection.checks]
    assert inspection.failed == ()
    supervisor.close()
    hall.close()


@pytest.mark.parametrize(
    ("decision", "outcome"),
    [(ReviewDecision.APPROVED, Outcome.PASSED), (ReviewDecision.REJECTED, Outcome.NOT_PASSED)],
)
def test_a_decision_is_signed_into_the_package(
    decision: ReviewDecision, outcome: Outcome, desk: ReviewDesk, flagged: str, hall: OpenHall, centre: TestCentre
) -> None:
    desk.decide(flagged, decision, REASON, "护照")
    package = hall.vault.package(flagged)
    inspection = inspect(package, load_roots(centre.roots_pem.encode()), ShippedRules())
    assert inspection.failed == ()
    assert inspection.manifest is not None
    assert inspection.review is not None
    assert inspection.review.reviewer == SUPERVISOR
    assert judge(inspection.manifest, inspection.review) is outcome
    assert desk.waiting() == []


def test_the_reason_is_nowhere_in_the_clear(desk: ReviewDesk, flagged: str, hall: OpenHall) -> None:
    desk.decide(flagged, ReviewDecision.APPROVED, REASON, "护照")
    for path in hall.folder.rglob("*"):
        if path.is_file():
            assert REASON.encode() not in path.read_bytes()


@pytest.mark.parametrize(("reason", "document"), [("", "护照"), (" ", "护照"), (REASON, "")])
def test_an_approval_needs_a_reason_and_a_document(reason: str, document: str, desk: ReviewDesk, flagged: str) -> None:
    with pytest.raises(KnownError, match="reason_missing"):
        desk.decide(flagged, ReviewDecision.APPROVED, reason, document)
    assert len(desk.waiting()) == 1


@pytest.mark.attack("T2", "a clerk opens the review desk")
def test_a_clerk_has_no_desk(hall: OpenHall) -> None:
    with pytest.raises(KnownError, match="not_permitted"):
        ReviewDesk(hall, DECODER)


@pytest.mark.attack("T2", "a supervisor decides their own session")
def test_nobody_reviews_their_own_session(hall: OpenHall, clock: HandClock, flagged: str) -> None:
    # The same number as the clerk's, now a supervisor: a promotion must not make the old sessions theirs to approve.
    supervisor = open_hall(hall.folder, clock, SUPERVISOR)
    promoted = OpenHall(
        **{name: getattr(supervisor, name) for name in OpenHall.__slots__ if name != "staff"},
        staff=Staff(hall.staff.number, Role.SUPERVISOR),
    )
    desk = ReviewDesk(promoted, DECODER)
    for attempt in (
        lambda: desk.open(flagged),
        lambda: desk.decide(flagged, ReviewDecision.APPROVED, REASON, "护照"),
    ):
        with pytest.raises(KnownError, match="own_session"):
            attempt()
    supervisor.close()


def test_a_case_that_somebody_has_open_is_taken_until_they_walk_away(
    desk: ReviewDesk, flagged: str, supervisor: OpenHall, clock: HandClock
) -> None:
    other_hall = open_hall(supervisor.folder, clock, OTHER_SUPERVISOR)
    other = ReviewDesk(other_hall, DECODER)
    case = desk.open(flagged)
    assert case.video is not None
    case.video.close()
    with pytest.raises(KnownError, match="review_taken"):
        other.open(flagged)
    clock.advance(CLAIM_S + 1)
    other.decide(flagged, ReviewDecision.REJECTED, REASON, "")
    with pytest.raises(KnownError, match="review_taken"):
        desk.decide(flagged, ReviewDecision.APPROVED, REASON, "护照")
    other_hall.close()


def test_a_released_case_is_back_in_the_list(desk: ReviewDesk, flagged: str) -> None:
    case = desk.open(flagged)
    assert case.video is not None
    case.video.close()
    desk.release(flagged)
    assert desk.waiting()[0].state is ReviewState.PENDING


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


@pytest.mark.parametrize("harm", [cut, Path.unlink], ids=["cut", "missing"])
@pytest.mark.parametrize(
    "name",
    [
        "manifest.json",
        "business.enc",
        # Of a check that was passed at once there are the first two.
        *(file_name(an_id) for an_id in possible_files(PLAN) if an_id[-1] not in "345678"),
    ],
)
def test_a_damaged_case_is_a_line_of_its_own_and_goes_back_to_the_list(
    name: str, harm: Callable[[Path], None], desk: ReviewDesk, hall: OpenHall, clock: HandClock
) -> None:
    """One cut manifest took the whole list away; one damaged portrait kept its case claimed."""
    bad, good = (sealed_session(hall, clock, 0.35) for _ in range(2))
    path = hall.vault.package(bad).folder / name
    harm(path)
    assert [(item.session_id, item.score) for item in desk.waiting()] == [(bad, 0.35), (good, 0.35)]
    if name in ("notice.enc", "business.enc"):
        desk.recording(desk.open(bad))  # nobody looks at it here; whoever inspects the package sees it
    else:
        with pytest.raises(KnownError, match="evidence_damaged"):
            desk.recording(desk.open(bad))
        assert [item.state for item in desk.waiting()] == [ReviewState.PENDING] * 2
    assert desk.recording(desk.open(good)) == matroska(good, doubles.PICTURES, doubles.RECORDED_S)
    desk.decide(good, ReviewDecision.REJECTED, REASON, "")
    assert [item.session_id for item in desk.waiting()] == [bad]


@pytest.mark.expects_log("a case that could not be shown stays claimed for a while: KnownError")
def test_what_failed_first_is_told_though_the_case_cannot_be_given_back(
    desk: ReviewDesk, flagged: str, hall: OpenHall, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise KnownError(FailureCode.STORE_BUSY)

    cut(hall.vault.path(flagged, "holder.portrait"))
    monkeypatch.setattr(reviews, "release", busy)
    with pytest.raises(KnownError, match="evidence_damaged"):
        desk.open(flagged)


def test_the_supervisors_own_key_signs(desk: ReviewDesk, flagged: str, hall: OpenHall, supervisor: OpenHall) -> None:
    desk.open(flagged)
    desk.decide(flagged, ReviewDecision.APPROVED, REASON, "身份证")
    folder = hall.vault.package(flagged).folder
    data, signature = ((folder / f"{REVIEW}.{ending}").read_bytes() for ending in ("json", "sig"))
    review = parse(ReviewDocument, data)
    assert (review.certificate, review.issuers) == supervisor.staff_chain.to_texts()
    assert examine(supervisor.staff_key.public_key(), REVIEW, data, signature) is Verdict.HOLDS
    assert examine(hall.device_key.public_key(), REVIEW, data, signature) is not Verdict.HOLDS
    assert examine(hall.staff_key.public_key(), REVIEW, data, signature) is not Verdict.HOLDS
    signers = inspect(hall.vault.package(flagged), hall.roots, ShippedRules()).signers
    assert [(one.file, one.role.value, one.name) for one in signers] == [
        ("manifest.sig", "device", hall.file.device),
        ("manifest.clerk.sig", "clerk", hall.staff.number),
        ("review.sig", "supervisor", SUPERVISOR),
    ]


def test_whoever_did_a_step_does_not_review(desk: ReviewDesk, flagged: str, hall: OpenHall) -> None:
    """Who was a clerk this morning: it is not only asked who opened it."""
    path = hall.vault.package(flagged).folder / "manifest.json"
    manifest = parse(Manifest, path.read_bytes())
    first, *rest = manifest.steps
    path.write_bytes(manifest.model_copy(update={"steps": (first.changed(by=SUPERVISOR), *rest)}).canonical())
    with pytest.raises(KnownError, match="own_session"):
        desk.open(flagged)
    with pytest.raises(KnownError, match="own_session"):
        desk.decide(flagged, ReviewDecision.APPROVED, REASON, "身份证")


def test_with_an_expired_certificate_nobody_decides(
    desk: ReviewDesk, flagged: str, supervisor: OpenHall, clock: HandClock
) -> None:
    desk.open(flagged)
    clock.set(supervisor.staff_chain.leaf.not_valid_after_utc + dt.timedelta(seconds=1))
    with pytest.raises(KnownError, match="clock_wrong"):
        desk.decide(flagged, ReviewDecision.APPROVED, REASON, "身份证")


def test_only_who_serves_customers_seals(hall: OpenHall, clock: HandClock, supervisor: OpenHall) -> None:
    """No centre would take what a supervisor sealed."""
    session = open_session(hall, doubles.equipment(clock))
    walk(session, clock, until="seal")
    session.hall = supervisor
    with pytest.raises(KnownError, match="not_permitted"):
        session.seal()
    session.hall = hall
    session.seal()
    session.close()
