"""The portrait before the clerk and the customer: consent, tries, the other way, the comparison."""

import threading

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest

from hallclient.devices import FaceSight
from hallclient.domain.comparison import Decision
from hallclient.domain.evidence.facts.liveness_attempts import MOST_ATTEMPTS
from hallclient.domain.evidence.facts.portrait import ConsentFacts, FailedTry
from hallclient.domain.evidence.text_shown import TextShown
from hallclient.domain.failures import FAILURES, FailureCode, KnownError
from hallclient.domain.liveness import Challenge, Refusal
from hallclient.domain.quality_issue import QualityIssue
from tests.drivers.face.spoilt import SPOILT, webcam
from tests.ui import doubles
from tests.ui.clerks_hall import Hall, mark
from tests.ui.doubles import Step
from ui import wording


@pytest.fixture
def hall(qtbot):
    made = Hall(qtbot)
    yield made
    made.close()


def said(issue: QualityIssue) -> str:
    """What the clerk reads of it."""
    return wording.Portrait.ISSUE.format(issue=wording.QUALITY_ISSUES[issue])


# The gate says these of these pictures (tests/drivers/face/test_gate.py); of a head that is turned there is none.
PICTURES = {issue: lambda spoil=spoil: spoil(webcam()) for spoil, issue in SPOILT.values()}


@pytest.mark.parametrize(
    ("decision", "score", "live", "state"),
    [
        (Decision.MATCHED, 0.61, True, "done"),
        (Decision.MATCHED, 0.61, False, "look"),
        (Decision.DOUBTFUL, 0.38, True, "look"),
        (Decision.MISMATCHED, 0.1, True, "look"),
        (Decision.NO_FACE, None, True, "look"),
        (Decision.SEVERAL_FACES, None, True, "look"),
        (Decision.NO_PORTRAIT, None, True, "look"),
    ],
)
@pytest.mark.parametrize("continued", [False, True])
def test_a_tick_beside_the_portrait_is_for_a_matched_and_live_face_only(
    hall, decision, score, live, state, continued
) -> None:
    hall.session.the(doubles.CardStep).read(0)
    hall.session.the(doubles.PrecheckStep).check()
    hall.portrait.attempt(None if live else Refusal.FLAT)
    hall.portrait.decide(doubles.comparison(decision, score))
    if continued:
        hall.open()
    else:
        hall.session.come_to(Step.PORTRAIT)
        hall.open()
        hall.until(lambda: hall.customer.page is hall.customer.consent)
        hall.session.come_to(Step.NOTICE)
        hall.page.finished.emit(wording.DECISIONS[decision])
    hall.until_step(Step.NOTICE)
    assert mark(hall, Step.PORTRAIT) == state


def test_consent_is_the_customers_and_refusing_goes_on(hall) -> None:
    hall.come_to(Step.PORTRAIT)
    hall.until(lambda: hall.customer.page is hall.customer.consent)
    assert hall.customer.consent.agree.height() >= 44
    assert not hall.page.primary_action.isEnabled()
    QTest.mouseClick(hall.customer.consent.disagree, Qt.MouseButton.LeftButton)
    QTest.mouseClick(hall.customer.consent.sure, Qt.MouseButton.LeftButton)
    hall.until_way_on()
    assert hall.portrait.facts.consent.given is False
    assert hall.session.calls("compare") == 0
    assert wording.DECISIONS[Decision.CONSENT_REFUSED] in hall.page.decision.text()
    assert hall.customer.page.sentence == wording.Customer.UNCOMPARED
    assert hall.page.view.words == wording.Portrait.NO_PICTURE_TAKEN  # nobody waits for one
    assert hall.page.live.words == wording.Portrait.NO_PORTRAIT
    hall.key(Qt.Key.Key_Return)
    hall.until_step(Step.NOTICE)
    assert mark(hall, Step.PORTRAIT) == "look"


