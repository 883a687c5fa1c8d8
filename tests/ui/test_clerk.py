"""Every page of the clerk's window, driven by keys, with failures where the eye is."""

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt, QTimer
from PySide6.QtTest import QTest

from hallclient.devices import FaceSight, ReaderState, ReaderStatus
from hallclient.domain.card import Finding
from hallclient.domain.comparison import Decision
from hallclient.domain.evidence.facts.liveness_attempts import MOST_ATTEMPTS
from hallclient.domain.evidence.facts.portrait import ConsentFacts, FailedTry
from hallclient.domain.evidence.receipt import Outcome
from hallclient.domain.evidence.text_shown import TextShown
from hallclient.domain.face_remark import FaceRemark
from hallclient.domain.failures import FAILURES, FailureCode, KnownError
from hallclient.domain.liveness import Challenge, Refusal
from hallclient.domain.session import AbandonReason, SessionState
from hallclient.services.bug_log import report_bug
from tests.drivers.face.spoilt import SPOILT, webcam
from tests.ui import doubles
from tests.ui.doubles import Step
from ui import wording
from ui.clerk.window import ClerkWindow
from ui.customer.window import CustomerWindow
from ui.widgets.row_button import RowButton


def said(remark: FaceRemark) -> str:
    """What the clerk reads of it."""
    return wording.Portrait.REMARK.format(remark=wording.FACE_REMARKS[remark])


# The gate says these of these pictures (tests/drivers/face/test_gate.py); of a head that is turned there is none.
PICTURES = {remark: lambda spoil=spoil: spoil(webcam()) for spoil, remark in SPOILT.values()}


class Hall:
    """A clerk's and a customer's window over doubles, and the keys that a clerk presses."""

    def __init__(self, qtbot) -> None:
        self.qtbot = qtbot
        self.session = doubles.Session()
        self.counter = doubles.Counter(self.session)
        self.dispatch = doubles.Dispatch()
        self.customer = CustomerWindow(practice=True)
        self.clerk = ClerkWindow(self.counter, self.dispatch, self.customer, doubles.FixedClock())
        self.closed: list[bool] = []
        self.clerk.closed.connect(lambda: self.closed.append(True))
        self.customer.resize(1280, 800)
        self.clerk.resize(1366, 768)
        self.customer.show()
        self.clerk.show()
        self.clerk.activateWindow()

    def key(self, key: Qt.Key) -> None:
        QTest.keyClick(self.clerk.focusWidget() or self.clerk, key)

    def go_the_other_way(self) -> None:
        self.key(Qt.Key.Key_F6)
        self.key(Qt.Key.Key_F10)  # it asks first: it is for good

    def open(self) -> None:
        QTest.keyClicks(self.clerk.start.number, "13800000021")
        self.key(Qt.Key.Key_Return)
        self.until(lambda: self.clerk.view is not None)

    def come_to(self, step: Step) -> None:
        """A session whose steps before this one are done, continued."""
        self.session.come_to(step)
        self.open()

    def until(self, condition) -> None:
        self.qtbot.waitUntil(condition)

    def until_step(self, step: Step) -> None:
        self.until(lambda: self.clerk.view.step == step)

    def until_way_on(self) -> None:
        self.until(lambda: self.page is not None and self.page.way_on.isEnabled())

    def until_failure(self, code: FailureCode) -> None:
        self.until(lambda: self.page.banner.isVisible() and code in self.page.banner.cause.text())

    @property
    def page(self):
        return self.clerk.view.page

    @property
    def portrait(self) -> doubles.PortraitStep:
        return self.session.the(doubles.PortraitStep)

    def close(self) -> None:
        self.session.may_go_on.set()
        self.clerk.close()
        self.until(lambda: bool(self.closed))
        self.customer.finish()
        # As the application does it: Qt takes them down, parents with children, and not Python's garbage collector.
        for window in (self.clerk, self.customer):
            window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def hall(qtbot):
    made = Hall(qtbot)
    yield made
    made.close()


def test_start_by_keys_only(hall) -> None:
    hall.key(Qt.Key.Key_F1)
    assert hall.clerk.start.scene == "new_number"
    QTest.keyClicks(hall.clerk.start.number, "123")
    assert not hall.clerk.start.start.isEnabled()
    hall.clerk.start.number.clear()
    hall.open()
    assert hall.session.plan.scene == "new_number"


@pytest.mark.parametrize(
    ("typed", "shown", "able"),
    [
        ("", "", False),
        ("1380000002", "138 0000 002", False),
        ("13800000021", "138 0000 0021", True),
        ("138000000210", "138 0000 0021 0", False),
        ("1440000000021", "144 0000 0000 21", True),
        ("144000000002199", "144 0000 0000 21", True),  # no more than there can be
        ("23800000021", "238 0000 0021", False),
    ],
)
def test_the_number_is_grouped_and_starts_only_when_it_can_be_one(hall, typed, shown, able) -> None:
    start = hall.clerk.start
    assert not start.start.isEnabled()
    QTest.keyClicks(start.number, typed)
    assert start.number.text() == shown
    assert start.start.isEnabled() is able
    if not able:
        hall.key(Qt.Key.Key_Return)
        assert hall.clerk.view is None
        assert start.number.hasFocus()


