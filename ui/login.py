"""Who works here today, and what somebody needs before they can."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QStackedWidget, QVBoxLayout

from hallclient.domain.failures import KnownError
from hallclient.services.bug_log import report_bug
from ui import wording
from ui.access.credentials import CredentialsPage
from ui.access.first_day import FirstDay
from ui.access.forgotten import ForgottenPage
from ui.access.own_access import OwnAccess
from ui.access.own_password import OwnPassword
from ui.access.page import AccessPage
from ui.background import Background, Task
from ui.scale import CLERKS_DESIGN, FittedWindow, window_factor
from ui.widgets.key_button import action

_USUAL = QSize(640, 680)
_FRAME = QSize(16, 48)  # pixels: what a window manager adds at most


class LoginPage(CredentialsPage):
    """Number, password, code, and the ways of who has none of them yet, or no longer.

    Signals:
        asked(): somebody wants to log in with what is typed.
    """

    asked = Signal()

    def __init__(self) -> None:
        super().__init__(wording.PRODUCT, wording.Login.HINT, wording.Login.ENTER)
        self.first_day = action(self, wording.FirstDay.WAY, Qt.Key.Key_F2)
        self.own_password = action(self, wording.OwnPassword.WAY, Qt.Key.Key_F3)
        self.forgotten = action(self, wording.Forgotten.WAY, Qt.Key.Key_F4)
        for way in (self.first_day, self.own_password, self.forgotten):
            self.add_way(way)

    def set_busy(self, words: str) -> None:
        super().set_busy(words)
        self._offer_ways(False)

    def end_busy(self) -> None:
        super().end_busy()
        self._offer_ways(True)

    def _offer_ways(self, offered: bool) -> None:
        for way in (self.first_day, self.own_password, self.forgotten):
            way.setEnabled(offered)

    @Slot()
    def go_on(self) -> None:
        self.asked.emit()


class LoginWindow(FittedWindow):
    """Staff number, password and code. `login` blocks and runs in the background; what was typed is forgotten at once.

    Signals:
        shown(): it is on the screen for the first time; what takes time may begin.
        opened(object): what `login` returned.
        given_up(object): what `login` returned to a window that was closed meanwhile; it is to be closed again.
        closed(): the window was closed without a login; after what still ran.
    """

    design = _USUAL
    shown = Signal()
    opened = Signal(object)
    given_up = Signal(object)
    closed = Signal()

    def __init__(self, login: Callable[[str, str, str], Any], access: OwnAccess) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle(wording.PRODUCT)
        self._login = login
        self._painted = False
        self._background = Background("login", self)
        self._background.bug.connect(self._show_bug)
        self.page = LoginPage()
        self.first_day = FirstDay(access, self._run)
        self.own_password = OwnPassword(access, self._run)
        self.forgotten = ForgottenPage()
        self._stack = QStackedWidget()
        for part in (self.page, self.first_day, self.own_password, self.forgotten):
            self._stack.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self.number: QLineEdit = self.page.number
        self.password, self.code = self.page.password, self.page.code
        self.enter, self.button, self.banner = self.page.enter, self.page.button, self.page.banner
        for news, told in (
            (self.page.asked, self._try),
            (self.page.first_day.triggered, self._turn_to_first_day),
            (self.page.own_password.triggered, self._turn_to_own_password),
            (self.page.forgotten.triggered, self._turn_to_forgotten),
            (self.first_day.left, self._turn_back),
            (self.first_day.joined, self._turn_back_as),
            (self.own_password.left, self._turn_back),
            (self.own_password.changed, self._say_changed),
            (self.forgotten.left, self._turn_back),
        ):
            news.connect(told)
        self.page.begin()

    @property
    def shown_page(self) -> AccessPage:
        """What stands before somebody now."""
        part = self._stack.currentWidget()
        return part.page if isinstance(part, FirstDay | OwnPassword) else self._page_of(part)

    def _page_of(self, part: object) -> AccessPage:
        return self.forgotten if part is self.forgotten else self.page

    def show_error(self, error: KnownError) -> None:
        self.page.show_error(error)

    def show_removed(self, number: str, error: KnownError | None) -> None:
        """Why an administrator has to log in anew."""
        if error is None:
            self.banner.say(wording.StaffWindow.REMOVED.format(number=number), tone="good")
        else:
            self.banner.show_error(error, retriable=False)

    def show_practice(self, logins: Callable[[], str]) -> None:
        """See `AccessPage.show_practice`."""
        self.page.show_practice(logins)

    def sizeHint(self) -> QSize:
        return _USUAL

    def present(self) -> None:
        """Show it in its usual size, which Qt would cut to a part of the screen; a small screen is used whole."""
        there = self.screen().availableSize()
        usual = _USUAL * window_factor(there, CLERKS_DESIGN, 1.0)  # as large as the windows that come after it
        needed = usual + _FRAME
        if needed.width() > there.width() or needed.height() > there.height():
            self.showMaximized()
        else:
            self.resize(usual)
            self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self, self.shown.emit)  # once the picture has left for the screen

    def closeEvent(self, event: QCloseEvent) -> None:
        event.accept()
        self._background.close()
        if self._background.idle():
            self.closed.emit()

    def _run(self, call: Callable[[], object]) -> Task:
        """In the background; a window that was closed meanwhile says so when the call has ended."""
        task = self._background.run(call)
        for end in (task.done, task.failed, task.crashed):
            end.connect(self._end_late)
        return task

    @Slot(object)
    def _end_late(self, _: object) -> None:
        if not self.isVisible() and self._background.idle():
            self.closed.emit()

    @Slot()
    def _try(self) -> None:
        typed = self.page.typed
        self.page.set_busy(wording.Login.WORKING)
        task = self._background.run(lambda: self._login(typed.number, typed.password, typed.code))
        task.done.connect(self._hand_over)
        task.failed.connect(self.show_error)
        for end in (task.failed, task.crashed):
            end.connect(self._end_late)

    @Slot(object)
    def _hand_over(self, services: object) -> None:
        self.page.forget_secrets()
        (self.opened if self.isVisible() else self.given_up).emit(services)

    @Slot(object)
    def _show_bug(self, error: BaseException) -> None:
        page = self.shown_page
        page.end_busy()
        page.forget_secrets()
        page.banner.say(wording.Session.BUG_ELSEWHERE.format(number=report_bug(error)), tone="stop")

    @Slot()
    def _turn_to_first_day(self) -> None:
        self._stack.setCurrentWidget(self.first_day)
        self.first_day.begin()

    @Slot()
    def _turn_to_own_password(self) -> None:
        self._stack.setCurrentWidget(self.own_password)
        self.own_password.begin()

    @Slot()
    def _turn_to_forgotten(self) -> None:
        self._stack.setCurrentWidget(self.forgotten)
        self.forgotten.begin()

    @Slot()
    def _turn_back(self) -> None:
        self._turn_back_as("")

    @Slot(str)
    def _turn_back_as(self, number: str) -> None:
        self._stack.setCurrentWidget(self.page)
        self.page.begin()
        if number:
            self.number.setText(number)
            self.password.setFocus()

    @Slot(str)
    def _say_changed(self, number: str) -> None:
        self._turn_back_as(number)
        self.banner.say(wording.OwnPassword.DONE, tone="good")
