"""The reading on both screens: what dies is said, what is muted is said, and a key acts once."""

import threading

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from hallclient.devices import Frame
from hallclient.domain.evidence.facts.notice import LineEnd
from hallclient.domain.failures import FAILURES, FailureCode, KnownError
from hallclient.domain.notice import Notice
from tests.ui.clerks_hall import Hall
from tests.ui.doubles import NOTICE, NoticeStep, Step, picture
from ui import wording
from ui.customer.look import LookPage
from ui.customer.reading import ReadingPage
from ui.latest_value import LatestValue
from ui.widgets.key_button import KeyButton, action
from ui.widgets.number_field import NumberField
from ui.widgets.text import Text

BRIEF = Notice("fraud_risk", "1", "2026-01-01", "涉诈风险告知书", "", ("一", "二", "三"))


@pytest.fixture
def hall(qtbot, monkeypatch):
    made = Hall(qtbot)
    made.session.text = BRIEF
    yield made
    made.close()


def begin_to_read(hall) -> None:
    hall.come_to(Step.NOTICE)
    hall.until_way_on()
    hall.key(Qt.Key.Key_Return)
    hall.until(lambda: hall.page.line == 0 and hall.page.primary_action.isEnabled())


def customer_says(hall) -> list[str]:
    """Every word that the customer can see."""
    return [label.text() for label in hall.customer.page.findChildren(type(hall.page.status)) if label.isVisible()]


def from_a_device(hall, error: KnownError | None) -> None:
    """The session tells it on a thread of its own, while nobody asks."""
    thread = threading.Thread(target=hall.session.tell_trouble, args=[error])
    thread.start()
    thread.join()


def test_what_keeps_the_torn_recording_from_going_is_said_too(hall) -> None:
    begin_to_read(hall)
    hall.session.failures["restart_recording"] = [KnownError(FailureCode.STORE_READ_ONLY)]
    from_a_device(hall, KnownError(FailureCode.CAMERA_STOPPED))
    hall.until_failure(FailureCode.STORE_READ_ONLY)
    hall.key(Qt.Key.Key_F5)
    hall.until(lambda: hall.page.line == 0 and hall.page.primary_action.isEnabled())
    assert not hall.page.banner.isVisible()


@pytest.mark.expects_log("nobody heard that a call failed: disk_full")
def test_what_nobody_asked_to_hear_of_is_said_by_the_page_and_hides_no_other_failure(hall) -> None:
    def fail(code: FailureCode) -> None:
        raise KnownError(code)

    begin_to_read(hall)
    background = hall.clerk.view.workplace.background
    background.run(lambda: fail(FailureCode.DISK_FULL))
    hall.until_failure(FailureCode.DISK_FULL)
    assert not hall.page.banner.button.isVisible()
    assert hall.page.line == 0  # the reading goes on
    from_a_device(hall, KnownError(FailureCode.CAMERA_STOPPED))
    hall.until_failure(FailureCode.CAMERA_STOPPED)
    background.run(lambda: fail(FailureCode.DISK_FULL))
    hall.until(background.idle)
    assert hall.page.banner.error.code is FailureCode.CAMERA_STOPPED


@pytest.mark.parametrize(
    "code",
    [
        FailureCode.RECORDER_FAILED,
        FailureCode.DISK_FULL,
        FailureCode.CAMERA_STOPPED,
        FailureCode.MICROPHONE_STOPPED,
    ],
)
def test_both_screens_say_what_died_and_one_key_begins_again(hall, code: FailureCode) -> None:
    begin_to_read(hall)
    assert wording.Customer.RECORDING in [hall.customer.reading._mark.text()]
    restarts = hall.session.calls("restart_recording")
    from_a_device(hall, KnownError(code))
    hall.until_failure(code)
    assert hall.page.banner.remedy.text() == FAILURES[code].remedy
    assert hall.customer.page is hall.customer.message
    assert hall.customer.page.sentence == wording.Customer.READ_PAUSED
    hall.until(lambda: hall.session.calls("restart_recording") == restarts + 1)  # the torn file goes at once
    assert hall.page.line is None
    hall.key(Qt.Key.Key_F5)
    hall.until(lambda: hall.page.line == 0 and hall.page.primary_action.isEnabled())
    assert hall.customer.page is hall.customer.reading
    assert not hall.page.banner.isVisible()
    assert hall.session.shown_lines == [0, 0]