def test_who_refuses_is_asked_once_more_and_nothing_is_committed_before(hall) -> None:
    hall.come_to(Step.PORTRAIT)
    hall.until(lambda: hall.customer.page is hall.customer.consent)
    hall.until(lambda: hall.clerk.view.side._sentence.text() == doubles.CONSENT.title)
    QTest.mouseClick(hall.customer.consent.disagree, Qt.MouseButton.LeftButton)
    assert hall.clerk.view.side._sentence.text() == wording.Customer.DISAGREE_QUESTION  # the clerk sees it
    hall.until(hall.clerk.view.workplace.background.idle)
    assert hall.session.calls("give_consent") == 0
    assert hall.page.headline.text() == wording.Portrait.HEADLINE_CONSENT
    QTest.mouseClick(hall.customer.consent.back, Qt.MouseButton.LeftButton)
    assert hall.clerk.view.side._sentence.text() == doubles.CONSENT.title
    QTest.mouseClick(hall.customer.consent.agree, Qt.MouseButton.LeftButton)
    hall.until_way_on()
    assert hall.session.calls("give_consent") == 1
    assert hall.portrait.facts.consent.given is True


def test_an_answer_that_could_not_be_kept_is_no_customers_turn(hall) -> None:
    """Its buttons are dead by then; the clerk's key keeps it."""
    hall.clerk.share_screen(True)
    hall.session.failures["give_consent"] = [KnownError(FailureCode.DISK_FULL)]
    hall.come_to(Step.PORTRAIT)
    hall.until(lambda: hall.customer.page is hall.customer.consent)
    QTest.mouseClick(hall.customer.consent.agree, Qt.MouseButton.LeftButton)
    hall.until_failure(FailureCode.DISK_FULL)
    hall.key(Qt.Key.Key_F12)
    assert hall.clerk.shows_customer
    assert hall.clerk.strip._turn.text() == wording.OneScreen.CLERKS_TURN
    hall.key(Qt.Key.Key_F12)
    hall.key(Qt.Key.Key_F5)
    hall.until_way_on()
    assert hall.portrait.facts.consent.given is True


def test_after_a_failure_the_headline_asks_nothing_of_the_customer_any_more(hall) -> None:
    """The failure comes in the middle of a challenge: its words and its arrow go."""
    hall.session.may_go_on.clear()
    hall.session.challenge = Challenge.TURN_LEFT
    hall.come_to(Step.PORTRAIT)
    hall.until(lambda: hall.customer.page is hall.customer.consent)
    QTest.mouseClick(hall.customer.consent.agree, Qt.MouseButton.LeftButton)
    hall.until(lambda: hall.customer.look.challenge is not None)
    assert hall.page.headline.text() == wording.Portrait.HEADLINE_CHALLENGE
    assert hall.page.view._pointing != (0, 0)
    hall.page.show_failure(KnownError(FailureCode.COMPUTER_TOO_SLOW))
    assert hall.page.headline.text() == wording.Portrait.HEADLINE_PAUSED
    assert hall.page.status.text() == "这一次不计客户的次数，客户还剩 3 次。"
    assert hall.page.view._pointing == (0, 0)
    assert hall.customer.page.sentence == wording.Customer.LOOK_PAUSED


def test_no_face_names_the_problem_and_offers_the_other_way_after_two_tries(hall) -> None:
    hall.session.failures["compare"] = [KnownError(FailureCode.NO_USABLE_FACE)] * 2
    hall.come_to(Step.PORTRAIT)
    hall.until(lambda: hall.customer.page is hall.customer.consent)
    QTest.mouseClick(hall.customer.consent.agree, Qt.MouseButton.LeftButton)
    hall.until_failure(FailureCode.NO_USABLE_FACE)
    assert not hall.page.secondary_action.isEnabled()
    hall.key(Qt.Key.Key_F5)
    hall.until(hall.page.secondary_action.isEnabled)
    hall.go_the_other_way()
    hall.until_way_on()
    assert hall.session.calls("leave_to_supervisor") == 1


