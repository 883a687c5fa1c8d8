"""A session in the clerk's window, driven by keys: how it is left, kept and let go of, and our own mistakes."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from hallclient.devices import ReaderState, ReaderStatus
from hallclient.domain.failures import FailureCode
from hallclient.domain.session import AbandonReason, SessionState
from hallclient.services.bug_log import report_bug
from tests.ui.clerks_hall import Hall, write
from tests.ui.doubles import Step
from ui import wording


@pytest.fixture
def hall(qtbot):
    made = Hall(qtbot)
    yield made
    made.close()


def test_nothing_dangerous_has_the_focus_when_a_session_stands(hall) -> None:
    hall.session.card_is_down.clear()
    hall.open()
    assert hall.clerk.focusWidget() is hall.clerk.view
    hall.key(Qt.Key.Key_Space)
    assert hall.clerk.view._stack.currentWidget() is hall.page
    assert hall.session.ended is None


def test_what_was_found_is_never_cut(hall) -> None:
    hall.come_to(Step.NOTICE)
    row = hall.clerk.view.steps.rows[Step.SIGNATURE]
    row.set_state("done", "111 点 · 压感笔 · 12 分 34 秒 · 由稽核员复核后决定")
    hall.until(lambda: row.found.height() >= row.found.heightForWidth(row.found.width()))
    assert "由稽核员复核后决定" in row.toolTip()


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
    assert hall.session.calls("start_recording") == 0
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