def test_a_death_at_the_last_key_is_said_on_both_screens(hall) -> None:
    hall.session.failures["finish_recording"] = [KnownError(FailureCode.RECORDER_FAILED)]
    begin_to_read(hall)
    for line in (1, 2):
        hall.key(Qt.Key.Key_Return)
        hall.until(lambda due=line: hall.page.line == due and hall.page.primary_action.isEnabled())
    hall.key(Qt.Key.Key_Return)
    hall.until_failure(FailureCode.RECORDER_FAILED)
    assert hall.customer.page.sentence == wording.Customer.READ_PAUSED
    hall.key(Qt.Key.Key_Return)  # the way on begins again, too
    hall.until(lambda: hall.page.line == 0 and hall.page.primary_action.isEnabled())


@pytest.mark.parametrize("way", [Qt.Key.Key_F5, Qt.Key.Key_Return], ids=["again", "the way on"])
def test_a_whole_reading_that_a_busy_disk_did_not_take_is_kept_by_a_key_and_not_read_again(hall, way: Qt.Key) -> None:
    begin_to_read(hall)
    for line in (1, 2):
        hall.key(Qt.Key.Key_Return)
        hall.until(lambda due=line: hall.page.line == due and hall.page.primary_action.isEnabled())
    restarts = hall.session.calls("restart_recording")
    hall.session.failures["finish_recording"] = [KnownError(FailureCode.STORE_BUSY), KnownError(FailureCode.STORE_BUSY)]
    hall.session.recording_is_whole = True
    hall.key(Qt.Key.Key_Return)
    hall.until_failure(FailureCode.STORE_BUSY)
    assert hall.page.status.text().endswith(wording.Reading.NOT_KEPT)
    assert hall.customer.page.sentence != wording.Customer.READ_PAUSED
    assert hall.page.at_stake() is not None  # leaving now would lose it
    hall.key(way)
    hall.until(lambda: hall.session.calls("finish_recording") == 2 and hall.page.banner.isVisible())
    hall.until_way_on()
    hall.key(way)
    hall.until(lambda: hall.session.is_done(Step.NOTICE))
    assert hall.session.calls("restart_recording") == restarts
    assert hall.session.shown_lines == [0, 1, 2]


def test_who_would_rather_have_a_whole_reading_read_again_may(hall) -> None:
    begin_to_read(hall)
    for line in (1, 2):
        hall.key(Qt.Key.Key_Return)
        hall.until(lambda due=line: hall.page.line == due and hall.page.primary_action.isEnabled())
    restarts = hall.session.calls("restart_recording")
    hall.session.failures["finish_recording"] = [KnownError(FailureCode.DISK_FULL)]
    hall.session.recording_is_whole = True
    hall.key(Qt.Key.Key_Return)
    hall.until_failure(FailureCode.DISK_FULL)
    hall.key(Qt.Key.Key_F8)
    assert asked(hall)
    assert hall.page.at_stake().status == wording.Reading.STAKE_WHOLE  # nothing is recorded any more, nor said to be
    hall.session.recording_is_whole = False
    hall.clerk.view.question.yes.trigger()
    hall.until(lambda: hall.page.line == 0 and hall.page.primary_action.isEnabled())
    assert hall.session.calls("restart_recording") == restarts + 1