def test_the_other_way_is_for_good_and_asks_first_then_shows_at_once_that_it_works(hall) -> None:
    hall.session.failures["compare"] = [KnownError(FailureCode.NOT_LIVE, Refusal.COMPUTER_TOO_SLOW)]
    hall.come_to(Step.PORTRAIT)
    hall.until(lambda: hall.customer.page is hall.customer.consent)
    QTest.mouseClick(hall.customer.consent.agree, Qt.MouseButton.LeftButton)
    hall.until_failure(FailureCode.NOT_LIVE)
    hall.page.secondary_action.setEnabled(True)
    hall.key(Qt.Key.Key_F6)
    hall.key(Qt.Key.Key_F6)
    hall.key(Qt.Key.Key_Return)
    assert hall.clerk.view._stack.currentWidget() is hall.clerk.view.question
    hall.key(Qt.Key.Key_Escape)
    assert hall.session.calls("leave_to_supervisor") == 0
    assert hall.page.banner.again.isEnabled()  # nothing is lost
    hall.session.may_go_on.clear()
    hall.key(Qt.Key.Key_F6)
    hall.key(Qt.Key.Key_F10)
    assert hall.page.isVisible()
    assert hall.page.headline.text() == wording.Portrait.HEADLINE_OTHER_WAY
    assert not hall.page.secondary_action.isEnabled()
    hall.session.may_go_on.set()
    hall.until(lambda: hall.session.calls("leave_to_supervisor") == 1)


@pytest.mark.parametrize("issue", QualityIssue)
def test_each_remark_stands_in_large_type_before_the_customer(hall, issue, keep_picture) -> None:
    hall.session.may_go_on.clear()
    hall.session.sight = FaceSight(1, (200.0, 100.0, 200.0, 250.0), 0.5, issue)
    hall.session.photo = PICTURES.get(issue, webcam)()
    hall.come_to(Step.PORTRAIT)
    hall.until(lambda: hall.customer.page is hall.customer.consent)
    QTest.mouseClick(hall.customer.consent.agree, Qt.MouseButton.LeftButton)
    hall.until(lambda: hall.page.status.text() == said(issue))
    assert hall.page.status.property("tone") == "look"
    title = hall.customer.look.title
    assert wording.QUALITY_ISSUES[issue] in title.text()
    assert title.text() == hall.customer.look.sentence
    assert title.fontMetrics().horizontalAdvance(title.text()) <= title.width()  # nothing is cut off
    assert title.fontInfo().pixelSize() >= 40
    for window, name in ((hall.customer, "customer"), (hall.clerk, "clerk")):
        keep_picture(window, f"{name}_{issue}")
    hall.session.sight = FaceSight(1, (200.0, 100.0, 200.0, 250.0), 0.9)
    hall.until(lambda: hall.page.status.text() == wording.Portrait.GOOD)
    assert hall.customer.look.sentence == wording.Customer.LOOK_GOOD


@pytest.mark.parametrize("challenge", Challenge)
def test_each_challenge_stands_in_large_type_before_the_customer(hall, challenge, keep_picture) -> None:
    hall.session.may_go_on.clear()
    hall.session.challenge = challenge
    hall.session.photo = webcam()
    hall.come_to(Step.PORTRAIT)
    hall.until(lambda: hall.customer.page is hall.customer.consent)
    QTest.mouseClick(hall.customer.consent.agree, Qt.MouseButton.LeftButton)
    hall.until(lambda: hall.customer.look.challenge is challenge)
    title = hall.customer.look.title
    assert title.text() == hall.customer.look.sentence == wording.CHALLENGES[challenge]
    assert title.fontMetrics().horizontalAdvance(title.text()) <= title.width()
    assert wording.CHALLENGES[challenge] in hall.page.status.text()
    hall.session.sight = FaceSight(1, (200.0, 100.0, 200.0, 250.0), 0.0, QualityIssue.TURNED)
    for window, name in ((hall.customer, "customer"), (hall.clerk, "clerk")):
        keep_picture(window, f"{name}_{challenge}")
    assert title.text() == wording.CHALLENGES[challenge]  # it is meant: no issue about a turned head
    hall.session.may_go_on.set()
    hall.until_way_on()
    assert hall.page.liveness.text() == "活体检测通过：点头、眨眼"


