"""Every page of the windows, one after another, over doubles: for pictures, and for what holds at every size."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget

from hallclient.domain.evidence.receipt import Outcome
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.liveness import Challenge
from hallclient.domain.staff import Role, Staff
from hallclient.services.review import ReviewCase
from tests.drivers.face.spoilt import webcam
from tests.ui import doubles, review_doubles
from tests.ui.doubles import Step
from ui.administrator.window import StaffWindow
from ui.clerk.window import ClerkWindow
from ui.customer.window import CustomerWindow
from ui.login import LoginWindow
from ui.supervisor.window import ReviewWindow
from ui.widgets.key_button import KeyButton
from ui.widgets.notice_text import NoticeText
from ui.widgets.practice_hand import Practice
from ui.widgets.row_button import RowButton
from ui.widgets.scroll import Scroll
from ui.widgets.text import Text

_GENEROUS_S = 30.0
GOOD_PASSWORD = "seven blue kettles"
PRACTICE = Practice(
    lambda: None,
    lambda: None,
    lambda: (
        "营业员 工号 1001 密码 practice clerk 动态码 123456\n稽核员 工号 2001 密码 practice supervisor 动态码 654321\n"
        "管理员 工号 9001 密码 practice administrator 动态码 112233"
    ),
)


def until(condition: Callable[[], object]) -> None:
    """Handle events until `condition` holds."""
    latest = time.monotonic() + _GENEROUS_S
    while not condition():
        assert time.monotonic() < latest, "it never came"
        QTest.qWait(5)


class Counter:
    """The clerk's and the customer's window over doubles, each of `size`; `shared`: on one screen."""

    def __init__(self, size: QSize, *, shared: bool = False, pixel_ratio: float | None = None) -> None:
        """`pixel_ratio`: of a screen that the test only supposes."""
        self.session = doubles.Session()
        self.session.card_is_down.clear()
        self.session.photo = webcam()
        self.counter = doubles.Counter(self.session)
        self.counter.sessions = [
            doubles.kept("s", "card_replacement", "139****1234", step) for step in (Step.PORTRAIT, Step.SIGNATURE)
        ]
        self.dispatch = doubles.Dispatch()
        self.customer = CustomerWindow(practice=True)
        self.clerk = ClerkWindow(self.counter, self.dispatch, self.customer, doubles.FixedClock())
        suppose(pixel_ratio, self.clerk, self.customer)
        self.clerk.offer_practice(PRACTICE)
        self.clerk.resize(size)
        self.clerk.show()
        self.clerk.activateWindow()
        self.customer.resize(size)
        if shared:
            self.clerk.share_screen(True)
        else:
            self.customer.show()
        # Not the timer's time but the moment of a picture decides what the clerk's small one shows.
        until(self.clerk.isVisible)

    @property
    def page(self):
        return self.clerk.view.page

    def key(self, key: Qt.Key) -> None:
        QTest.keyClick(self.clerk.focusWidget() or self.clerk, key)

    def walk(self) -> Iterator[str]:
        """Names of what stands before both now; whoever asks for the next one lets the session go on."""
        yield from self._walk_to_the_camera()
        yield from self._walk_to_the_end()

    def _walk_to_the_camera(self) -> Iterator[str]:
        until(lambda: self.clerk.start.unfinished.findChildren(RowButton))
        QTest.keyClicks(self.clerk.start.number, "13800000021")
        yield "start"
        self.counter.open_failures = [KnownError(FailureCode.DISK_FULL)]
        self.clerk.start.start.trigger()
        until(self.clerk.start.banner.isVisible)
        yield "start_failed"
        self.clerk.start.start.trigger()
        until(lambda: self.customer.page is self.customer.put_card)
        yield "card"
        self.session.card_is_down.set()
        until(lambda: self.clerk.view.step == Step.PRECHECK and self.page.primary_action.isEnabled())
        yield "precheck"
        self.clerk.show_bug(ZeroDivisionError())
        yield "bug"
        self.clerk.bug_banner.clear()
        self.page.primary_action.trigger()
        until(lambda: self.customer.page is self.customer.consent)
        yield "consent"
        self.customer.consent.disagree.click()
        yield "refusal"
        self.customer.consent.back.click()
        self.session.may_go_on.clear()
        self.session.challenge = Challenge.TURN_LEFT
        self.customer.consent.agree.click()
        until(lambda: self.customer.look.challenge is not None)
        yield "challenge"
        self.clerk.view.leave.trigger()
        yield "check_stopped"
        self.clerk.view._back.trigger()
        until(self.page.banner.isVisible)
        self.page.retry()
        until(lambda: self.customer.look.challenge is not None)

    def _walk_to_the_end(self) -> Iterator[str]:
        self.session.may_go_on.set()
        until(self.page.primary_action.isEnabled)
        yield "compared"
        self.page.primary_action.trigger()
        until(lambda: self.clerk.view.step == Step.NOTICE and self.page.primary_action.isEnabled())
        yield "notice"
        self.page.primary_action.trigger()
        until(lambda: self.customer.page is self.customer.reading and self.page.primary_action.isEnabled())
        until(self.customer.reading.read.isEnabled)
        self.customer.reading.read.click()
        until(lambda: self.page.line == 1 and self.page.primary_action.isEnabled())
        yield "reading"
        self.clerk.turn_to(customer=False)
        self.clerk.view.leave.trigger()
        yield "leave"
        self.clerk.view._back.trigger()
        self.page.again.trigger()
        yield "question"
        self.clerk.view._back.trigger()
        for line in range(2, len(doubles.NOTICE.lines) + 1):
            until(lambda: self.page.primary_action.isEnabled() and self.customer.reading.read.isEnabled())
            self.customer.reading.read.click()
            until(lambda due=line: self.clerk.view.step == Step.SIGNATURE or self.page.line == due)
        until(lambda: self.customer.page is self.customer.signing)
        self.sign()
        until(self.customer.signing.accept.isEnabled)
        yield "sign"
        self.customer.signing.accept.click()
        until(lambda: self.clerk.view.step == Step.SEAL and self.page.primary_action.isEnabled())
        self.counter.delivered(Outcome.PASSED)
        until(lambda: self.page.outcome_shown is Outcome.PASSED)
        yield "finish"
        self.counter.printed_to = Path("/home/counter-3/.local/share/hallclient-practice/customer_copy.pdf")
        self.page.print.trigger()
        until(lambda: self.counter.printed and self.page.print.isEnabled())
        yield "printed"

    def sign(self) -> None:
        pad = self.customer.signing.pad
        at = pad.field.topLeft().toPoint() + QPoint(40, 40)
        QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=at)
        for step in range(1, 24):
            place = pad.field.width() / 40 * step, pad.field.height() / 2 * (step % 5) / 5
            QTest.mouseMove(pad, at + QPoint(round(place[0]), round(place[1])))
        QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=at + QPoint(200, 20))

    def ways_on(self) -> list[KeyButton]:
        """The clerk's buttons that lead on or away, which must be in sight."""
        if self.clerk.view is None:
            return [self.clerk.start.start_button]
        return self.clerk.view.bar.findChildren(KeyButton)

    def close(self) -> None:
        self.session.may_go_on.set()
        self.session.card_is_down.set()
        closed: list[bool] = []
        self.clerk.closed.connect(lambda: closed.append(True))
        self.clerk.close()
        until(lambda: closed)
        self.customer.finish()
        # As the application does it: Qt takes them down, parents with children, and not Python's garbage collector.
        for window in (self.clerk, self.customer):
            window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def suppose(pixel_ratio: float | None, *windows: QWidget) -> None:
    """Let them believe that their screen has this ratio; None: the true one."""
    if pixel_ratio is not None:
        for window in windows:
            window.devicePixelRatio = lambda: pixel_ratio