@pytest.mark.parametrize("code", [FailureCode.RECORDING_TOO_SHORT, FailureCode.MICROPHONE_SILENT])
def test_a_line_that_was_not_read_stays_before_the_customer(hall, code: FailureCode) -> None:
    hall.session.failures["show_line"] = []
    begin_to_read(hall)
    hall.session.failures["show_line"] = [KnownError(code)]
    hall.key(Qt.Key.Key_Return)
    hall.until_failure(code)
    assert hall.page.line == 0
    assert hall.customer.page is hall.customer.reading
    hall.until_way_on()
    hall.key(Qt.Key.Key_Return)
    hall.until(lambda: hall.page.line == 1 and hall.page.primary_action.isEnabled())
    hall.key(Qt.Key.Key_Return)
    hall.until(lambda: hall.page.line == 2 and hall.page.primary_action.isEnabled())
    hall.session.failures["finish_recording"] = [KnownError(code)]
    hall.key(Qt.Key.Key_Return)
    hall.until_failure(code)
    assert hall.page.line == 2
    assert hall.customer.page is hall.customer.reading  # and no longer "saving"
    restarts = hall.session.calls("restart_recording")
    hall.until_way_on()
    hall.key(Qt.Key.Key_Return)
    hall.until(lambda: hall.session.is_done(Step.NOTICE))
    assert hall.session.calls("restart_recording") == restarts


def test_a_muted_microphone_is_said_on_both_screens_until_it_is_heard(hall) -> None:
    begin_to_read(hall)
    from_a_device(hall, KnownError(FailureCode.MICROPHONE_SILENT))
    hall.until_failure(FailureCode.MICROPHONE_SILENT)
    assert wording.Customer.NOT_HEARD in customer_says(hall)
    assert hall.page.line == 0
    from_a_device(hall, None)
    hall.until(lambda: not hall.page.banner.isVisible())
    assert wording.Customer.NOT_HEARD not in customer_says(hall)
    assert wording.Customer.READ_ALOUD in customer_says(hall)


@pytest.mark.parametrize("when", ["before the page knows that it runs", "while line 0 is turned to"])
@pytest.mark.parametrize("code", [FailureCode.RECORDER_FAILED, FailureCode.MICROPHONE_SILENT])
def test_trouble_before_the_first_line_stands_is_not_thrown_away(hall, monkeypatch, when: str, code) -> None:
    """The session's answer is on its way to the screen when it comes; then nobody asks before the next key."""
    method = "start_recording" if when == "before the page knows that it runs" else "show_line"
    reads = hall.session.the(NoticeStep)
    call = getattr(reads, method)
    troubles = [KnownError(code)]

    def and_trouble(*arguments: object) -> None:
        call(*arguments)
        if troubles:
            hall.session.tell_trouble(troubles.pop())

    monkeypatch.setattr(reads, method, and_trouble)
    hall.come_to(Step.NOTICE)
    hall.until_way_on()
    hall.key(Qt.Key.Key_Return)
    hall.until_failure(code)
    if code is FailureCode.MICROPHONE_SILENT:
        hall.until(lambda: hall.page.line == 0)
        assert hall.page.banner.isVisible()
        assert wording.Customer.NOT_HEARD in customer_says(hall)
    else:
        hall.until(hall.page.workplace.background.idle)
        assert hall.page.line is None
        assert hall.customer.page.sentence == wording.Customer.READ_PAUSED
        hall.until_way_on()
        hall.key(Qt.Key.Key_F5)
        hall.until(lambda: hall.page.line == 0 and hall.page.primary_action.isEnabled())


def test_a_line_that_was_turned_to_too_late_does_not_revive_a_dead_reading(hall) -> None:
    begin_to_read(hall)
    page = hall.page
    page._turn_to_line(1, LineEnd.CLERK)
    page._hear_trouble(KnownError(FailureCode.CAMERA_STOPPED))  # overtakes the session's answer
    hall.until(page.workplace.background.idle)
    assert hall.session.shown_lines == [0, 1]  # the session had turned to it
    assert page.line is None
    assert hall.customer.page.sentence == wording.Customer.READ_PAUSED


def test_who_ended_a_line_is_told_to_the_session(hall) -> None:
    begin_to_read(hall)
    hall.until(hall.customer.reading.read.isEnabled)
    QTest.mouseClick(hall.customer.reading.read, Qt.MouseButton.LeftButton)
    hall.until(lambda: hall.page.line == 1 and hall.page.primary_action.isEnabled())
    hall.key(Qt.Key.Key_Return)
    hall.until(lambda: hall.page.line == 2 and hall.page.primary_action.isEnabled())
    hall.until(hall.customer.reading.read.isEnabled)
    QTest.mouseClick(hall.customer.reading.read, Qt.MouseButton.LeftButton)
    hall.until(lambda: hall.session.is_done(Step.NOTICE))
    assert hall.session.line_ends == [LineEnd.CUSTOMER, LineEnd.CLERK, LineEnd.CUSTOMER]