def test_who_is_not_live_hears_why_and_after_the_last_try_a_supervisor_decides(hall, keep_picture, monkeypatch) -> None:
    hall.session.failures["compare"] = [KnownError(FailureCode.NOT_LIVE, Refusal.FLAT)] * MOST_ATTEMPTS
    hall.come_to(Step.PORTRAIT)
    hall.until(lambda: hall.customer.page is hall.customer.consent)
    QTest.mouseClick(hall.customer.consent.agree, Qt.MouseButton.LeftButton)
    hall.until_failure(FailureCode.NOT_LIVE)
    assert wording.LIVENESS_REFUSALS[Refusal.FLAT] in hall.page.status.text()
    keep_picture(hall.clerk, "clerk_not_live")
    page, said = hall.page, []
    say = page.say
    monkeypatch.setattr(page, "say", lambda headline, *rest: (said.append(headline), say(headline, *rest)))
    for attempt in range(2, MOST_ATTEMPTS + 1):
        hall.until(hall.page.banner.button.isVisible)
        hall.key(Qt.Key.Key_F5)
        hall.until(lambda due=attempt: hall.session.calls("compare") == due)
    hall.until(lambda: hall.page.banner.remedy.text() == wording.Portrait.ALL_COUNTED.format(most=MOST_ATTEMPTS))
    begun = [headline for headline in said if headline.startswith(wording.Portrait.HEADLINE_LOOK)]
    assert begun == [f"请客户正对镜头 · 第 {one} 次，共 {MOST_ATTEMPTS} 次" for one in range(2, MOST_ATTEMPTS + 1)]
    assert not hall.page.banner.button.isVisible()
    hall.key(Qt.Key.Key_F6)  # no try is left that it would take away: nothing is asked
    hall.until_way_on()
    assert hall.page.liveness.text() == "活体检测未通过：没有看清面部的立体感"  # on one screen the customer reads it
    assert hall.customer.page.sentence == wording.Customer.SUPERVISED
    assert hall.page.liveness.property("tone") == "stop"


def fail_the_other_way(hall, code: FailureCode, *tries: KnownError) -> None:
    hall.session.failures["compare"] = list(tries)
    hall.session.failures["leave_to_supervisor"] = [KnownError(code)] * 2
    hall.come_to(Step.PORTRAIT)
    hall.until(lambda: hall.customer.page is hall.customer.consent)
    QTest.mouseClick(hall.customer.consent.agree, Qt.MouseButton.LeftButton)
    for attempt in range(1, len(tries) + 1):
        hall.until(lambda due=attempt: hall.session.calls("compare") == due)
        if attempt < len(tries):
            hall.until(hall.page.banner.button.isVisible)
            hall.key(Qt.Key.Key_F5)
    hall.until(hall.page.secondary_action.isEnabled)
    hall.go_the_other_way()
    hall.until_failure(code)


@pytest.mark.parametrize(
    "tries",
    [[KnownError(FailureCode.NOT_LIVE, Refusal.FLAT)] * MOST_ATTEMPTS, [KnownError(FailureCode.CAMERA_MISSING)]],
    ids=["no try left", "tries left"],
)
def test_another_way_that_fails_says_so_and_is_tried_again(hall, tries) -> None:
    """Not the camera check's end is told once more, and no new check begins: F5 asks for the same again."""
    fail_the_other_way(hall, FailureCode.DISK_FULL, *tries)
    assert hall.page.banner.error.code is FailureCode.DISK_FULL
    assert hall.page.banner.button.isVisible()
    hall.key(Qt.Key.Key_F5)
    hall.until(lambda: hall.session.calls("leave_to_supervisor") == 2)
    hall.until(hall.page.banner.button.isVisible)
    assert hall.page.banner.error.code is FailureCode.DISK_FULL
    hall.key(Qt.Key.Key_F5)
    hall.until_way_on()
    assert hall.session.calls("leave_to_supervisor") == 3
    assert hall.session.calls("compare") == len(tries)