def login_window(size: QSize, pixel_ratio: float | None = None) -> LoginWindow:
    window = LoginWindow(lambda number, password, code: None, doubles.OwnAccess())
    suppose(pixel_ratio, window)
    window.show_practice(PRACTICE.logins)
    window.resize(size)
    window.show()
    return window


def access_pages(window: LoginWindow) -> Iterator[str]:
    """Names of what stands before somebody who cannot log in yet, one after another, back to the login."""
    page, first_day, own = window.page, window.first_day, window.own_password
    page.first_day.trigger()
    first_day.invitation.number.setText("1003")
    first_day.invitation.invitation.setText(doubles.INVITATION[:17])
    yield "first_day_invitation"
    first_day.invitation.invitation.setText(doubles.INVITATION)
    first_day.invitation.enter.trigger()
    until(lambda: first_day.page is first_day.choice)
    first_day.choice.password.setText("too short")
    yield "first_day_password"
    for field in first_day.choice.fields:
        field.setText(GOOD_PASSWORD)
    first_day.choice.enter.trigger()
    yield "first_day_authenticator"
    first_day.authenticator.code.setText("000000")
    first_day.authenticator.enter.trigger()
    until(first_day.authenticator.banner.isVisible)
    yield "first_day_wrong_code"
    first_day.authenticator.code.setText(doubles.RIGHT_CODE)
    first_day.authenticator.enter.trigger()
    until(lambda: first_day.page is first_day.end)
    yield "first_day_pending"
    first_day.end.show_end("1003", True)
    yield "first_day_certified"
    first_day.end.enter.trigger()
    page.own_password.trigger()
    yield "own_password_old"
    for field, text in zip(own.old.fields, ("1001", doubles.RIGHT_PASSWORD, doubles.RIGHT_CODE), strict=True):
        field.setText(text)
    own.old.enter.trigger()
    yield "own_password_new"
    own.choice.back.trigger()
    page.forgotten.trigger()
    yield "forgotten"
    window.forgotten.enter.trigger()