def test_one_level_is_one_bar_however_often_the_reading_begins(qtbot) -> None:
    page, frames, levels = ReadingPage(), LatestValue(), LatestValue()
    qtbot.addWidget(page)
    for _ in range(3):
        page.prepare(NOTICE, frames, levels)
    levels.arrived.emit(0.75)
    assert list(page.bars.levels).count(0.75) == 1
    other_frames, other_levels = LatestValue(), LatestValue()
    page.prepare(NOTICE, other_frames, other_levels)
    levels.arrived.emit(0.5)  # of a session that is over
    other_levels.arrived.emit(0.25)
    assert (list(page.bars.levels).count(0.5), list(page.bars.levels).count(0.25)) == (0, 1)


def test_one_picture_is_drawn_once_however_often_the_customer_is_asked_to_look(qtbot, monkeypatch) -> None:
    page, frames = LookPage(), LatestValue()
    qtbot.addWidget(page)
    for _ in range(3):
        page.follow(frames, "")
    drawn = []
    monkeypatch.setattr(page.view, "show_image", drawn.append)
    frames.arrived.emit(Frame(0.0, picture()))
    other = LatestValue()
    page.follow(other, "")
    frames.arrived.emit(Frame(0.0, picture()))  # of a session that is over
    assert [image is not None for image in drawn] == [True, False]  # the second: a new page begins without a picture


class Keyboard:
    """Sends a window what the system sends it for a key: the question for shortcuts, then the press."""

    def __init__(self, window: QWidget) -> None:
        self._handle: QObject = window.windowHandle()

    def press(self, key: Qt.Key, time_ms: int, *, repeated: bool = False) -> bool:
        """Whether somebody below the window may see it: a shortcut or a widget."""
        question = self._event(QEvent.Type.ShortcutOverride, key, time_ms, repeated)
        press = self._event(QEvent.Type.KeyPress, key, time_ms, repeated)
        question.ignore()
        swallowed = QApplication.sendEvent(self._handle, question) and question.isAccepted()
        QApplication.sendEvent(self._handle, press)
        return not swallowed

    def release(self, key: Qt.Key, time_ms: int, *, repeated: bool = False) -> None:
        QApplication.sendEvent(self._handle, self._event(QEvent.Type.KeyRelease, key, time_ms, repeated))

    @staticmethod
    def _event(kind: QEvent.Type, key: Qt.Key, time_ms: int, repeated: bool) -> QKeyEvent:
        text = chr(key).lower() if key < Qt.Key.Key_Escape else "\r" if key is Qt.Key.Key_Return else ""
        event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, text, repeated)
        event.setTimestamp(time_ms)
        return event


@pytest.fixture
def window(qtbot, qapp):
    """A field and an action, in a window that has the keyboard."""
    window = QWidget()
    window.field = QLineEdit()
    window.done = action(window, "go", Qt.Key.Key_Return)
    column = QVBoxLayout(window)
    column.addWidget(window.field)
    column.addWidget(KeyButton(window.done))
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    window.field.setFocus()
    qtbot.waitUntil(lambda: qapp.focusWindow() is window.windowHandle())
    return window


def test_a_held_key_acts_once_whether_or_not_qt_sees_that_it_is_held(window) -> None:
    keyboard = Keyboard(window)
    assert keyboard.press(Qt.Key.Key_Return, 1000)
    for time_ms in (1660, 1700, 1740):
        keyboard.release(Qt.Key.Key_Return, time_ms, repeated=True)
        assert not keyboard.press(Qt.Key.Key_Return, time_ms, repeated=True)
    for time_ms in (1780, 1820, 1860):  # as X11 sends it, and Qt takes it for strokes of the finger
        keyboard.release(Qt.Key.Key_Return, time_ms)
        assert not keyboard.press(Qt.Key.Key_Return, time_ms + 1)
    keyboard.release(Qt.Key.Key_Return, 2000)
    assert keyboard.press(Qt.Key.Key_Return, 2060)