def test_a_restarted_face_worker_is_said(hall, keep_picture) -> None:
    hall.session.may_go_on.clear()
    hall.come_to(Step.PORTRAIT)
    hall.until(lambda: hall.customer.page is hall.customer.consent)
    hall.counter.tell_face_worker()  # nobody looks yet: nothing to say
    QTest.mouseClick(hall.customer.consent.agree, Qt.MouseButton.LeftButton)
    hall.until(lambda: hall.page.status.text() == wording.Portrait.GOOD)
    assert not hall.page.banner.isVisible()
    hall.counter.tell_face_worker()
    hall.until(hall.page.banner.isVisible)
    assert hall.page.banner.remedy.text() == wording.Portrait.WORKER_RESTARTED
    assert not hall.page.banner.button.isVisible()
    for window, name in ((hall.customer, "customer"), (hall.clerk, "clerk")):
        keep_picture(window, f"{name}_good_and_restarted")


@pytest.mark.parametrize("when", ["before the challenges", "in the middle of one"])
def test_after_a_restart_both_screens_say_so_and_the_challenges_come(hall, when: str) -> None:
    """R4: a banner that nobody took away kept every challenge from the customer."""
    asked: list[Challenge | None] = []
    hall.customer.asked.connect(asked.append)
    hall.session.may_go_on.clear()
    hall.come_to(Step.PORTRAIT)
    hall.until(lambda: hall.customer.page is hall.customer.consent)
    QTest.mouseClick(hall.customer.consent.agree, Qt.MouseButton.LeftButton)
    hall.until(lambda: hall.page.status.text() == wording.Portrait.GOOD)
    if when != "before the challenges":
        hall.session.challenge = Challenge.NOD
        hall.until(lambda: hall.customer.look.challenge is Challenge.NOD)
    hall.session.looks.clear()
    hall.counter.tell_face_worker()
    hall.until(hall.page.banner.isVisible)
    assert hall.page.banner.remedy.text() == wording.Portrait.WORKER_RESTARTED
    assert hall.customer.look.sentence == wording.Customer.LOOK_PAUSED
    assert hall.customer.look.challenge is None
    hall.session.challenge = Challenge.TURN_LEFT
    hall.session.looks.set()
    hall.until(lambda: hall.customer.look.challenge is Challenge.TURN_LEFT)
    assert wording.CHALLENGES[Challenge.TURN_LEFT] in hall.page.status.text()
    hall.until(lambda: not hall.page.banner.isVisible())
    hall.session.may_go_on.set()
    hall.until_way_on()
    assert asked[-2:] == [Challenge.TURN_LEFT, None]  # what was shown is all that was asked


@pytest.mark.parametrize(
    "code",
    [
        FailureCode.NO_USABLE_FACE,
        FailureCode.FACE_WORKER_FAILED,
        FailureCode.COMPUTER_TOO_SLOW,
        FailureCode.CAMERA_TOO_SLOW,
        FailureCode.INTERNAL_ERROR,
    ],
)
def test_after_the_second_try_in_vain_the_words_lead_to_the_other_way(hall, code) -> None:
    """And what mends it is still said."""
    hall.session.failures["compare"] = [KnownError(code)] * 3
    hall.come_to(Step.PORTRAIT)
    hall.until(lambda: hall.customer.page is hall.customer.consent)
    QTest.mouseClick(hall.customer.consent.agree, Qt.MouseButton.LeftButton)
    hall.until_failure(code)
    assert hall.page.banner.remedy.text() == FAILURES[code].remedy
    assert not hall.page.secondary_action.isEnabled()
    assert hall.page.status.text() == "这一次不计客户的次数，客户还剩 3 次。"
    for tries in (2, 3):
        hall.key(Qt.Key.Key_F5)
        hall.until(
            lambda due=tries: len(hall.portrait.facts.failed_tries) == due and hall.page.secondary_action.isEnabled()
        )
        assert hall.page.banner.remedy.text() == FAILURES[code].remedy
        assert hall.page.status.text() == "这一次不计客户的次数，客户还剩 3 次。也可以改走人工核验。"
        assert FAILURES[code].cause in hall.page.banner.cause.text()
        assert hall.page.secondary_action.isEnabled()
        assert hall.page.banner.again.isEnabled()