def locked_counter(size: QSize, pixel_ratio: float | None = None, *, shared: bool = False) -> "Counter":
    """A counter that nobody was at, with a session under way."""
    counter = Counter(size, shared=shared, pixel_ratio=pixel_ratio)
    walk = counter.walk()
    while next(walk) != "precheck":
        pass
    counter.clerk.lock_page.show_who(Staff("1001", Role.CLERK))
    counter.clerk.lock_page.show_practice(PRACTICE.logins)
    counter.clerk.lock()
    counter.customer.cover(True)
    return counter


def staff_window(size: QSize, pixel_ratio: float | None = None) -> StaffWindow:
    window = StaffWindow(doubles.StaffDesk(), doubles.Dispatch())
    suppose(pixel_ratio, window)
    window.resize(size)
    window.show()
    until(lambda: window.people.count() == 5)
    return window


def staff_pages(window: StaffWindow) -> Iterator[str]:
    """Names of what stands beside the list, one after another."""
    yield "staff"
    window.people.setCurrentRow(4)
    yield "staff_self"
    window.person.invite.trigger()
    window.invitation.number.setText("1001")
    yield "staff_taken"
    window.invitation.number.setText("1004")
    yield "staff_invite"
    window.invitation.enter.trigger()
    until(lambda: window.page is window.code)
    yield "staff_code"
    window.code.enter.trigger()
    window.people.setCurrentRow(0)
    window.person.reset.trigger()
    yield "staff_second"
    for field, text in zip(window.second.fields, ("9002", "wrong", doubles.RIGHT_CODE), strict=True):
        field.setText(text)
    window.second.enter.trigger()
    until(window.second.banner.isVisible)
    yield "staff_second_wrong"
    window.second.back.trigger()
    window.person.remove.trigger()
    yield "staff_remove"
    window.removal.back.trigger()
    window.person.lock.trigger()
    until(window.person.banner.isVisible)
    yield "staff_locked"


def review_window(size: QSize, pixel_ratio: float | None = None, first: ReviewCase | None = None) -> ReviewWindow:
    """`first`: the case that is open; without it, one that was live and is doubtful."""
    desk = review_doubles.ReviewDesk(
        [first or review_doubles.review_case("s-1"), review_doubles.review_case("s-2", minutes=3)]
    )
    window = ReviewWindow(desk, doubles.Dispatch(), Staff("2001", Role.SUPERVISOR), doubles.FixedClock())
    suppose(pixel_ratio, window)
    window.rescale(1.0)  # its least size is that of the supposed screen
    window.resize(size)
    window.show()
    until(lambda: window.case is not None)
    return window


def in_sight(button: QWidget, window: QWidget) -> bool:
    """Whether all of `button` lies inside of `window` and of everything that it scrolls in."""
    part = button
    while part is not window:
        part = part.parentWidget()
        corner = button.mapTo(part, QPoint(0, 0))
        if not part.rect().contains(button.rect().translated(corner)):
            return False
    return True


def unsaid_deadline(counter: Counter) -> list[tuple[str, str]]:
    """Why the customer is verified and by when, if the clerk cannot read it while their side is in front."""
    view = counter.clerk.view
    if view is None or counter.clerk.shows_customer or not view.side.isVisible():
        return []
    rule = view.workplace.session.plan.words.rule
    shown = [label for label in view.side.findChildren(Text) if label.text() == rule and label.isVisible()]
    return [] if shown and all(in_sight(label, counter.clerk) for label in shown) else [("SidePanel", rule)]


def cut(window: QWidget) -> list[tuple[str, str, int]]:
    """What of `window` cannot be seen without scrolling: in which class of part, its words, by how many pixels.

    The whole text of a notice may scroll between its title and its last sentence.
    """
    found = []
    for place in window.findChildren(Scroll):
        whole_text = isinstance(place.parentWidget(), NoticeText)
        if place.isVisible() and not whole_text and (hidden := place.verticalScrollBar().maximum()) > 0:
            found.append((type(place.parentWidget()).__name__, "scrolls", hidden))
        if place.isVisible() and (over := place.widget().width() - place.viewport().width()) > 0:
            found.append((type(place.parentWidget()).__name__, "too wide", over))
    for button in window.findChildren(QPushButton):
        if button.isVisible() and not in_sight(button, window):
            found.append((type(button.parentWidget()).__name__, button.text(), button.height()))
    return found