def test_moving_and_erasing_keys_repeat(window) -> None:
    keyboard = Keyboard(window)
    window.field.setText("abc")
    keyboard.press(Qt.Key.Key_Backspace, 2000)
    keyboard.press(Qt.Key.Key_Backspace, 2040, repeated=True)
    assert window.field.text() == "a"


@pytest.mark.parametrize("gap_ms", [0, 1, 10, 24, 60])
@pytest.mark.parametrize("repeated", [False, True])  # X11 stamps both alike where a scanner is quick: Qt sees one key
@pytest.mark.parametrize("echo", [QLineEdit.EchoMode.Normal, QLineEdit.EchoMode.Password])
def test_doubled_digits_arrive_in_a_field_however_fast(window, gap_ms, repeated, echo) -> None:
    window.field.setEchoMode(echo)
    keyboard, time_ms = Keyboard(window), 1000
    for number, digit in enumerate("13800000021"):
        keyboard.press(Qt.Key(ord(digit)), time_ms, repeated=repeated and number > 0)
        keyboard.release(Qt.Key(ord(digit)), time_ms, repeated=repeated)
        time_ms += gap_ms
    assert window.field.text() == "13800000021"


def test_doubled_digits_arrive_in_the_number_field(qtbot, qapp) -> None:
    field = NumberField()
    qtbot.addWidget(field)
    field.show()
    field.activateWindow()
    field.setFocus()
    qtbot.waitUntil(lambda: qapp.focusWindow() is field.windowHandle())
    keyboard = Keyboard(field)
    for time_ms, digit in enumerate("13800000021", 1000):
        keyboard.press(Qt.Key(ord(digit)), time_ms)
        keyboard.release(Qt.Key(ord(digit)), time_ms)
    assert field.digits == "13800000021"


def test_a_held_letter_that_is_an_action_acts_once(window) -> None:
    window.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    window.setFocus()
    keyboard = Keyboard(window)
    assert keyboard.press(Qt.Key.Key_A, 1000)
    assert not keyboard.press(Qt.Key.Key_A, 1040, repeated=True)
    keyboard.release(Qt.Key.Key_A, 1080)
    assert not keyboard.press(Qt.Key.Key_A, 1081)


def test_strokes_without_a_time_are_strokes(window) -> None:
    keyboard = Keyboard(window)
    for _ in range(3):
        assert keyboard.press(Qt.Key.Key_Return, 0)
        keyboard.release(Qt.Key.Key_Return, 0)


def asked(hall) -> bool:
    return hall.clerk.view._stack.currentWidget() is hall.clerk.view.question


@pytest.mark.parametrize(
    "presses",
    [
        (Qt.Key.Key_Escape,),
        (Qt.Key.Key_Space,),  # the way back has the focus
        (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F8, Qt.Key.Key_Escape),
    ],
)
def test_reading_again_is_asked_first_and_no_loses_nothing(hall, presses: tuple[Qt.Key, ...]) -> None:
    begin_to_read(hall)
    restarts = hall.session.calls("restart_recording")
    hall.key(Qt.Key.Key_F8)
    assert asked(hall)
    for index, key in enumerate(presses):
        assert asked(hall), presses[:index]
        hall.key(key)
    assert not asked(hall)
    assert hall.session.calls("restart_recording") == restarts
    assert hall.page.line == 0
    assert hall.customer.page is hall.customer.reading
    hall.clerk.view.question.yes.trigger()  # what was answered with no is not done by a late yes
    hall.key(Qt.Key.Key_Return)
    hall.until(lambda: hall.page.line == 1 and hall.page.primary_action.isEnabled())
    assert hall.session.calls("restart_recording") == restarts


class ByHand(QCloseEvent):
    """As the window system sends it when somebody clicks the X."""

    def spontaneous(self) -> bool:
        return True


