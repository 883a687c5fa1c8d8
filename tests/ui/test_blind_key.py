"""A key that was meant for the page before does nothing on the next: real keys of the window, a clock by hand."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from hallclient.domain.card import Finding
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.staff import Role, Staff
from tests.ui import doubles, review_doubles
from tests.ui.clerks_hall import Hall
from tests.ui.doubles import Step
from tests.ui.test_reading import BRIEF
from ui.supervisor.window import ReviewWindow
from ui.widgets.blind_key import BLIND_S, BlindKeyFilter
from ui.widgets.key_button import KeyButton, action
from ui.widgets.key_repeat import KeyRepeatFilter

TOO_SOON_S, LATER_S = 0.15, BLIND_S + 0.01


class Hand:
    """Monotonic time, moved by the test."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Hand:
    hand = Hand()
    monkeypatch.setattr(doubles.FixedClock, "monotonic", lambda _: hand.now_s)
    return hand


@pytest.fixture
def hall(qtbot, qapp, monkeypatch, time) -> Iterator[Hall]:
    made = Hall(qtbot)
    made.session.text = BRIEF
    qtbot.waitUntil(lambda: qapp.focusWindow() is made.clerk.windowHandle())
    yield made
    made.close()


def stroke(window: QWidget, key: Qt.Key) -> None:
    """As the system sends it: to the window, where shortcuts are tried first; never so soon that it looks held down."""
    for held in QApplication.instance().findChildren(KeyRepeatFilter):
        held._released_ms.clear()
    QTest.keyClick(window.windowHandle(), key)
    QApplication.processEvents()


def compared(hall: Hall) -> None:
    hall.come_to(Step.PORTRAIT)
    hall.until(lambda: hall.customer.page is hall.customer.consent)
    hall.customer.consent.agree.click()
    hall.until_way_on()


def test_two_strokes_of_enter_go_on_by_one_page_and_start_no_recording(hall, time) -> None:
    compared(hall)
    time.now_s += LATER_S
    stroke(hall.clerk, Qt.Key.Key_Return)
    hall.until_step(Step.NOTICE)
    hall.until_way_on()
    time.now_s += TOO_SOON_S
    stroke(hall.clerk, Qt.Key.Key_Return)
    assert hall.session.calls("start_recording") == 0
    time.now_s += LATER_S
    stroke(hall.clerk, Qt.Key.Key_Return)
    hall.until(lambda: hall.session.calls("start_recording") == 1)


def precheck(hall: Hall) -> None:
    hall.open()
    hall.until_step(Step.PRECHECK)
    hall.until_way_on()


def unusable(hall: Hall) -> None:
    hall.session.findings, hall.session.usable = (Finding.EXPIRED,), False
    precheck(hall)


def notice(hall: Hall) -> None:
    hall.come_to(Step.NOTICE)
    hall.until_way_on()


def finish(hall: Hall) -> None:
    hall.come_to(Step.SEAL)
    hall.until(hall.page.primary_action.isEnabled)


def leave(hall: Hall) -> None:
    notice(hall)
    hall.clerk.view.leave.trigger()


def question(hall: Hall) -> None:
    unusable(hall)
    hall.page.primary_action.trigger()


def asked_for_the_other_way(hall: Hall) -> None:
    hall.session.failures["compare"] = [KnownError(FailureCode.CAMERA_MISSING)]
    hall.come_to(Step.PORTRAIT)
    hall.until(lambda: hall.customer.page is hall.customer.consent)
    hall.customer.consent.agree.click()
    hall.until(hall.page.secondary_action.isEnabled)


def place(hall: Hall) -> tuple[object, ...]:
    view = hall.clerk.view
    if view is None:
        return (None,)
    session = hall.session
    return view.step, view._stack.currentWidget(), session.state, session.next_step, len(session.called)


@pytest.mark.parametrize(
    ("come_to", "key"),
    [
        (precheck, Qt.Key.Key_Return),
        (precheck, Qt.Key.Key_Enter),
        (unusable, Qt.Key.Key_Return),
        (compared, Qt.Key.Key_Return),
        (notice, Qt.Key.Key_Return),
        (finish, Qt.Key.Key_Return),
        (finish, Qt.Key.Key_F7),
        (leave, Qt.Key.Key_F1),
        (leave, Qt.Key.Key_F9),
        (question, Qt.Key.Key_F10),
    ],
)
def test_each_page_takes_a_key_only_when_it_can_have_been_seen(hall, time, come_to: Callable, key: Qt.Key) -> None:
    come_to(hall)
    stood = place(hall)
    time.now_s += TOO_SOON_S
    stroke(hall.clerk, key)
    assert place(hall) == stood
    time.now_s += LATER_S
    stroke(hall.clerk, key)
    hall.until(lambda: place(hall) != stood)


def test_who_is_asked_has_time_to_see_the_question(hall, time) -> None:
    asked_for_the_other_way(hall)
    time.now_s += LATER_S
    stroke(hall.clerk, Qt.Key.Key_F6)
    stroke(hall.clerk, Qt.Key.Key_F10)
    assert hall.session.calls("leave_to_supervisor") == 0
    stroke(hall.clerk, Qt.Key.Key_Escape)  # no needs no time
    assert hall.clerk.view._stack.currentWidget() is hall.page


def test_what_is_typed_and_sent_on_the_start_page_at_once_opens_a_session(hall) -> None:
    """A scanner types a number and Enter within milliseconds."""
    for digit in "13800000021":
        stroke(hall.clerk, Qt.Key(ord(digit)))
    stroke(hall.clerk, Qt.Key.Key_Return)
    hall.until(lambda: hall.clerk.view is not None)


def test_a_case_that_has_just_opened_is_not_decided_by_keys_for_the_one_before(qtbot, qapp, time) -> None:
    desk = review_doubles.ReviewDesk([review_doubles.review_case("s-1"), review_doubles.review_case("s-2", minutes=3)])
    window = ReviewWindow(desk, doubles.Dispatch(), Staff("2001", Role.SUPERVISOR), doubles.FixedClock())
    window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: qapp.focusWindow() is window.windowHandle() and window.case is not None)
    stroke(window, Qt.Key.Key_A)
    assert window.verdict.decision is None
    time.now_s += LATER_S
    stroke(window, Qt.Key.Key_A)
    assert window.verdict.decision is not None
    with qtbot.waitSignal(window.closed):
        window.close()
    window.deleteLater()


@pytest.fixture
def view(qtbot, qapp) -> QWidget:
    view = QWidget()
    view.field, view.done = QLineEdit(), action(view, "go", Qt.Key.Key_Return)
    column = QVBoxLayout(view)
    column.addWidget(view.field)
    column.addWidget(KeyButton(view.done))
    qtbot.addWidget(view)
    view.show()
    view.activateWindow()
    qtbot.waitUntil(lambda: qapp.focusWindow() is view.windowHandle())
    return view


@pytest.mark.parametrize(
    ("after_s", "typing", "acts"),
    [(0.0, False, False), (0.39, False, False), (0.41, False, True), (0.0, True, True)],
)
def test_only_for_a_short_time_and_not_where_somebody_writes(view, after_s: float, typing: bool, acts: bool) -> None:
    time, done = Hand(), []
    view.done.triggered.connect(lambda: done.append(True))
    if typing:
        view.field.setFocus()
    else:
        view.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        view.setFocus()
    blind = BlindKeyFilter(view, time)
    blind.turned()
    time.now_s += after_s
    stroke(view, Qt.Key.Key_Return)
    assert bool(done) is acts
    done.clear()
    view.done.trigger()  # a click, or a program
    assert done