@pytest.mark.parametrize("code", [FailureCode.MODEL_CHANGED, FailureCode.CAMERA_MISSING])
def test_without_the_equipment_the_other_way_is_open_at_once(hall, code) -> None:
    hall.session.failures["compare"] = [KnownError(code)]
    hall.come_to(Step.PORTRAIT)
    hall.until(lambda: hall.customer.page is hall.customer.consent)
    QTest.mouseClick(hall.customer.consent.agree, Qt.MouseButton.LeftButton)
    hall.until_failure(code)
    hall.go_the_other_way()
    hall.until_way_on()
    assert hall.session.calls("leave_to_supervisor") == 1


def failed(*codes: FailureCode) -> dict[str, tuple[FailedTry, ...]]:
    """What a session's facts keep of tries before the camera."""
    return {"failed_tries": tuple(FailedTry(code=code) for code in codes)}


@pytest.mark.parametrize(
    ("before", "is_open"),
    [((), False), ((FailureCode.NO_USABLE_FACE,), True), ((FailureCode.CHECK_STOPPED,), False)],
)
def test_the_other_way_is_open_by_what_the_session_has_seen_also_before_a_restart(hall, before, is_open) -> None:
    """A continued session: what this page has seen itself is not all."""
    consent = ConsentFacts(given=True, text=TextShown(code="face_consent", version="1", sha256=""))
    hall.portrait.keep(consent=consent, **failed(*before))
    hall.session.failures["compare"] = [KnownError(FailureCode.NO_USABLE_FACE)]
    hall.come_to(Step.PORTRAIT)
    hall.until_failure(FailureCode.NO_USABLE_FACE)
    assert hall.page.secondary_action.isEnabled() is is_open


def test_a_key_that_was_enabled_too_early_is_refused_by_the_service(hall) -> None:
    hall.session.failures["compare"] = [KnownError(FailureCode.NO_USABLE_FACE)]
    hall.come_to(Step.PORTRAIT)
    hall.until(lambda: hall.customer.page is hall.customer.consent)
    QTest.mouseClick(hall.customer.consent.agree, Qt.MouseButton.LeftButton)
    hall.until_failure(FailureCode.NO_USABLE_FACE)
    hall.page.secondary_action.setEnabled(True)
    hall.go_the_other_way()
    hall.until_failure(FailureCode.SUPERVISED_WAY_CLOSED)
    assert hall.portrait.facts.face is None
    assert not hall.page.secondary_action.isEnabled()


def look_at(hall) -> None:
    """A check that goes on until it is stopped: the first challenge stands before the customer."""
    hall.session.may_go_on.clear()
    hall.session.challenge = Challenge.TURN_LEFT
    hall.come_to(Step.PORTRAIT)
    hall.until(lambda: hall.customer.page is hall.customer.consent)
    QTest.mouseClick(hall.customer.consent.agree, Qt.MouseButton.LeftButton)
    hall.until(lambda: hall.customer.look.challenge is Challenge.TURN_LEFT)


def stopped(hall) -> bool:
    return [failed.code for failed in hall.portrait.facts.failed_tries] == [FailureCode.CHECK_STOPPED]


def test_who_turns_to_the_question_whether_to_leave_stops_the_check_and_may_begin_it_again(hall) -> None:
    look_at(hall)
    hall.key(Qt.Key.Key_Escape)
    assert hall.customer.look.sentence == wording.Customer.LOOK_PAUSED  # at once
    assert hall.customer.look.challenge is None
    asked = hall.clerk.view._leave_page.status
    assert asked.isVisible()
    assert asked.text() == wording.Leave.STATUS_CHECK_STOPPED  # and what the same key does now
    hall.until(lambda: stopped(hall))
    hall.key(Qt.Key.Key_Escape)
    hall.until_failure(FailureCode.CHECK_STOPPED)
    hall.key(Qt.Key.Key_Escape)
    assert asked.text() == wording.Leave.STATUS  # nothing was checked any more
    hall.key(Qt.Key.Key_Escape)
    assert hall.page.headline.text() == wording.Portrait.HEADLINE_PAUSED
    assert hall.customer.look.sentence == wording.Customer.LOOK_PAUSED
    assert not hall.page.secondary_action.isEnabled()
    hall.key(Qt.Key.Key_F5)
    hall.until(lambda: hall.customer.look.challenge is Challenge.TURN_LEFT)
    hall.session.may_go_on.set()
    hall.until_way_on()


