"""A page that is left, and a session that is being abandoned: whatever arrives then shows nothing on either screen."""

import threading

import pytest
from PySide6.QtCore import Qt

from hallclient.domain.evidence.facts.portrait import ConsentFacts
from hallclient.domain.evidence.text_shown import TextShown
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.liveness import Challenge
from hallclient.domain.notice import Notice
from hallclient.domain.session import AbandonReason, SessionState
from tests.ui.clerks_hall import Hall
from tests.ui.doubles import Step
from ui import wording
from ui.widgets.text import Text

BRIEF = Notice("fraud_risk", "1", "2026-01-01", "涉诈风险告知书", "", ("一", "二", "三"))
CONSENT = ConsentFacts(given=True, text=TextShown(code="face_consent", version="1", sha256=""))
A_BUG = pytest.mark.expects_log(r"bug [0-9A-Z]{6}\nZeroDivisionError")


@pytest.fixture
def hall(qtbot, monkeypatch):
    made = Hall(qtbot)
    made.session.text = BRIEF
    monkeypatch.setattr("sys.excepthook", lambda kind, error, trace: None)
    yield made
    made.session.camera_opens.set()
    made.close()


class Held:
    """A call of a step, or of the session, that comes back, or fails, when the test lets it."""

    def __init__(self, hall, monkeypatch, step: Step, method: str, failure: Exception | None = None) -> None:
        called = whose(hall, step)
        self._call, self._failure = getattr(called, method), failure
        self.entered, self.may_end = threading.Event(), threading.Event()
        monkeypatch.setattr(called, method, self)

    def __call__(self, *arguments: object) -> object:
        self.entered.set()
        assert self.may_end.wait(60)
        if self._failure is not None:
            raise self._failure
        return self._call(*arguments)


def whose(hall, step: Step) -> object:
    """Who does this step: the seal is the session's."""
    return hall.session if step is Step.SEAL else hall.session.work(step)


def begin(hall, step: Step) -> None:
    """Stand at the page of this step."""
    if step is Step.CARD:
        hall.open()
    else:
        hall.come_to(step)


def words(widget) -> list[str]:
    return [label.text() for label in widget.findChildren(Text) if label.isVisible()]


def on_the_screens(hall, page) -> tuple[object, ...]:
    texts = [label.text() for label in page.findChildren(Text)]  # also of those that a layout has not shown yet
    return texts, page.primary_action.text(), page.banner.error, hall.customer.page, words(hall.customer)


@pytest.mark.parametrize("end", ["done", "failed", pytest.param("crashed", marks=A_BUG)])
@pytest.mark.parametrize(
    ("step", "method"),
    [
        (Step.CARD, "read"),
        (Step.PRECHECK, "check"),
        (Step.PORTRAIT, "consent_text"),
        (Step.PORTRAIT, "compare"),
        (Step.NOTICE, "notice"),
        (Step.NOTICE, "restart_recording"),
        (Step.NOTICE, "start_recording"),
        (Step.NOTICE, "show_line"),
        (Step.SIGNATURE, "notice"),
        (Step.SEAL, "seal"),
    ],
)
def test_what_arrives_at_a_page_that_was_left_shows_nothing(hall, monkeypatch, step, method, end) -> None:
    failures = {"failed": KnownError(FailureCode.DISK_FULL), "crashed": ZeroDivisionError()}
    held = Held(hall, monkeypatch, step, method, failures.get(end))
    if method == "compare":
        hall.portrait.keep(consent=CONSENT)
    begin(hall, step)
    if method in ("restart_recording", "start_recording", "show_line"):
        hall.until_way_on()
        hall.key(Qt.Key.Key_Return)
    hall.until(held.entered.is_set)
    page, told = hall.page, []
    for signal in (page.finished, page.failed, page.stopped, page.over, page.customer_shown):
        signal.connect(lambda *what: told.append(what))
    page.leave()
    hall.customer.show_abandoned()
    before, calls = on_the_screens(hall, page), len(hall.session.called)
    held.may_end.set()
    hall.until(page.workplace.background.idle)
    assert on_the_screens(hall, page) == before
    assert told == []
    assert len(hall.session.called) <= calls + 1  # the call that was held itself: nothing was asked because of it
    assert hall.customer.page.sentence == wording.Customer.ABANDONED


def test_a_page_that_was_left_asks_for_nothing(hall) -> None:
    hall.come_to(Step.NOTICE)
    hall.until_way_on()
    page = hall.page
    page.leave()
    calls = len(hall.session.called)
    page.retry()
    page.go_on()
    hall.until(page.workplace.background.idle)
    assert len(hall.session.called) == calls


def begin_to_open(hall) -> None:
    """The reading was begun; its camera does not open yet."""
    hall.session.camera_opens.clear()
    hall.come_to(Step.NOTICE)
    hall.until_way_on()
    hall.key(Qt.Key.Key_Return)
    hall.until(lambda: hall.session.calls("start_recording") == 1)


