"""The start page: a number is typed, a session is begun or continued."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from hallclient.devices import ReaderState, ReaderStatus
from hallclient.domain.failures import FAILURES, FailureCode, KnownError
from tests.ui import doubles
from tests.ui.clerks_hall import Hall
from tests.ui.doubles import Step
from ui import wording
from ui.widgets.row_button import RowButton


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
    assert not hall.counter.opening.is_set()


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


def test_an_unfinished_session_goes_on_at_its_step(hall) -> None:
    hall.session.the(doubles.CardStep).read(0)
    hall.session.come_to(Step.SIGNATURE)
    item = doubles.kept("s", "second_verification", "138****0021", Step.SIGNATURE)
    hall.clerk.start.unfinished.show_sessions([item])
    hall.clerk.start.unfinished.continued.emit("s")
    hall.until(lambda: hall.clerk.view is not None)
    hall.until_step(Step.SIGNATURE)
    assert hall.clerk.view.steps.is_done(Step.NOTICE)


def test_reader_and_network_in_plain_words(hall) -> None:
    hall.until(lambda: hall.clerk.top.reader.text() == wording.READER_STATES[ReaderState.READY])
    hall.counter.tell_reader(ReaderStatus(ReaderState.TROUBLE, None, FailureCode.READER_MISSING))
    hall.until(lambda: hall.clerk.top.reader.text() == FAILURES[FailureCode.READER_MISSING].cause)
    hall.dispatch.tell(online=False, waiting=3)
    hall.until(lambda: hall.clerk.top.network.text() == wording.Top.OFFLINE.format(waiting=3))
