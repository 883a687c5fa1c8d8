"""A counter that nobody touches is covered; its person alone opens it, and finds everything as it was."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QCloseEvent, QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from hallclient.devices import ReaderState, ReaderStatus
from hallclient.domain.failures import FAILURES, FailureCode, KnownError
from hallclient.domain.liveness import Challenge
from hallclient.domain.staff import Role, Staff
from tests.clock import HandClock
from tests.ui import doubles, review_doubles
from tests.ui.clerks_hall import Hall
from tests.ui.doubles import Step
from ui import wording
from ui.access.window_lock import WindowLock
from ui.administrator.window import StaffWindow
from ui.supervisor.window import ReviewWindow

AFTER_S, AT_WORK_S = 300.0, 1200.0
pytestmark = pytest.mark.usefixtures("fast_reader")


class LockedHall(Hall):
    """A counter with a lock, and a clock that the test moves."""

    def __init__(self, qtbot) -> None:
        super().__init__(qtbot)
        self.clock = HandClock()
        self.service = doubles.Lock()
        self.changed: list[bool] = []
        self.lock = WindowLock(self.service, self.clerk, self.customer, self.clock.monotonic)
        self.lock.changed.connect(lambda: self.changed.append(True))

    @property
    def cover(self):
        return self.clerk.lock_page

    def leave_alone(self, seconds: float = AFTER_S) -> None:
        """Nobody touches anything; the watch looks once."""
        self.clock.advance(seconds)
        self.lock.watch.look()

    def unlock(self, password: str = doubles.RIGHT_PASSWORD, code: str = doubles.RIGHT_CODE) -> None:
        QTest.keyClicks(self.clerk.focusWidget(), password)
        self.key(Qt.Key.Key_Return)
        QTest.keyClicks(self.clerk.focusWidget(), code)
        self.key(Qt.Key.Key_Return)

    def close(self) -> None:
        self.lock.close()
        super().close()


@pytest.fixture
def hall(qtbot) -> Iterator[LockedHall]:
    made = LockedHall(qtbot)
    yield made
    made.close()


def seen(window) -> str:
    """All words that can be read in a window."""
    labels = [part.text() for part in window.findChildren(QLabel) if part.isVisible()]
    return "\n".join([*labels, *(part.text() for part in window.findChildren(QPushButton) if part.isVisible())])


def standing(hall) -> tuple[object, ...]:
    """What the clerk has before them."""
    page, way = hall.page, hall.page.primary_action
    states = [row.badge.state for row in hall.clerk.view.steps.rows.values()]
    return page.headline.text(), page.status.text(), way.text(), way.isEnabled(), states


def test_it_locks_after_the_set_time_and_not_before(hall) -> None:
    hall.leave_alone(AFTER_S - 1)
    assert not hall.clerk.locked
    hall.leave_alone(1)
    assert hall.clerk.locked
    hall.until(lambda: hall.service.noted == 1)


@pytest.mark.parametrize("kind", ["key", "mouse", "card", "customer's finger"])
def test_whatever_is_touched_counts(hall, kind: str) -> None:
    hall.lock.watch.look()  # it listens at the windows from its first look on
    hall.clock.advance(AFTER_S - 1)
    clerk, customer = hall.clerk.windowHandle(), hall.customer.windowHandle()
    at = QPointF(5, 5)
    none = Qt.KeyboardModifier.NoModifier
    if kind == "key":
        QTest.keyClick(clerk, Qt.Key.Key_Shift)
    elif kind == "card":
        hall.clerk._reader_news.offer(ReaderStatus(ReaderState.READING, doubles.READER, None))
        hall.until(lambda: hall.lock.watch._touched_s == hall.clock.monotonic())
    else:
        window = clerk if kind == "mouse" else customer
        move = QMouseEvent(QEvent.Type.MouseMove, at, at, Qt.MouseButton.NoButton, Qt.MouseButton.NoButton, none)
        QGuiApplication.sendEvent(window, move)
    hall.leave_alone(AFTER_S - 1)
    assert not hall.clerk.locked
    hall.leave_alone(1)
    assert hall.clerk.locked


# At these steps the customer has something to do that nobody interrupts; at the others they wait, or the clerk does.
@pytest.mark.parametrize("step", [Step.CARD, Step.PRECHECK, Step.NOTICE, wording.SEAL])
def test_in_the_middle_of_a_step_and_back(hall, step: Step) -> None:
    if step == Step.CARD:
        hall.session.card_is_down.clear()
    hall.come_to(step)
    if step != Step.CARD:
        hall.until_way_on()
    if step == wording.SEAL:
        hall.until(lambda: hall.page.headline.text() == wording.Finish.HEADLINE)
    if step == Step.CARD:
        hall.until(lambda: hall.session.calls("read") == 1)
    page, before, customers = hall.page, standing(hall), hall.customer.page
    called = list(hall.session.called)
    hall.leave_alone()
    assert hall.clerk.locked
    assert hall.customer.covered
    for window in (hall.clerk, hall.customer):
        assert not [word for word in ("138", "张", "1101") if word in seen(window)]
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_F10, Qt.Key.Key_F1, Qt.Key.Key_F5, Qt.Key.Key_Space):
        hall.key(key)
    assert hall.session.called == called
    hall.cover.forget()
    hall.cover.password.setFocus()
    hall.unlock()
    hall.until(lambda: not hall.clerk.locked)
    assert hall.page is page
    assert standing(hall) == before
    assert hall.customer.page is customers
    assert not hall.customer.covered
    assert hall.session.called == called
    assert hall.clerk.view.hasFocus()
    hall.session.card_is_down.set()


def come_to_work(hall, at: str) -> None:
    """The customer reads the consent, is before the camera, or signs."""
    if at == "signature":
        hall.come_to(Step.SIGNATURE)
        hall.until(lambda: hall.customer.page is hall.customer.signing)
    else:
        if at == "camera":
            hall.session.may_go_on.clear()
            hall.session.challenge = Challenge.TURN_LEFT
        hall.come_to(Step.PORTRAIT)
        hall.until(lambda: hall.customer.page is hall.customer.consent)
        if at == "camera":
            hall.customer.consent.agree.click()
            hall.until(lambda: hall.customer.look.challenge is not None)
    hall.lock.watch.start()  # what the way there touched does not count


AT_WORK = pytest.mark.parametrize("at", ["consent", "camera", "signature"])


@AT_WORK
def test_a_customer_who_is_at_work_is_not_locked_out(hall, at: str) -> None:
    come_to_work(hall, at)
    hall.leave_alone(AT_WORK_S - 1)
    assert not hall.clerk.locked
    hall.session.may_go_on.set()
    hall.customer.show_saving()  # and now they only wait
    hall.leave_alone(AFTER_S - 1)
    assert not hall.clerk.locked
    hall.leave_alone(1)
    assert hall.clerk.locked


@AT_WORK
@pytest.mark.parametrize("shared", [False, True], ids=["two screens", "one screen"])
def test_a_page_that_the_customer_has_left_is_covered_at_last_and_the_session_lives_on(
    hall, at: str, shared: bool
) -> None:
    hall.clerk.share_screen(shared)
    come_to_work(hall, at)
    page, called = hall.customer.page, list(hall.session.called)
    hall.leave_alone(AT_WORK_S - 1)
    assert not hall.clerk.locked
    hall.leave_alone(1)
    assert hall.clerk.locked
    assert hall.customer.covered
    for window in (hall.clerk, hall.customer):
        assert not [word for word in ("138", "张", "1101") if word in seen(window)]
    hall.until(lambda: hall.service.noted == 1)
    hall.unlock()
    hall.until(lambda: not hall.clerk.locked)
    assert hall.customer.page is page
    assert not hall.customer.covered
    assert hall.session.called == called
    hall.session.may_go_on.set()


def test_whoever_touches_a_screen_is_waited_for_again(hall) -> None:
    come_to_work(hall, "consent")
    hall.leave_alone(AT_WORK_S - 1)
    hall.lock.watch.touch()
    hall.leave_alone(AT_WORK_S - 1)
    assert not hall.clerk.locked
    hall.leave_alone(1)
    assert hall.clerk.locked


def test_who_locks_by_hand_leaves_the_customer_at_work(hall) -> None:
    hall.come_to(Step.SIGNATURE)
    hall.until(lambda: hall.customer.page is hall.customer.signing)
    hall.key(Qt.Key.Key_F11)
    assert hall.clerk.locked
    assert not hall.customer.covered
    hall.leave_alone(AT_WORK_S)
    assert hall.customer.covered
    hall.unlock()
    hall.until(lambda: not hall.clerk.locked)
    hall.key(Qt.Key.Key_F11)
    assert not hall.customer.covered
    hall.customer.show_saving()
    assert hall.customer.covered


def test_on_one_screen_the_lock_waits_for_the_customer_and_says_so(hall) -> None:
    hall.clerk.share_screen(True)
    hall.come_to(Step.SIGNATURE)
    hall.until(lambda: hall.clerk.shows_customer)
    hall.key(Qt.Key.Key_F11)
    assert not hall.clerk.locked
    hall.clerk.turn_to(customer=False)
    assert hall.clerk.bug_banner.remedy.text() == wording.Lock.NOT_NOW
    hall.customer.show_saving()
    assert not hall.clerk.bug_banner.isVisible()
    hall.key(Qt.Key.Key_F11)
    assert hall.clerk.locked


def test_on_one_screen_the_lock_covers_both_sides(hall) -> None:
    hall.clerk.share_screen(True)
    hall.session.card_is_down.clear()
    hall.open()
    hall.until(lambda: hall.clerk.shows_customer)
    hall.leave_alone()
    assert hall.clerk.locked
    assert "138" not in seen(hall.clerk)
    hall.key(Qt.Key.Key_F12)  # the other side
    assert hall.clerk.locked
    hall.unlock()
    hall.until(lambda: not hall.clerk.locked)
    assert hall.clerk.shows_customer
    hall.session.card_is_down.set()


@pytest.mark.parametrize(
    "error",
    [
        KnownError(FailureCode.LOGIN_WRONG),
        KnownError(FailureCode.CODE_USED),
        KnownError(FailureCode.STAFF_REVOKED),
        KnownError(FailureCode.STAFF_LOCKED),
    ],
    ids=lambda error: error.code,
)
def test_who_may_not_stays_outside_and_reads_why(hall, error: KnownError) -> None:
    hall.leave_alone()
    hall.service.refuses_with = error
    hall.unlock()
    hall.until(hall.cover.banner.isVisible)
    assert hall.clerk.locked
    assert hall.cover.banner.remedy.text() == FAILURES[error.code].remedy
    assert (hall.cover.password.text(), hall.cover.code.text()) == ("", "")
    assert hall.cover.password.hasFocus()


def test_wrong_tries_wait_as_at_the_login(hall) -> None:
    hall.leave_alone()
    hall.service.refuses_with = KnownError(FailureCode.LOGIN_LOCKED, "5 s", wait_s=5)
    hall.unlock("wrong")
    hall.until(hall.cover.banner.isVisible)
    assert hall.cover.banner.remedy.text().startswith("请等 5 秒。")
    hall.service.refuses_with = None
    hall.unlock()
    hall.until(lambda: not hall.clerk.locked)
    assert not hall.cover.banner.isVisible()


@pytest.mark.expects_log("nobody heard that a call failed: disk_full")
def test_a_full_disk_does_not_keep_it_open(hall, monkeypatch) -> None:
    def full() -> None:
        raise KnownError(FailureCode.DISK_FULL)

    told: list[KnownError] = []
    hall.lock._background.unheard.connect(told.append)
    monkeypatch.setattr(hall.service, "note", full)
    hall.leave_alone()
    assert hall.clerk.locked
    hall.until(lambda: bool(told))


def test_what_was_typed_is_gone_when_it_opens_and_when_it_locks(hall) -> None:
    hall.leave_alone()
    hall.unlock()
    hall.until(lambda: not hall.clerk.locked)
    assert (hall.cover.password.text(), hall.cover.code.text()) == ("", "")


def test_another_person_takes_over(hall) -> None:
    hall.come_to(Step.PRECHECK)
    hall.until_way_on()
    hall.leave_alone()
    hall.key(Qt.Key.Key_F9)
    assert hall.changed == [True]


def test_what_a_change_of_person_would_destroy_is_asked_first(hall) -> None:
    hall.come_to(Step.NOTICE)
    hall.until_way_on()
    hall.page.primary_action.trigger()
    hall.until(lambda: hall.customer.page is hall.customer.reading)
    hall.until(lambda: hall.clerk.at_stake() is not None)
    hall.leave_alone(2 * AFTER_S)  # a customer reads
    assert not hall.clerk.locked
    hall.key(Qt.Key.Key_F11)
    assert hall.clerk.locked
    hall.key(Qt.Key.Key_F9)
    assert hall.changed == []
    assert hall.cover.banner.isVisible()
    hall.key(Qt.Key.Key_F10)
    assert hall.changed == [True]


def test_closing_a_locked_window_asks_as_an_open_one_does(hall) -> None:
    hall.come_to(Step.NOTICE)
    hall.until_way_on()
    hall.page.primary_action.trigger()
    hall.until(lambda: hall.clerk.at_stake() is not None)
    hall.key(Qt.Key.Key_F11)

    class ByHand(QCloseEvent):
        def spontaneous(self) -> bool:
            return True

    asked = ByHand()
    hall.clerk.closeEvent(asked)
    assert not asked.isAccepted()
    assert hall.cover.banner.isVisible()
    hall.unlock()
    hall.until(lambda: not hall.clerk.locked)
    assert hall.clerk.isVisible()
    hall.session.may_go_on.set()


def test_without_anything_at_stake_a_locked_window_closes(hall) -> None:
    hall.leave_alone()
    hall.clerk.close()
    hall.until(lambda: bool(hall.closed))


def test_a_dialog_of_the_practice_hall_shows_the_codes_of_now(hall) -> None:
    said = ["111111"]
    hall.lock.show_practice(lambda: said[0])
    hall.leave_alone()
    assert "111111" in hall.cover.practice.text()
    said[0] = "222222"
    hall.cover._practice_second.timeout.emit()
    assert "222222" in hall.cover.practice.text()


def test_the_review_desk_locks_too_and_nobody_hears_its_recording(qtbot) -> None:
    desk = review_doubles.ReviewDesk([review_doubles.review_case("s-1")])
    window = ReviewWindow(desk, doubles.Dispatch(), Staff("2001", Role.SUPERVISOR), doubles.FixedClock())
    qtbot.addWidget(window)
    window.resize(1366, 768)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: window.case is not None)
    clock = HandClock()
    lock = WindowLock(doubles.Lock(), window, None, clock.monotonic)
    clock.advance(AFTER_S)
    lock.watch.look()
    assert window.locked
    assert not window.evidence.isVisible()
    for key in (Qt.Key.Key_A, Qt.Key.Key_1, Qt.Key.Key_Return):
        QTest.keyClick(window.focusWidget(), key)
    assert desk.decisions == []
    window.lock_page.forget()
    window.lock_page.password.setText(doubles.RIGHT_PASSWORD)
    window.lock_page.code.setText(doubles.RIGHT_CODE)
    window.lock_page.enter.trigger()
    qtbot.waitUntil(lambda: not window.locked)
    assert window.case is not None
    lock.close()
    with qtbot.waitSignal(window.closed):
        window.close()


def test_the_administrators_window_forgets_a_code_that_stands_there(qtbot) -> None:
    window = StaffWindow(doubles.StaffDesk(), doubles.Dispatch())
    qtbot.addWidget(window)
    window.show()
    window.person.invite.trigger()
    window.invitation.number.setText("1004")
    window.invitation.enter.trigger()
    qtbot.waitUntil(lambda: window.page is window.code)
    clock = HandClock()
    lock = WindowLock(doubles.Lock(), window, None, clock.monotonic)
    clock.advance(AFTER_S)
    lock.watch.look()
    assert window.locked
    assert window.code.code.text() == ""
    assert "ABCDE" not in seen(window)
    lock.close()
    with qtbot.waitSignal(window.closed):
        window.close()