def leave_page(hall):
    return hall.clerk.view._leave_page


def is_ending(hall) -> bool:
    page = leave_page(hall)
    return hall.clerk.view._stack.currentWidget() is page and page.headline.text() == wording.Leave.ENDING


@pytest.mark.parametrize("heard", [True, False], ids=["the opening ends", "it was open already"])
def test_a_session_that_is_abandoned_while_the_camera_opens_ends_so_on_both_screens(hall, heard: bool) -> None:
    hall.session.stop_is_heard = heard
    begin_to_open(hall)
    hall.key(Qt.Key.Key_Escape)
    hall.key(Qt.Key.Key_F1)
    if not heard:
        assert is_ending(hall)
        hall.session.camera_opens.set()
    hall.until(lambda: hall.clerk.view is None)
    hall.until(lambda: hall.session.calls("close") == 1)
    assert hall.session.ended == (SessionState.ABANDONED, AbandonReason.CUSTOMER_WITHDREW)
    assert hall.session.shown_lines == []
    assert hall.customer.page.sentence == wording.Customer.ABANDONED
    assert not hall.clerk.bug_banner.isVisible()


def test_who_has_chosen_to_abandon_reads_it_at_once_and_can_choose_nothing_else(hall) -> None:
    hall.session.stop_is_heard = False
    begin_to_open(hall)
    hall.key(Qt.Key.Key_Escape)
    assert not is_ending(hall)
    hall.key(Qt.Key.Key_F1)
    assert is_ending(hall)
    assert leave_page(hall).status.text() == wording.Leave.ENDING_STATUS
    assert not any(way.isEnabled() for way in (*leave_page(hall).reasons, hall.clerk.view.keep))
    for key in (Qt.Key.Key_Escape, Qt.Key.Key_F2, Qt.Key.Key_F9, Qt.Key.Key_Return):
        hall.key(key)
        assert is_ending(hall)
    hall.clerk.view.leave.trigger()  # as the strip of a shared screen does
    assert is_ending(hall)
    assert not hall.clerk.view.ask_to_close(lambda: None)
    hall.session.camera_opens.set()
    hall.until(lambda: hall.clerk.view is None)
    assert hall.session.calls("abandon") == 1
    assert hall.session.ended == (SessionState.ABANDONED, AbandonReason.CUSTOMER_WITHDREW)


@pytest.mark.parametrize("failure", [KnownError(FailureCode.DISK_FULL), pytest.param(ZeroDivisionError(), marks=A_BUG)])
def test_after_an_end_that_failed_everything_can_be_chosen_again(hall, failure: Exception) -> None:
    hall.session.failures["abandon"] = [failure]
    begin_to_open(hall)
    hall.key(Qt.Key.Key_Escape)
    hall.key(Qt.Key.Key_F1)
    hall.until(lambda: hall.clerk.view._stack.currentWidget() is hall.page)
    hall.session.camera_opens.set()
    hall.until_way_on()
    hall.key(Qt.Key.Key_Return)
    hall.until(lambda: hall.page.line == 0)
    hall.key(Qt.Key.Key_Escape)
    assert leave_page(hall).headline.text() == wording.Leave.HEADLINE
    hall.key(Qt.Key.Key_F1)
    hall.until(lambda: hall.clerk.view is None)
    assert hall.session.calls("abandon") == 2


def test_a_step_that_is_done_while_the_session_cannot_be_ended_is_done(hall, monkeypatch) -> None:
    held = Held(hall, monkeypatch, Step.CARD, "read")
    hall.session.failures["abandon"] = [KnownError(FailureCode.DISK_FULL)]
    hall.open()
    hall.until(held.entered.is_set)
    hall.key(Qt.Key.Key_Escape)
    hall.key(Qt.Key.Key_F1)
    held.may_end.set()
    hall.until_failure(FailureCode.DISK_FULL)
    hall.until(lambda: hall.session.is_done(Step.CARD))
    assert hall.clerk.view.step == Step.PRECHECK
    hall.until_way_on()
    assert hall.page.banner.isVisible()


@pytest.mark.parametrize("heard", [True, False], ids=["the opening ends", "it was open already"])
def test_a_reading_that_was_put_aside_while_it_opened_can_be_begun_again(hall, heard: bool) -> None:
    hall.session.stop_is_heard = heard
    begin_to_open(hall)
    hall.key(Qt.Key.Key_Escape)
    if not heard:
        hall.session.camera_opens.set()
    hall.until(hall.page.workplace.background.idle)
    hall.until(hall.page.primary_action.isEnabled)
    hall.key(Qt.Key.Key_Escape)
    assert hall.session.shown_lines == []
    assert hall.session.calls("restart_recording") == (1 if heard else 2)  # what ran all the same is thrown away
    assert hall.customer.page.sentence == wording.Customer.READ_SOON
    assert hall.page.headline.text() == wording.Reading.HEADLINE_READY
    assert not hall.page.banner.isVisible()
    assert hall.page.at_stake() is None
    hall.session.camera_opens.set()
    hall.key(Qt.Key.Key_Return)
    hall.until(lambda: hall.page.line == 0)
    assert hall.customer.page is hall.customer.reading