@pytest.mark.parametrize("key", [Qt.Key.Key_F9, Qt.Key.Key_F1], ids=["kept for later", "abandoned"])
def test_a_session_that_is_left_in_the_middle_of_a_check_looks_no_longer(hall, key) -> None:
    look_at(hall)
    hall.key(Qt.Key.Key_Escape)
    hall.key(key)
    hall.until(lambda: hall.clerk.view is None)
    hall.until(lambda: hall.session.calls("close") == 1)
    assert hall.portrait.failed_with == [FailureCode.CHECK_STOPPED]
    left = (wording.Customer.LOOK, wording.Customer.LOOK_PAUSED)
    assert hall.customer.page.sentence not in left


def test_a_window_that_is_closed_in_the_middle_of_a_check_stops_it(hall) -> None:
    look_at(hall)
    hall.clerk.close()
    hall.until(lambda: bool(hall.closed))
    assert stopped(hall)


def test_a_consent_that_comes_while_the_clerk_asks_whether_to_leave_opens_no_camera_before_that_is_answered(
    hall,
) -> None:
    hall.come_to(Step.PORTRAIT)
    hall.until(lambda: hall.customer.page is hall.customer.consent)
    hall.key(Qt.Key.Key_Escape)
    QTest.mouseClick(hall.customer.consent.agree, Qt.MouseButton.LeftButton)
    hall.until(lambda: hall.page._due)
    assert hall.session.calls("compare") == 0
    hall.key(Qt.Key.Key_Escape)
    hall.until_way_on()
    assert hall.session.calls("compare") == 1


def test_while_comparing_the_screen_lives(hall) -> None:
    """The camera works for long; the screen's thread goes on, and says what the camera sees."""
    hall.session.may_go_on.clear()
    hall.session.sight = FaceSight(2, None, 0.0, QualityIssue.SEVERAL_FACES)
    hall.come_to(Step.PORTRAIT)
    hall.until(lambda: hall.customer.page is hall.customer.consent)
    beats: list[int] = []
    beat = QTimer(interval=5)
    QTest.mouseClick(hall.customer.consent.agree, Qt.MouseButton.LeftButton)
    hall.until(lambda: hall.page.status.text() == said(QualityIssue.SEVERAL_FACES))
    beat.timeout.connect(lambda: beats.append(len(beats)))
    beat.start()
    hall.until(lambda: len(beats) > 30)
    assert hall.page.decision.text() == wording.Portrait.WAITING  # it has worked all the while
    (thread,) = [thread for method, thread in hall.session.called if method == "compare"]
    assert thread != threading.main_thread().name
    assert hall.customer.look.view.shows_image
    hall.session.may_go_on.set()
    hall.until_way_on()
    assert hall.page.decision.text() == "一致 0.61"


@pytest.mark.parametrize("camera", [doubles.WEBCAM, doubles.UNKNOWN_CAMERA], ids=["known", "unknown"])
def test_the_clerk_sees_on_the_picture_that_the_camera_is_unknown(hall, camera) -> None:
    """While it is used, in both steps; the customer's side does not say it."""
    hall.session.camera.identity = camera
    expected = wording.Portrait.CAMERA_UNKNOWN if camera.unknown else ""
    hall.come_to(Step.PORTRAIT)
    hall.until(lambda: hall.customer.page is hall.customer.consent)
    QTest.mouseClick(hall.customer.consent.agree, Qt.MouseButton.LeftButton)
    hall.until_way_on()
    assert hall.page.view.warning == expected
    assert hall.page.view.accessibleDescription() == expected
    assert hall.customer.look.view.warning == ""
    hall.key(Qt.Key.Key_Return)
    hall.until_step(Step.NOTICE)
    hall.until_way_on()
    hall.key(Qt.Key.Key_Return)
    hall.until(lambda: hall.page.line == 0 and hall.page.primary_action.isEnabled())
    hall.until(lambda: hall.page.view.shows_image)
    assert hall.page.view.warning == expected
    assert hall.customer.reading.view.warning == ""