FROM_ABROAD = [
    "+86 138 0000 0021",
    "电话：+86 138-0000-0021 abc",
    "0086 13800000021",
    "8613800000021",
    "手机 + 86 138 0000 0021",
    "＋８６13800000021",  # as a Chinese keyboard writes it
]


@pytest.mark.parametrize("pasted", ["138-0000-0021", "１３８００００００２１", " 13800000021\n", *FROM_ABROAD])
def test_a_pasted_number_is_read_as_it_is_meant(hall, pasted) -> None:
    hall.clerk.start.number.setText(pasted)
    assert hall.clerk.start.number.digits == "13800000021"
    assert hall.clerk.start.number.text() == "138 0000 0021"


def test_a_slip_is_mended_in_its_place(hall) -> None:
    number = hall.clerk.start.number
    QTest.keyClicks(number, "13800000021")
    number.setCursorPosition(4)  # behind the blank
    QTest.keyClick(number, Qt.Key.Key_Backspace)
    assert number.text() == "130 0000 021"
    QTest.keyClick(number, Qt.Key.Key_8)
    assert (number.text(), number.digits) == ("138 0000 0021", "13800000021")
    assert number.cursorPosition() == 3
    QTest.keyClick(number, Qt.Key.Key_Delete)
    assert number.digits == "1380000021"