@pytest.mark.parametrize("sure", [False, True])
def test_closing_the_window_by_hand_while_it_records_is_asked_first(hall, sure: bool) -> None:
    begin_to_read(hall)
    event = ByHand()
    hall.clerk.closeEvent(event)
    assert not event.isAccepted()
    assert asked(hall)
    assert hall.clerk.isVisible()
    if not sure:
        hall.key(Qt.Key.Key_Escape)
        assert not asked(hall)
        hall.key(Qt.Key.Key_Return)
        hall.until(lambda: hall.page.line == 1)
        return
    hall.key(Qt.Key.Key_F10)
    hall.until(lambda: not hall.clerk.isVisible())


@pytest.mark.parametrize("sure", [False, True])
def test_a_session_that_is_kept_for_later_while_it_records_is_asked_about_as_if_the_window_was_closed(
    hall, sure: bool
) -> None:
    begin_to_read(hall)
    hall.key(Qt.Key.Key_Escape)
    assert wording.Leave.STATUS_RECORDING in [text.text() for text in shown_texts(hall)]
    hall.key(Qt.Key.Key_F9)
    assert asked(hall)
    assert hall.session.calls("close") == 0
    if not sure:
        hall.key(Qt.Key.Key_Escape)
        assert not asked(hall)
        hall.key(Qt.Key.Key_Return)
        hall.until(lambda: hall.page.line == 1)
        return
    hall.key(Qt.Key.Key_F10)
    hall.until(lambda: hall.session.calls("close") == 1)
    assert hall.clerk.view is None


def test_the_page_of_reasons_says_nothing_of_a_recording_that_there_is_not(hall) -> None:
    hall.come_to(Step.NOTICE)
    hall.until_way_on()
    hall.key(Qt.Key.Key_Escape)
    assert wording.Leave.STATUS_RECORDING not in [text.text() for text in shown_texts(hall)]


def shown_texts(hall: Hall) -> list[Text]:
    return [text for text in hall.clerk.findChildren(Text) if text.isVisible()]


def test_a_key_that_is_held_down_answers_no_question(hall, qapp) -> None:
    begin_to_read(hall)
    hall.until(lambda: qapp.focusWindow() is hall.clerk.windowHandle())
    restarts = hall.session.calls("restart_recording")
    hall.key(Qt.Key.Key_F8)
    keyboard, yes = Keyboard(hall.clerk), hall.clerk.view.question.yes
    for time_ms, key in enumerate((Qt.Key.Key_F8, Qt.Key.Key_F10, Qt.Key.Key_Return, Qt.Key.Key_Space), 1000):
        assert not keyboard.press(key, time_ms, repeated=True)
    assert not yes.autoRepeat()
    assert asked(hall)
    assert hall.session.calls("restart_recording") == restarts


def test_the_question_goes_when_there_is_nothing_left_to_answer_it_for(hall) -> None:
    begin_to_read(hall)
    hall.key(Qt.Key.Key_F8)
    from_a_device(hall, KnownError(FailureCode.RECORDER_FAILED))
    hall.until_failure(FailureCode.RECORDER_FAILED)  # it can be read: the page is in front again
    assert not asked(hall)
    hall.key(Qt.Key.Key_F5)
    hall.until(lambda: hall.page.line == 0 and hall.page.primary_action.isEnabled())
    restarts = hall.session.calls("restart_recording")
    hall.key(Qt.Key.Key_F8)
    for line in (1, 2):  # the customer reads on meanwhile
        hall.until(lambda: hall.customer.reading.read.isEnabled() and hall.page.primary_action.isEnabled())
        hall.customer.reading.read.click()
        hall.until(lambda due=line: hall.page.line == due and hall.page.primary_action.isEnabled())
        assert asked(hall)
    hall.until(hall.customer.reading.read.isEnabled)
    hall.customer.reading.read.click()
    hall.until(lambda: hall.session.is_done(Step.NOTICE))
    hall.until_step(Step.SIGNATURE)
    assert not asked(hall)
    assert hall.session.calls("restart_recording") == restarts