def test_a_reading_that_is_put_aside_before_its_camera_opens_opens_none(hall, monkeypatch) -> None:
    held = Held(hall, monkeypatch, Step.NOTICE, "restart_recording")
    hall.come_to(Step.NOTICE)
    hall.until_way_on()
    hall.key(Qt.Key.Key_Return)
    hall.until(held.entered.is_set)
    hall.key(Qt.Key.Key_Escape)
    held.may_end.set()
    hall.until(hall.page.primary_action.isEnabled)
    assert hall.session.calls("start_recording") == 0
    hall.key(Qt.Key.Key_Escape)
    hall.key(Qt.Key.Key_Return)
    hall.until(lambda: hall.page.line == 0)


# A mistake of ours in a step's task.


@A_BUG
@pytest.mark.parametrize(
    ("step", "method"),
    [
        (Step.CARD, "read"),
        (Step.PRECHECK, "check"),
        (Step.PORTRAIT, "consent_text"),
        (Step.PORTRAIT, "give_consent"),
        (Step.PORTRAIT, "compare"),
        (Step.NOTICE, "notice"),
        (Step.NOTICE, "restart_recording"),
        (Step.NOTICE, "start_recording"),
        (Step.NOTICE, "show_line"),
        (Step.SIGNATURE, "notice"),
        (Step.SEAL, "seal"),
    ],
)
def test_a_mistake_of_ours_pauses_both_screens_as_a_failure_does_and_can_be_tried_again(
    hall, monkeypatch, step, method
) -> None:
    seen = []
    called = whose(hall, step)
    calls = getattr(called, method)
    failures: list[Exception] = [KnownError(FailureCode.INTERNAL_ERROR, number="7K2M9Q"), ZeroDivisionError()]

    def fail(*arguments: object) -> object:
        if failures:
            raise failures.pop(0)
        return calls(*arguments)

    monkeypatch.setattr(called, method, fail)
    if method == "compare":
        hall.portrait.keep(consent=CONSENT)
    begin(hall, step)
    if method == "give_consent":
        hall.until(lambda: hall.customer.page is hall.customer.consent)
        hall.customer.consent.agree.click()
    if method in ("restart_recording", "start_recording", "show_line"):
        hall.until_way_on()
        hall.key(Qt.Key.Key_Return)
    page = hall.page
    for left in (1, 0):
        hall.until(lambda left=left: len(failures) == left and page.banner.error is not None)
        hall.until(page.workplace.background.idle)
        assert page.banner.error.code is FailureCode.INTERNAL_ERROR
        assert page.banner.error.number
        assert page.banner.again.isEnabled()
        said = page.headline.text(), page.status.text(), hall.customer.page, words(hall.customer)
        seen.append((said, [way.isEnabled() for way in (page.primary_action, *page.secondary_actions)]))
        if left:
            assert not hall.clerk.bug_banner.isVisible()
        hall.key(Qt.Key.Key_F5)
    assert seen[0] == seen[1]
    assert hall.clerk.bug_banner.isVisible()  # with the number, and the way out
    hall.until(lambda: page.banner.error is None)  # it was tried again


@A_BUG
def test_after_a_mistake_in_the_middle_of_a_challenge_nothing_is_asked_and_two_open_the_other_way(
    hall, monkeypatch
) -> None:
    may_fail = threading.Event()

    def look(listener, stop) -> None:
        listener.on_challenge(Challenge.TURN_LEFT)
        assert may_fail.wait(60)
        raise ZeroDivisionError

    monkeypatch.setattr(hall.portrait, "_look", look)
    hall.portrait.keep(consent=CONSENT)
    hall.come_to(Step.PORTRAIT)
    for is_open in (False, True):
        hall.until(lambda: hall.customer.look.challenge is Challenge.TURN_LEFT)
        may_fail.set()
        hall.until_failure(FailureCode.INTERNAL_ERROR)
        assert hall.page.headline.text() == wording.Portrait.HEADLINE_PAUSED
        left = wording.attempts_left(hall.portrait.facts.liveness, None)
        assert hall.page.status.text() == left + (wording.Portrait.OTHER_WAY_TOO if is_open else "")
        assert hall.customer.look.sentence == wording.Customer.LOOK_PAUSED
        assert hall.customer.look.challenge is None
        assert hall.page.banner.error.number in hall.clerk.bug_banner.remedy.text()
        assert hall.page.secondary_action.isEnabled() is is_open
        may_fail.clear()
        if not is_open:
            hall.key(Qt.Key.Key_F5)
    hall.go_the_other_way()
    hall.until_way_on()
    assert hall.session.calls("leave_to_supervisor") == 1