def test_the_number_of_the_customer_before_does_not_come_back(hall) -> None:
    start = hall.clerk.start
    QTest.keyClicks(start.number, "13800000021")
    start.clear()
    QTest.keyClick(start.number, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert (start.number.text(), start.start.isEnabled()) == ("", False)


def test_the_customer_sees_the_number_in_full_once(hall) -> None:
    hall.session.card_is_down.clear()
    hall.open()
    page = hall.customer.put_card
    hall.until(lambda: hall.customer.page is page)
    assert page.number.text() == "138 0000 0021"
    assert page.number.fontInfo().pixelSize() >= 42
    assert page.number.fontMetrics().horizontalAdvance(page.number.text()) <= page.number.width()
    hall.session.card_is_down.set()
    hall.until_step(Step.PRECHECK)
    shown = " ".join(label.text() for label in hall.customer.findChildren(type(page.number)))
    assert "138 0000 0021" not in shown
    assert "138****0021" in shown


def test_nothing_dangerous_has_the_focus_when_a_session_stands(hall) -> None:
    hall.session.card_is_down.clear()
    hall.open()
    assert hall.clerk.focusWidget() is hall.clerk.view
    hall.key(Qt.Key.Key_Space)
    assert hall.clerk.view._stack.currentWidget() is hall.page
    assert hall.session.ended is None


def test_enter_on_a_session_that_waits_continues_it(hall) -> None:
    hall.session.the(doubles.CardStep).read(0)
    item = doubles.kept("s", "second_verification", "138****0021", Step.PRECHECK)
    start = hall.clerk.start
    start.unfinished.show_sessions([item])
    QTest.keyClicks(start.number, "13800000021")  # Enter elsewhere would begin another session
    (button,) = start.unfinished.findChildren(RowButton)
    assert "138****0021" in button.accessibleName()
    button.setFocus()
    with hall.qtbot.waitSignal(start.continued) as heard:
        hall.key(Qt.Key.Key_Return)
    assert heard.args == ["s"]
    hall.until(lambda: hall.clerk.view is not None)
    assert hall.session.calls("open") == 0


def test_what_was_found_is_never_cut(hall) -> None:
    hall.come_to(Step.NOTICE)
    row = hall.clerk.view.steps.rows[Step.SIGNATURE]
    row.set_state("done", "111 点 · 压感笔 · 12 分 34 秒 · 由稽核员复核后决定")
    hall.until(lambda: row.found.height() >= row.found.heightForWidth(row.found.width()))
    assert "由稽核员复核后决定" in row.toolTip()


def test_the_text_stands_beside_the_signature_on_both_screens(hall) -> None:
    hall.come_to(Step.SIGNATURE)
    hall.until(lambda: hall.customer.page is hall.customer.signing)
    for text in (hall.customer.signing.text, hall.page.text):
        assert text.isVisible()
        assert text.title.text() == doubles.NOTICE.title
        assert [*(label.text() for label in text.lines), text.key_sentence.text()] == list(doubles.NOTICE.lines)
        for label in (text.title, text.key_sentence):
            assert label.visibleRegion().boundingRect().height() >= label.fontMetrics().height() - 1
    assert hall.customer.signing.pad.isVisible()


def test_start_shows_why_a_session_does_not_open(hall) -> None:
    hall.counter.open_failures = [KnownError(FailureCode.DISK_FULL)]
    QTest.keyClicks(hall.clerk.start.number, "13800000021")
    hall.key(Qt.Key.Key_Return)
    hall.until(hall.clerk.start.banner.isVisible)
    assert hall.clerk.start.banner.remedy.text() == FAILURES[FailureCode.DISK_FULL].remedy
    assert hall.clerk.start.banner.button.isVisible()
    assert hall.clerk.start.number.hasFocus()
    hall.key(Qt.Key.Key_F5)
    hall.until(lambda: hall.clerk.view is not None)


def test_a_session_that_opens_after_the_window_was_closed_is_let_go_of_and_never_begins(hall) -> None:
    hall.counter.may_open.clear()
    QTest.keyClicks(hall.clerk.start.number, "13800000021")
    hall.key(Qt.Key.Key_Return)
    hall.until(hall.counter.opening.is_set)
    closed: list[int] = []
    hall.clerk.closed.connect(lambda: closed.append(hall.session.calls("close")))
    with hall.qtbot.waitSignal(hall.clerk.closed):
        hall.clerk.close()
        hall.counter.may_open.set()
    assert closed == [1]  # not before: what comes after it closes the database
    assert hall.session.calls("read") == 0
    assert hall.clerk.view is None
    assert hall.customer.page.sentence == wording.Customer.WELCOME


def test_the_window_is_not_closed_before_the_last_session_is_let_go_of(hall) -> None:
    hall.come_to(Step.NOTICE)
    hall.session.may_close.clear()
    hall.key(Qt.Key.Key_Escape)
    hall.key(Qt.Key.Key_F9)
    hall.until(lambda: hall.session.calls("close") == 1)
    closed: list[bool] = []
    hall.clerk.closed.connect(lambda: closed.append(hall.session.may_close.is_set()))
    hall.clerk.close()
    hall.until(hall.clerk._background.idle)
    assert closed == []
    hall.session.may_close.set()
    hall.until(lambda: closed == [True])


def test_an_unfinished_session_goes_on_at_its_step(hall) -> None:
    hall.session.the(doubles.CardStep).read(0)
    hall.session.come_to(Step.SIGNATURE)
    item = doubles.kept("s", "second_verification", "138****0021", Step.SIGNATURE)
    hall.clerk.start.unfinished.show_sessions([item])
    hall.clerk.start.unfinished.continued.emit("s")
    hall.until(lambda: hall.clerk.view is not None)
    hall.until_step(Step.SIGNATURE)
    assert hall.clerk.view.steps.is_done(Step.NOTICE)


def test_card_failures_stand_until_the_card_is_read(hall) -> None:
    hall.session.card_is_down.clear()
    hall.session.failures["read"] = [KnownError(FailureCode.CARD_NEEDS_LIFTING)]
    hall.open()
    hall.until_failure(FailureCode.CARD_NEEDS_LIFTING)
    hall.session.card_is_down.set()
    hall.until_step(Step.PRECHECK)
    assert hall.clerk.view.steps.is_done(Step.CARD)


@pytest.mark.parametrize("shared", [False, True], ids=["two screens", "one screen"])
def test_both_are_told_to_lift_a_card_that_lay_there_before(hall, shared: bool) -> None:
    hall.clerk.share_screen(shared)
    hall.session.card_is_down.clear()
    hall.open()
    hall.until(lambda: hall.customer.page.sentence == wording.Customer.PUT_CARD)
    hall.session.failures["read"] = [KnownError(FailureCode.CARD_NEEDS_LIFTING)] * 1000
    hall.until(lambda: hall.customer.page.sentence == wording.Customer.LIFT_CARD)
    assert hall.page.banner.error.code is FailureCode.CARD_NEEDS_LIFTING
    assert hall.page.banner.remedy.text() == "请拿起证件，再放下"
    assert hall.customer.put_card.number.text() == "138 0000 0021"  # it is what is being asked
    assert hall.clerk.shows_customer is shared
    hall.session.failures["read"] = []  # it was lifted
    hall.until(lambda: hall.customer.page.sentence == wording.Customer.PUT_CARD)
    hall.session.card_is_down.set()
    hall.until_step(Step.PRECHECK)


def test_the_readers_news_say_at_once_that_a_card_has_to_be_lifted(hall) -> None:
    hall.session.card_is_down.clear()
    hall.open()
    hall.until(lambda: hall.customer.page.sentence == wording.Customer.PUT_CARD)
    hall.page._again.setInterval(600_000)  # no other call of the session comes between
    hall.until(hall.page._again.isActive)
    hall.counter.tell_reader(ReaderStatus(ReaderState.TROUBLE, None, FailureCode.CARD_NEEDS_LIFTING))
    hall.until(lambda: hall.customer.page.sentence == wording.Customer.LIFT_CARD)
    hall.until_failure(FailureCode.CARD_NEEDS_LIFTING)
    hall.counter.tell_reader(ReaderStatus(ReaderState.READY, None, None))
    hall.until(lambda: hall.customer.page.sentence == wording.Customer.PUT_CARD)


def test_no_card_yet_is_no_failure(hall) -> None:
    hall.session.card_is_down.clear()
    hall.open()
    hall.until(lambda: hall.session.calls("read") >= 2)
    assert not hall.page.banner.isVisible()


@pytest.mark.parametrize(
    "code", [FailureCode.READER_MISSING, FailureCode.READER_SERVICE_DOWN, FailureCode.READER_SERVICE_HUNG]
)
def test_without_a_reader_nobody_is_asked_for_a_card(hall, code: FailureCode) -> None:
    hall.session.card_is_down.clear()
    hall.open()
    hall.until(lambda: hall.customer.page.sentence == wording.Customer.PUT_CARD)
    hall.session.failures["read"] = [KnownError(code)] * 1000
    hall.counter.tell_reader(ReaderStatus(ReaderState.TROUBLE, None, code))
    hall.until(lambda: hall.customer.page.sentence == wording.Customer.CARD_PAUSED)
    assert FAILURES[code].remedy == hall.page.banner.remedy.text()
    hall.session.failures["read"] = []
    hall.counter.tell_reader(ReaderStatus(ReaderState.READY, None, None))
    hall.until(lambda: hall.customer.page.sentence == wording.Customer.PUT_CARD and not hall.page.banner.isVisible())


def test_reader_and_network_in_plain_words(hall) -> None:
    hall.until(lambda: hall.clerk.top.reader.text() == wording.READER_STATES[ReaderState.READY])
    hall.counter.tell_reader(ReaderStatus(ReaderState.TROUBLE, None, FailureCode.READER_MISSING))
    hall.until(lambda: hall.clerk.top.reader.text() == FAILURES[FailureCode.READER_MISSING].cause)
    hall.dispatch.tell(online=False, waiting=3)
    hall.until(lambda: hall.clerk.top.network.text() == wording.Top.OFFLINE.format(waiting=3))


def test_unusable_card_ends_in_a_refusal(hall) -> None:
    hall.session.findings, hall.session.usable = (Finding.EXPIRED,), False
    hall.open()
    hall.until_step(Step.PRECHECK)
    hall.until_way_on()
    hall.key(Qt.Key.Key_Return)
    hall.key(Qt.Key.Key_Return)  # it asks first: the session and the card's data go
    hall.key(Qt.Key.Key_Escape)
    assert hall.session.calls("refuse") == 0
    hall.key(Qt.Key.Key_Return)
    hall.key(Qt.Key.Key_F10)
    hall.until(lambda: hall.session.ended is not None and hall.page.way_on.text() == wording.Precheck.NEXT)
    assert hall.session.state is SessionState.REFUSED
    assert hall.customer.page.sentence == wording.Customer.REFUSED
    hall.until_way_on()
    hall.key(Qt.Key.Key_Return)
    hall.until(lambda: hall.clerk.view is None)


@pytest.mark.parametrize("usable", [True, False])
def test_a_continued_session_with_an_unusable_card_stands_at_its_refusal(hall, usable) -> None:
    """The domain says which step is due, not a page."""
    hall.session.findings, hall.session.usable = (Finding.EXPIRED,) * (not usable), usable
    hall.session.the(doubles.CardStep).read(0)
    hall.session.the(doubles.PrecheckStep).check()
    hall.open()
    hall.until_step(Step.PORTRAIT if usable else Step.PRECHECK)


@pytest.mark.parametrize(("usable", "findings"), [(True, (Finding.EXPIRED,)), (False, ())])
def test_a_card_that_the_rules_of_today_forbid_is_refused_after_yesterdays_precheck(hall, usable, findings) -> None:
    """The page used to follow the pre-check's own word: it offered a way on that led to itself, for ever."""
    hall.session.findings, hall.session.usable = findings, usable
    hall.session.the(doubles.CardStep).read(0)
    hall.session.the(doubles.PrecheckStep).check()
    hall.open()
    hall.until_way_on()
    assert hall.page.status.text() == wording.Precheck.UNUSABLE
    assert hall.page.way_on.text() == wording.Precheck.REFUSE
    hall.key(Qt.Key.Key_Return)
    hall.key(Qt.Key.Key_F10)
    hall.until(lambda: hall.session.state is SessionState.REFUSED)


def test_a_finding_that_forbids_nothing_is_only_noted(hall) -> None:
    hall.session.findings = (Finding.NEW_ADDRESS_UNREADABLE,)
    hall.open()
    hall.until_step(Step.PRECHECK)
    hall.until_way_on()
    hall.key(Qt.Key.Key_Return)
    hall.until_step(Step.PORTRAIT)
    assert mark(hall, Step.PRECHECK) == "look"


def mark(hall, step: Step) -> str:
    steps = hall.clerk.view.steps
    assert steps.is_done(step)
    return steps.rows[step].badge.state


def test_the_customer_is_told_no_more_that_their_card_is_being_checked_when_it_is(hall) -> None:
    hall.session.card_is_down.clear()
    hall.open()
    shown = []
    hall.customer.changed.connect(lambda: shown.append(hall.customer.page.sentence))
    hall.session.card_is_down.set()
    hall.until_step(Step.PRECHECK)
    hall.until_way_on()
    assert wording.Customer.CHECKING in shown
    assert hall.customer.page.sentence == wording.Customer.CHECKED


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
    assert not hall.page.way_on.isEnabled()
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
    hall.until(hall.clerk.view.at.background.idle)
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
    assert not hall.page.other_way.isEnabled()
    hall.key(Qt.Key.Key_F5)
    hall.until(hall.page.other_way.isEnabled)
    hall.go_the_other_way()
    hall.until_way_on()
    assert hall.session.calls("leave_to_supervisor") == 1


def test_the_other_way_is_for_good_and_asks_first_then_shows_at_once_that_it_works(hall) -> None:
    hall.session.failures["compare"] = [KnownError(FailureCode.NOT_LIVE, Refusal.COMPUTER_TOO_SLOW)]
    hall.come_to(Step.PORTRAIT)
    hall.until(lambda: hall.customer.page is hall.customer.consent)
    QTest.mouseClick(hall.customer.consent.agree, Qt.MouseButton.LeftButton)
    hall.until_failure(FailureCode.NOT_LIVE)
    hall.page.other_way.setEnabled(True)
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
    assert not hall.page.other_way.isEnabled()
    hall.session.may_go_on.set()
    hall.until(lambda: hall.session.calls("leave_to_supervisor") == 1)


@pytest.mark.parametrize("remark", FaceRemark)
def test_each_remark_stands_in_large_type_before_the_customer(hall, remark, keep_picture) -> None:
    hall.session.may_go_on.clear()
    hall.session.sight = FaceSight(1, (200.0, 100.0, 200.0, 250.0), 0.5, remark)
    hall.session.photo = PICTURES.get(remark, webcam)()
    hall.come_to(Step.PORTRAIT)
    hall.until(lambda: hall.customer.page is hall.customer.consent)
    QTest.mouseClick(hall.customer.consent.agree, Qt.MouseButton.LeftButton)
    hall.until(lambda: hall.page.status.text() == said(remark))
    assert hall.page.status.property("tone") == "look"
    title = hall.customer.look.title
    assert wording.FACE_REMARKS[remark] in title.text()
    assert title.text() == hall.customer.look.sentence
    assert title.fontMetrics().horizontalAdvance(title.text()) <= title.width()  # nothing is cut off
    assert title.fontInfo().pixelSize() >= 40
    for window, name in ((hall.customer, "customer"), (hall.clerk, "clerk")):
        keep_picture(window, f"{name}_{remark}")
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
    hall.session.sight = FaceSight(1, (200.0, 100.0, 200.0, 250.0), 0.0, FaceRemark.TURNED)
    for window, name in ((hall.customer, "customer"), (hall.clerk, "clerk")):
        keep_picture(window, f"{name}_{challenge}")
    assert title.text() == wording.CHALLENGES[challenge]  # it is meant: no remark about a turned head
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
    hall.until(hall.page.other_way.isEnabled)
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
    assert not hall.page.other_way.isEnabled()
    assert hall.page.status.text() == "这一次不计客户的次数，客户还剩 3 次。"
    for tries in (2, 3):
        hall.key(Qt.Key.Key_F5)
        hall.until(lambda due=tries: len(hall.portrait.facts.failed_tries) == due and hall.page.other_way.isEnabled())
        assert hall.page.banner.remedy.text() == FAILURES[code].remedy
        assert hall.page.status.text() == "这一次不计客户的次数，客户还剩 3 次。也可以改走人工核验。"
        assert FAILURES[code].cause in hall.page.banner.cause.text()
        assert hall.page.other_way.isEnabled()
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
    assert hall.page.other_way.isEnabled() is is_open


def test_a_key_that_was_enabled_too_early_is_refused_by_the_service(hall) -> None:
    hall.session.failures["compare"] = [KnownError(FailureCode.NO_USABLE_FACE)]
    hall.come_to(Step.PORTRAIT)
    hall.until(lambda: hall.customer.page is hall.customer.consent)
    QTest.mouseClick(hall.customer.consent.agree, Qt.MouseButton.LeftButton)
    hall.until_failure(FailureCode.NO_USABLE_FACE)
    hall.page.other_way.setEnabled(True)
    hall.go_the_other_way()
    hall.until_failure(FailureCode.SUPERVISED_WAY_CLOSED)
    assert hall.portrait.facts.face is None
    assert not hall.page.other_way.isEnabled()


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
    assert not hall.page.other_way.isEnabled()
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
    assert stopped(hall)
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
    hall.session.sight = FaceSight(2, None, 0.0, FaceRemark.SEVERAL_FACES)
    hall.come_to(Step.PORTRAIT)
    hall.until(lambda: hall.customer.page is hall.customer.consent)
    beats: list[int] = []
    beat = QTimer(interval=5)
    QTest.mouseClick(hall.customer.consent.agree, Qt.MouseButton.LeftButton)
    hall.until(lambda: hall.page.status.text() == said(FaceRemark.SEVERAL_FACES))
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
    hall.until(lambda: hall.page.line == 0 and hall.page.way_on.isEnabled())
    hall.until(lambda: hall.page.view.shows_image)
    assert hall.page.view.warning == expected
    assert hall.customer.reading.view.warning == ""


def test_reading_by_the_clerks_key_and_again_from_the_first_line(hall) -> None:
    hall.come_to(Step.NOTICE)
    hall.until_way_on()
    hall.key(Qt.Key.Key_Return)
    hall.until(lambda: hall.page.line == 0 and hall.page.way_on.isEnabled())
    assert hall.customer.page is hall.customer.reading
    hall.key(Qt.Key.Key_Return)
    hall.key(Qt.Key.Key_Return)  # too soon: no line is skipped
    hall.until(lambda: hall.page.line == 1 and hall.page.way_on.isEnabled())
    hall.key(Qt.Key.Key_F8)
    assert hall.session.calls("restart_reading") == 1
    hall.key(Qt.Key.Key_F10)
    hall.until(lambda: hall.page.line == 0 and hall.page.way_on.isEnabled())
    assert hall.session.calls("restart_reading") == 2  # before each start: nothing half open is left
    assert hall.session.shown_lines == [0, 1, 0]


def test_a_hole_in_the_recording_begins_another(hall) -> None:
    hall.session.failures["start_reading"] = [KnownError(FailureCode.MICROPHONE_MISSING)]
    hall.come_to(Step.NOTICE)
    hall.until_way_on()
    hall.key(Qt.Key.Key_Return)
    hall.until_failure(FailureCode.MICROPHONE_MISSING)
    hall.session.failures["show_line"] = [KnownError(FailureCode.CAMERA_STOPPED)]
    hall.key(Qt.Key.Key_F5)
    hall.until_failure(FailureCode.CAMERA_STOPPED)
    hall.key(Qt.Key.Key_F5)
    hall.until(lambda: hall.page.line == 0 and hall.page.way_on.isEnabled())
    assert hall.session.calls("restart_reading") == 4  # before each start, and at once when there was a hole


def test_signature_is_seen_cleared_and_retried(hall) -> None:
    hall.session.failures["sign"] = [KnownError(FailureCode.DISK_FULL)]
    hall.come_to(Step.SIGNATURE)
    hall.until(lambda: hall.customer.page is hall.customer.signing)
    signing = hall.customer.signing
    assert not signing.accept.isEnabled()
    assert not hall.page.clear.isEnabled()  # there is nothing to wipe
    write(signing.pad)
    assert hall.page.view.strokes == signing.pad.strokes
    assert hall.page.clear.isEnabled()
    hall.key(Qt.Key.Key_F8)
    assert signing.pad.strokes == ()
    assert not hall.page.clear.isEnabled()
    write(signing.pad)
    QTest.mouseClick(signing.accept, Qt.MouseButton.LeftButton)
    hall.until_failure(FailureCode.DISK_FULL)
    assert hall.page.clear.isEnabled()
    hall.key(Qt.Key.Key_F5)
    hall.until_step(Step.SEAL)
    assert hall.session.signed == (signing.pad.strokes, "mouse")


@pytest.mark.parametrize("far", [0, 20])
def test_who_writes_too_little_reads_why_it_is_no_signature(hall, keep_picture, far) -> None:
    hall.come_to(Step.SIGNATURE)
    hall.until(lambda: hall.customer.page is hall.customer.signing)
    signing = hall.customer.signing
    meaning = signing._hint.text()
    at = signing.pad.field.topLeft().toPoint() + QPoint(40, 40)
    bare = signing.pad.grab().toImage()
    QTest.mousePress(signing.pad, Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseMove(signing.pad, at + QPoint(far, 0))
    assert signing._hint.text() == meaning  # nobody is interrupted
    QTest.mouseRelease(signing.pad, Qt.MouseButton.LeftButton, pos=at + QPoint(far, 0))
    assert not signing.accept.isEnabled()
    assert signing._hint.text() == wording.Customer.SIGN_TOO_SHORT
    assert hall.page.status.text() == wording.Signature.TOO_SHORT
    below = signing.pad.field.toRect().adjusted(0, round(signing.pad.field.height() * 0.8), 0, 0)
    assert signing.pad.grab().toImage().copy(below) == bare.copy(below)  # where to sign is still said
    keep_picture(hall.customer, f"customer_sign_too_short_{far}")
    write(signing.pad)
    assert signing.accept.isEnabled()
    assert signing._hint.text() == meaning
    assert hall.page.status.text() != wording.Signature.TOO_SHORT
    assert signing.pad.grab().toImage().copy(below) != bare.copy(below)


def test_outcome_follows_the_centre(hall) -> None:
    hall.come_to(Step.SEAL)
    hall.until(lambda: hall.page.outcome_shown is Outcome.PROVISIONAL)
    assert hall.dispatch.woken == 1
    assert hall.page.outcome.text() == "已采集，待联网核验"
    for outcome in (Outcome.PENDING_REVIEW, Outcome.PASSED):
        hall.dispatch.said = outcome
        hall.dispatch.tell(waiting=0)
        hall.until(lambda due=outcome: hall.page.outcome_shown is due)
        assert hall.customer.page.sentence == wording.CUSTOMER_OUTCOMES[outcome][0]
    hall.counter.printer_failures = [KnownError(FailureCode.PRINTER_FAILED)]
    hall.until_way_on()
    hall.key(Qt.Key.Key_F7)
    hall.until_failure(FailureCode.PRINTER_FAILED)
    hall.key(Qt.Key.Key_F5)
    hall.until(lambda: hall.counter.printed == [b"%PDF-"])
    hall.until_way_on()
    hall.key(Qt.Key.Key_Return)
    hall.until(lambda: hall.clerk.view is None)
    assert hall.customer.page.sentence == wording.Customer.WELCOME


@pytest.mark.parametrize("file", [None, Path("/home/clerk/.local/share/hallclient/practice/customer_copy.pdf")])
def test_a_practice_printer_says_which_file_is_the_paper(hall, file) -> None:
    hall.counter.printed_to = file
    hall.come_to(Step.SEAL)
    hall.until(lambda: hall.page.outcome_shown is Outcome.PROVISIONAL and hall.page.print.isEnabled())
    hall.key(Qt.Key.Key_F7)
    hall.until(lambda: hall.counter.printed == [b"%PDF-"] and hall.page.print.isEnabled())
    said = hall.page.status.text().replace("\u200b", "")
    if file is None:
        assert said == wording.Finish.PRINTED
    else:
        assert said.startswith(wording.PRACTICE)
        assert str(file) in said


def test_an_outcome_that_cannot_be_read_is_asked_for_again_and_nothing_is_sealed_twice(hall) -> None:
    hall.dispatch.failures = [KnownError(FailureCode.STORE_BUSY)]
    hall.come_to(Step.SEAL)
    hall.until_failure(FailureCode.STORE_BUSY)
    hall.key(Qt.Key.Key_F5)
    hall.until(lambda: hall.page.outcome_shown is Outcome.PROVISIONAL)
    assert hall.session.calls("seal") == 1
    assert not hall.page.banner.isVisible()


def test_an_outcome_does_not_take_the_printers_failure_away(hall) -> None:
    hall.counter.printer_failures = [KnownError(FailureCode.PRINTER_FAILED)]
    hall.come_to(Step.SEAL)
    hall.until(lambda: hall.page.outcome_shown is Outcome.PROVISIONAL and hall.page.print.isEnabled())
    hall.key(Qt.Key.Key_F7)
    hall.until_failure(FailureCode.PRINTER_FAILED)
    hall.dispatch.said = Outcome.PASSED
    hall.dispatch.tell(waiting=0)
    hall.until(lambda: hall.page.outcome_shown is Outcome.PASSED)
    assert hall.page.banner.isVisible()
    hall.key(Qt.Key.Key_F5)
    hall.until(lambda: hall.counter.printed == [b"%PDF-"])


@pytest.mark.expects_log(r"bug [0-9A-Z]{6}\nZeroDivisionError")
def test_after_our_own_mistake_while_abandoning_the_session_goes_on(hall, monkeypatch) -> None:
    monkeypatch.setattr("sys.excepthook", lambda kind, error, trace: None)
    hall.session.failures["abandon"] = [ZeroDivisionError()]
    hall.come_to(Step.SIGNATURE)
    hall.until(lambda: hall.customer.page is hall.customer.signing)
    hall.key(Qt.Key.Key_Escape)
    hall.key(Qt.Key.Key_F1)
    hall.until(hall.clerk.bug_banner.isVisible)
    assert hall.clerk.view._stack.currentWidget() is hall.page
    write(hall.customer.signing.pad)
    QTest.mouseClick(hall.customer.signing.accept, Qt.MouseButton.LeftButton)
    hall.until_step(Step.SEAL)


def test_news_for_a_page_that_is_left_say_nothing_to_the_customer(hall) -> None:
    """It stands until Qt deletes it, and what is queued may reach it before that."""
    hall.session.card_is_down.clear()
    hall.open()
    hall.until(lambda: hall.customer.page is hall.customer.put_card)
    left = []
    hall.clerk.view.turned.connect(lambda step: left.append(tell()))

    def tell() -> str:
        lost = ReaderStatus(ReaderState.TROUBLE, None, FailureCode.READER_MISSING)
        hall.clerk._reader_news.arrived.emit(lost)
        return hall.customer.page.sentence

    hall.session.card_is_down.set()
    hall.until_step(Step.PRECHECK)
    assert left == [wording.Customer.PUT_CARD]


def test_leaving_needs_a_reason_and_can_be_taken_back(hall) -> None:
    hall.come_to(Step.NOTICE)
    hall.until_way_on()
    hall.key(Qt.Key.Key_Escape)
    hall.key(Qt.Key.Key_Return)  # the way on is not on offer here
    hall.key(Qt.Key.Key_Escape)
    assert hall.session.calls("start_reading") == 0
    hall.key(Qt.Key.Key_Escape)
    hall.key(Qt.Key.Key_F1)
    hall.until(lambda: hall.clerk.view is None)
    assert hall.session.ended == (SessionState.ABANDONED, AbandonReason.CUSTOMER_WITHDREW)
    hall.until(lambda: hall.session.calls("close") == 1)
    assert hall.customer.page.sentence == wording.Customer.ABANDONED


def test_a_session_can_be_kept_for_later(hall) -> None:
    hall.come_to(Step.NOTICE)
    hall.key(Qt.Key.Key_Escape)
    hall.key(Qt.Key.Key_F9)
    hall.until(lambda: hall.clerk.view is None)
    assert hall.session.ended is None
    hall.until(lambda: hall.session.calls("close") == 1)


@pytest.mark.expects_log(r"bug [0-9A-Z]{6}\nZeroDivisionError")
def test_our_own_mistake_is_shown(hall, monkeypatch) -> None:
    hooked: list[type[BaseException]] = []
    monkeypatch.setattr("sys.excepthook", lambda kind, error, trace: hooked.append(kind))
    error = ZeroDivisionError()
    hall.session.failures["notice"] = [error]
    hall.come_to(Step.NOTICE)
    hall.until(hall.clerk.bug_banner.isVisible)
    assert hooked == [ZeroDivisionError]
    number = report_bug(error)  # the same exception has the same number
    assert number in hall.clerk.bug_banner.remedy.text()
    assert wording.Leave.BUTTON not in hall.clerk.bug_banner.remedy.text()
    assert "先留着" in hall.clerk.bug_banner.remedy.text()
    way_out = hall.clerk.bug_banner.way_out
    assert way_out.isVisible()
    assert way_out.text().startswith("先留着")
    assert way_out.text().endswith("F9")


@pytest.mark.expects_log(r"bug [0-9A-Z]{6}\nZeroDivisionError")
@pytest.mark.parametrize("way", ["button", "key", "key on the page of reasons"])
def test_after_our_mistake_the_session_is_kept_from_where_it_is_said(hall, way) -> None:
    hall.open()
    hall.until_step(Step.PRECHECK)
    hall.until_way_on()
    hall.clerk.show_bug(ZeroDivisionError())
    if way == "button":
        QTest.mouseClick(hall.clerk.bug_banner.way_out, Qt.MouseButton.LeftButton)
    else:
        if "reasons" in way:
            hall.key(Qt.Key.Key_Escape)  # there the same key does the same
        hall.key(Qt.Key.Key_F9)
    hall.until(lambda: hall.clerk.view is None)
    assert hall.session.ended is None
    assert not hall.clerk.bug_banner.isVisible()
    hall.clerk.show_bug(ZeroDivisionError())
    assert hall.clerk.bug_banner.way_out is None  # nothing is open that could be kept
    hall.until(lambda: hall.session.calls("close") == 1)


def test_the_customer_sees_no_number_of_the_card(hall) -> None:
    hall.open()
    hall.until_step(Step.PRECHECK)
    shown = " ".join(label.text() for label in hall.customer.findChildren(type(hall.customer.message._title)))
    assert "1101" not in shown
    assert "138****0021" in shown


def write(pad) -> None:
    at = pad.field.topLeft().toPoint() + QPoint(40, 40)
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    for step in range(1, 12):
        QTest.mouseMove(pad, at + QPoint(10 * step, 3 * step))
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at + QPoint(120, 40))
