"""The review desk by keys."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from hallclient.domain.comparison import Decision
from hallclient.domain.evidence.facts.liveness_attempts import LivenessFacts
from hallclient.domain.evidence.facts.notice import MUTED_AFTER_S, REMARKABLE_RESTARTS
from hallclient.domain.evidence.facts.portrait import FailedTry
from hallclient.domain.evidence.review import ReviewDecision
from hallclient.domain.failures import FAILURES, FailureCode, KnownError
from hallclient.domain.liveness import Refusal
from hallclient.domain.quality_issue import QualityIssue
from hallclient.domain.staff import Role, Staff
from hallclient.domain.supervised_way import SupervisedWay, is_of_a_try
from hallclient.domain.why_reviewed import speaks_against
from hallclient.rule_texts import built_in_pack
from tests.attempts import LIVE
from tests.ui import doubles, review_doubles
from tests.ui.doubles import Step
from tests.ui.pages import cut
from tests.ui.recording import recorded_video
from ui import wording
from ui.supervisor.headline import headline
from ui.supervisor.queue_list import QueueList
from ui.supervisor.reasons import reasons_to_look
from ui.supervisor.recorded import RecordedFacts, recording_seen, remarkable
from ui.supervisor.window import ReviewWindow
from ui.widgets.text import Text


@pytest.fixture
def desk() -> review_doubles.ReviewDesk:
    mismatch = doubles.comparison(Decision.MISMATCHED, 0.1)
    return review_doubles.ReviewDesk(
        [review_doubles.review_case("a", video=recorded_video()), review_doubles.review_case("b", mismatch)]
    )


@pytest.fixture
def window(qtbot, desk):
    made = ReviewWindow(desk, doubles.Dispatch(), Staff("2001", Role.SUPERVISOR), doubles.FixedClock())
    made.resize(1366, 768)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(lambda: made.case is not None)
    yield made
    with qtbot.waitSignal(made.closed):
        made.close()


def key(window: ReviewWindow, pressed: Qt.Key) -> None:
    QTest.keyClick(window.focusWidget() or window, pressed)


def test_approve_in_four_keys(qtbot, window, desk) -> None:
    assert not window.verdict.submit.isEnabled()
    for pressed in (Qt.Key.Key_A, Qt.Key.Key_1):
        key(window, pressed)
    assert not window.verdict.submit.isEnabled()  # an approval names the document that was looked at
    key(window, Qt.Key.Key_7)
    key(window, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.case is not None and window.case.item.session_id == "b")
    reason = wording.REVIEW_REASONS[ReviewDecision.APPROVED][0]
    assert desk.decisions == [("a", ReviewDecision.APPROVED, reason, wording.Review.DOCUMENTS[0])]
    assert desk.released == []


def test_reject_with_a_typed_reason(qtbot, window, desk) -> None:
    key(window, Qt.Key.Key_X)
    QTest.keyClicks(window.verdict.reason, "ax1")  # letters in the field are letters
    assert window.verdict.decision is ReviewDecision.REJECTED
    key(window, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(desk.decisions))
    assert desk.decisions[0][1:] == (ReviewDecision.REJECTED, "ax1", "")


def test_going_on_gives_the_case_back(qtbot, window, desk) -> None:
    key(window, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: window.case is not None and window.case.item.session_id == "b")
    assert desk.released == ["a"]


@pytest.mark.expects_log("nobody heard that a call failed: disk_full")
def test_a_case_that_cannot_be_given_back_is_said(qtbot, window, desk) -> None:
    desk.failures["release"] = [KnownError(FailureCode.DISK_FULL)]
    key(window, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: window.banner.error is not None)
    assert window.banner.error.code is FailureCode.DISK_FULL


def test_a_case_that_opens_after_the_window_was_closed_is_given_back(qtbot, desk) -> None:
    """It was claimed until another day: nobody had it, and nobody else could take it."""
    desk.may_open.clear()
    window = ReviewWindow(desk, doubles.Dispatch(), Staff("2001", Role.SUPERVISOR), doubles.FixedClock())
    window.show()
    qtbot.waitUntil(desk.opening.is_set)
    with qtbot.waitSignal(window.closed):
        window.close()
        desk.may_open.set()
    assert desk.opened == desk.released == ["a"]
    assert window.case is None


def test_a_taken_case_says_so(qtbot, window, desk) -> None:
    desk.failures["open"] = [KnownError(FailureCode.REVIEW_TAKEN)]
    key(window, Qt.Key.Key_Down)
    qtbot.waitUntil(window.banner.isVisible)
    assert window.case is None
    assert not window.verdict.approve.isEnabled()


def test_after_a_decision_comes_the_next_case_and_not_one_that_could_not_be_opened(qtbot) -> None:
    """A damaged case waits longest, for ever: it was opened anew, and its failure said, after each decision."""
    desk = review_doubles.ReviewDesk([review_doubles.review_case(name) for name in "abc"])
    desk.failures["open"] = [KnownError(FailureCode.EVIDENCE_DAMAGED)]
    window = ReviewWindow(desk, doubles.Dispatch(), Staff("2001", Role.SUPERVISOR), doubles.FixedClock())
    window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: window.banner.error is not None)
    key(window, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: window.case is not None and window.case.item.session_id == "b")
    for pressed in (Qt.Key.Key_X, Qt.Key.Key_1, Qt.Key.Key_Return):
        key(window, pressed)
    qtbot.waitUntil(lambda: window.case is not None and window.case.item.session_id == "c")
    assert desk.opened == ["b", "c"]
    with qtbot.waitSignal(window.closed):
        window.close()


def test_a_damaged_recording_is_said(qtbot, window, desk) -> None:
    desk.failures["recording"] = [KnownError(FailureCode.EVIDENCE_DAMAGED)]
    key(window, Qt.Key.Key_Down)
    qtbot.waitUntil(window.banner.isVisible)
    assert window.banner.error.code is FailureCode.EVIDENCE_DAMAGED
    assert window.case is None


def test_a_decision_that_fails_can_be_sent_again(qtbot, window, desk) -> None:
    desk.failures["decide"] = [KnownError(FailureCode.DISK_FULL)]
    for pressed in (Qt.Key.Key_X, Qt.Key.Key_1, Qt.Key.Key_Return):
        key(window, pressed)
    qtbot.waitUntil(window.banner.isVisible)
    key(window, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(desk.decisions) == 1)


def test_the_recording_plays_by_the_space_bar(qtbot, window) -> None:
    qtbot.waitUntil(lambda: window.evidence.video.picture.shows_image)
    key(window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.evidence.video.player.position() > 0)


def test_everything_is_on_one_screen(window) -> None:
    assert window.minimumSizeHint().height() <= 768
    assert window.minimumSizeHint().width() <= 1366


@pytest.mark.parametrize("decision", list(Decision))
def test_every_decision_has_a_reason_to_look(decision) -> None:
    score = 0.38 if decision in (Decision.DOUBTFUL, Decision.MATCHED, Decision.MISMATCHED) else None
    lines = reasons_to_look(review_doubles.review_case(result=doubles.comparison(decision, score)))
    assert ("good", "活体检测通过：点头、眨眼") in lines
    assert all(words for _, words in lines)


@pytest.mark.parametrize(
    ("refusals", "line"),
    [
        ((), ("look", "未做活体检测")),
        ((Refusal.FLAT,), ("stop", "活体检测未通过，共 1 次")),
        ((Refusal.FLAT,), ("stop", "第 1 次：面部没有立体感，可能是照片")),
        ((Refusal.COMPUTER_FAILED,), ("look", "活体检测没有做完，设备原因 1 次")),
        ((Refusal.STOPPED_BY_CLERK,) * 3, ("look", "活体检测没有做完，营业员中止 3 次")),
        ((Refusal.STOPPED_BY_CLERK, None), ("look", "活体检测此前没有做完，营业员中止 1 次")),
        (
            (*[Refusal.TOO_SLOW] * 3, *[Refusal.STOPPED_BY_CLERK] * 2),
            ("stop", "活体检测未通过，共 3 次，营业员中止 2 次"),
        ),
        (
            (Refusal.FLAT, Refusal.STOPPED_BY_CLERK, Refusal.INTERRUPTED, None),
            ("look", "活体检测此前 1 次未通过，营业员中止 1 次、设备原因 1 次"),
        ),
        ((Refusal.COMPUTER_FAILED,), ("look", "第 1 次：检测中途电脑出了故障")),
        ((Refusal.FLAT, None), ("look", "活体检测此前 1 次未通过")),
        ((Refusal.FLAT, None), ("stop", "第 1 次：面部没有立体感，可能是照片")),
    ],
)
def test_what_the_check_for_a_live_person_found_is_said(refusals: tuple[Refusal | None, ...], line) -> None:
    lines = reasons_to_look(review_doubles.review_case(liveness=attempted(*refusals)))
    assert line in lines


def attempted(*refusals: Refusal | None) -> LivenessFacts:
    return LivenessFacts(attempts=tuple(LIVE.changed(refusal=refusal) for refusal in refusals))


def test_every_attempt_is_told_in_order_and_equal_ones_in_one_line() -> None:
    """Whoever had shown a photograph and another person was told as a computer that was busy."""
    busy = Refusal.COMPUTER_TOO_SLOW
    tries = [FailureCode.NOT_LIVE, FailureCode.NOT_LIVE, *3 * [FailureCode.COMPUTER_TOO_SLOW]]
    case = review_doubles.review_case(
        result=doubles.comparison(Decision.MATCHED, 0.84),
        liveness=attempted(Refusal.FLAT, Refusal.OTHER_PERSON, busy, busy, busy),
        failed_tries=tuple(FailedTry(code=code) for code in tries),
    )
    assert reasons_to_look(case)[:4] == [
        ("stop", "活体检测未通过，共 2 次，设备原因 3 次"),
        ("stop", "第 1 次：面部没有立体感，可能是照片"),
        ("stop", "第 2 次：中途换了人"),
        ("look", "第 3 至 5 次：电脑太忙，没有看清 ×3"),
    ]
    assert not [words for _, words in reasons_to_look(case) if "拍照未完成" in words]  # the attempts say them all
    assert headline(case.item) == ("stop", "中途换人 · 一致 0.84")


@pytest.mark.parametrize("code", sorted(code for code in FailureCode if is_of_a_try(code)))
def test_every_failed_try_is_told_and_waits_under_its_name(code: FailureCode) -> None:
    """A face process that was killed before anything was asked left no trace on the desk."""
    tries = (FailedTry(code=code), FailedTry(code=code))
    case = review_doubles.review_case(
        result=doubles.comparison(Decision.NO_FACE, None), liveness=attempted(), failed_tries=tries
    )
    told = [words for _, words in reasons_to_look(case) if FAILURES[code].cause in words]
    assert told == ([f"拍照未完成：{FAILURES[code].cause} ×2"] if code is not FailureCode.NOT_LIVE else [])
    assert headline(case.item) == ("look", f"{wording.TRY_FAILED_SHORT[code]} · 没有人脸")


def test_what_failed_in_an_attempt_is_told_with_it_and_what_a_picture_lacked() -> None:
    case = review_doubles.review_case(
        liveness=attempted(Refusal.COMPUTER_FAILED),
        failed_tries=(
            FailedTry(code=FailureCode.NO_USABLE_FACE, issue=QualityIssue.TOO_DARK),
            FailedTry(code=FailureCode.FACE_WORKER_FAILED),
        ),
    )
    assert [words for _, words in reasons_to_look(case)][1:5] == [
        "活体检测没有做完，设备原因 1 次",
        "第 1 次：检测中途电脑出了故障",
        "拍照未完成：没有拍到可以比对的人脸（光线太暗）",
        "拍照未完成：人脸组件没有应答，自动重启后仍不行",
    ]


def test_a_face_process_that_was_lost_in_an_attempt_is_told_also_of_who_passed() -> None:
    attempts = (LIVE.changed(refusal=Refusal.TOO_SLOW), LIVE.changed(process_losses=1))
    lines = reasons_to_look(review_doubles.review_case(liveness=LivenessFacts(attempts=attempts)))
    assert [line for line in lines if "人脸组件" in line[1]] == [
        ("look", "第 2 次检测中人脸组件曾停止 1 次，已自动重启")
    ]


@pytest.mark.parametrize("way", [None, *SupervisedWay])
def test_why_the_supervised_way_was_taken_is_told(way: SupervisedWay | None) -> None:
    lines = reasons_to_look(review_doubles.review_case(way=way))
    told = [words for words in wording.SUPERVISED_WAYS.values() if ("look", words) in lines]
    # Who refused the consent is told by the decision itself.
    by_itself = way in (None, SupervisedWay.CONSENT_REFUSED)
    assert told == ([] if by_itself else [wording.SUPERVISED_WAYS[way]])


@pytest.mark.parametrize("scene", [scene.code for scene in built_in_pack().scenes])
def test_only_a_step_of_the_business_can_be_missing(scene: str) -> None:
    case = replace(review_doubles.review_case(scene=scene), strokes=())
    told = {words for _, words in reasons_to_look(case)}
    steps = [step.id for step in built_in_pack().scene(scene).steps]
    assert (wording.Review.UNRECORDED in told) is (Step.NOTICE in steps)
    assert (wording.Review.UNSIGNED in told) is (Step.SIGNATURE in steps)


@pytest.mark.parametrize("decision", list(Decision))
@pytest.mark.parametrize("refusal", [None, *Refusal])
def test_the_heading_never_praises_who_was_not_seen_to_be_live(qtbot, decision, refusal) -> None:
    score = 0.84 if decision.by_score else None
    case = review_doubles.review_case(result=doubles.comparison(decision, score), liveness=attempted(refusal))
    tone, words = headline(case.item)
    assert wording.DECISIONS[decision] in words
    assert (tone == "good") is (decision is Decision.MATCHED and refusal is None)
    if refusal is not None:
        assert words.startswith(wording.NOT_LIVE_SHORT[refusal])
        assert tone == "stop" or not speaks_against(refusal)
    queue = QueueList(doubles.FixedClock().now)
    qtbot.addWidget(queue)
    queue.show_items([case.item])
    assert words in [label.text() for label in queue.findChildren(Text)]


def test_a_match_without_any_try_does_not_stand_alone() -> None:
    matched = review_doubles.review_case(result=doubles.comparison(Decision.MATCHED, 0.84), liveness=attempted())
    refused = review_doubles.review_case(
        result=doubles.comparison(Decision.CONSENT_REFUSED, None), liveness=attempted()
    )
    assert headline(matched.item) == ("look", "未确认真人 · 一致 0.84")
    assert headline(refused.item) == ("look", "客户不同意人脸比对")


@pytest.mark.parametrize("size", [(1366, 768), (1024, 768)])
def test_no_heading_is_cut(qtbot, size) -> None:
    mismatch = doubles.comparison(Decision.MISMATCHED, 0.84)
    cases = [review_doubles.review_case(refusal.name, mismatch, liveness=attempted(refusal)) for refusal in Refusal]
    cases += [
        review_doubles.review_case(code.value, mismatch, liveness=attempted(), failed_tries=(FailedTry(code=code),))
        for code in FailureCode
        if is_of_a_try(code)
    ]
    window = ReviewWindow(
        review_doubles.ReviewDesk(cases), doubles.Dispatch(), Staff("2001", Role.SUPERVISOR), doubles.FixedClock()
    )
    window.resize(*size)
    window.show()
    qtbot.waitUntil(lambda: window.case is not None)
    titles = [label for label in window.queue.findChildren(Text) if label.property("kind") == "strong"]
    assert [title.text() for title in titles] == [headline(case.item)[1] for case in cases]
    qtbot.waitUntil(lambda: all(title.sizeHint().width() <= title.width() for title in titles))
    own = window.evidence.decision
    qtbot.waitUntil(lambda: own.heightForWidth(own.width()) <= own.height())
    with qtbot.waitSignal(window.closed):
        window.close()


def shown(window: ReviewWindow) -> list[str]:
    facts = window.evidence.recorded
    return [label.text() for label in facts.findChildren(Text) if label.parent() is facts and label.isVisible()]


@pytest.mark.parametrize("restarts", [0, 1, REMARKABLE_RESTARTS, 7])
@pytest.mark.parametrize("silence_s", [0.0, MUTED_AFTER_S - 0.1, MUTED_AFTER_S, 30.0])
def test_restarts_and_silence_are_told_and_marked_from_where_the_domain_says(restarts: int, silence_s: float) -> None:
    recorded = doubles.RECORDED.model_copy(update={"restarts": restarts, "longest_silence_s": silence_s})
    case = review_doubles.review_case(recorded=recorded)
    (again_tone, again), (silence_tone, silence) = recording_seen(case)
    assert (again_tone == "look") is (restarts >= REMARKABLE_RESTARTS)
    assert (silence_tone == "look") is (silence_s >= MUTED_AFTER_S)
    assert (str(restarts) in again) is (restarts > 0)
    assert f"{silence_s:.1f}" in silence
    reasons = reasons_to_look(case)
    assert (("look", again) in reasons, ("look", silence) in reasons) == (
        again_tone == "look",
        silence_tone == "look",
    )


@pytest.mark.parametrize(
    ("cameras", "refused", "reasons"),
    [
        ((), (), []),
        ((doubles.WEBCAM,), (), []),
        ((replace(doubles.UNKNOWN_CAMERA, practice=True),), (), []),
        ((doubles.LOOPBACK,), (), [("stop", "摄像头疑似虚拟")]),
        ((doubles.UNKNOWN_CAMERA,), (), [("look", "摄像头来源不明，可能是虚拟的")]),
        ((doubles.WEBCAM,), (doubles.LOOPBACK,), [("look", "办理时接过疑似虚拟摄像头，没有采用")]),
        ((doubles.WEBCAM, replace(doubles.WEBCAM, name="other")), (), [("look", "中途换过摄像头")]),
    ],
)
def test_a_camera_that_looks_virtual_or_may_be_or_was_changed_is_a_reason_to_look(cameras, refused, reasons) -> None:
    case = review_doubles.review_case(cameras=cameras, refused_cameras=refused, recorded=doubles.RECORDED)
    assert remarkable(case) == reasons
    assert [line for line in reasons_to_look(case) if line in reasons] == reasons


def test_each_camera_is_told_by_what_is_known_of_it(qtbot) -> None:
    facts = RecordedFacts()
    qtbot.addWidget(facts)
    facts.show_case(review_doubles.review_case(cameras=(doubles.UNKNOWN_CAMERA,), refused_cameras=(doubles.LOOPBACK,)))
    assert [label.text() for label in facts.findChildren(Text)][1:5] == [
        "!  来源不明的摄像头：Some camera",
        "驱动：未知",
        f"!  没有采用的疑似虚拟摄像头：{doubles.LOOPBACK.name}",
        f"驱动：{doubles.LOOPBACK.driver}",
    ]


@pytest.mark.parametrize("size", [(1366, 768), (1024, 768)])
def test_how_it_was_taken_is_read_without_scrolling(qtbot, size) -> None:
    recorded = doubles.RECORDED.model_copy(update={"restarts": 3, "longest_silence_s": 4.5})
    cases = [
        review_doubles.review_case("a", recorded=recorded, cameras=(doubles.LOOPBACK,)),
        review_doubles.review_case("b"),
    ]
    window = ReviewWindow(
        review_doubles.ReviewDesk(cases), doubles.Dispatch(), Staff("2001", Role.SUPERVISOR), doubles.FixedClock()
    )
    window.resize(*size)
    window.show()
    qtbot.waitUntil(lambda: window.case is not None and len(shown(window)) == 5)
    assert window.minimumSizeHint().height() <= 768
    told = " ".join(shown(window))
    for words in (doubles.LOOPBACK.name, doubles.LOOPBACK.driver, "3 次", "4.5 秒", "虚拟"):
        assert words in told
    qtbot.waitUntil(lambda: not [found for found in cut(window) if found[0] == "EvidenceView"])
    with qtbot.waitSignal(window.closed):
        window.close()


@pytest.mark.parametrize("faces", [(True, True), (True, False), (False, True), (False, False)])
def test_the_same_person_is_offered_only_of_two_photos(qtbot, faces) -> None:
    chip, live = faces
    case = review_doubles.review_case("a", doubles.comparison(Decision.CONSENT_REFUSED, None))
    case = replace(case, portrait=case.portrait if chip else None, live_photo=case.live_photo if live else None)
    desk = review_doubles.ReviewDesk([case])
    window = ReviewWindow(desk, doubles.Dispatch(), Staff("2001", Role.SUPERVISOR), doubles.FixedClock())
    window.show()
    qtbot.waitUntil(lambda: window.case is not None)
    window.verdict.approve.trigger()
    assert [one.isEnabled() for one in window.verdict.reasons] == [chip and live, True, True]
    window.verdict.reject.trigger()
    assert all(one.isEnabled() for one in window.verdict.reasons)
    with qtbot.waitSignal(window.closed):
        window.close()


@pytest.mark.parametrize("decision", list(Decision))
@pytest.mark.parametrize("score", [None, 0.38])
def test_engine_and_rate_stand_beside_a_score_only(window, decision, score) -> None:
    window.evidence.show_case(review_doubles.review_case(result=doubles.comparison(decision, score)), None)
    assert bool(window.evidence._engine.text()) is (score is not None)
    assert window.evidence.decision.text().startswith(wording.DECISIONS[decision])


def test_only_a_case_can_lack_something(qtbot, window) -> None:
    evidence = window.evidence
    pictures = (evidence.portrait, evidence.live, evidence.video.picture)
    bare = replace(review_doubles.review_case(), portrait=None, live_photo=None)
    evidence.clear("")
    assert [picture.words for picture in pictures] == ["", "", ""]
    evidence.show_case(bare, None)
    missing = [wording.Portrait.NO_PORTRAIT, wording.Portrait.NO_PORTRAIT, wording.Review.NO_VIDEO]
    qtbot.waitUntil(lambda: [picture.words for picture in pictures] == missing)
    evidence.clear("")
    assert [picture.words for picture in pictures] == ["", "", ""]


def test_nothing_of_the_last_case_stays(window) -> None:
    window.evidence.clear("")
    assert not [line for line in window.evidence.recorded.findChildren(Text) if line.isVisible()]
