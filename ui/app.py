"""The application: the login, and behind it the services and the windows of whoever has logged in."""

import logging
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, QSize, Signal, Slot
from PySide6.QtWidgets import QApplication, QWidget

from hallclient.devices import Clock, Entropy, Image
from hallclient.domain.enrolment import EnrolmentSettings
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.staff import Role, Staff
from hallclient.services.access import login
from hallclient.services.bug_log import report_bug
from hallclient.services.counter import Counter
from hallclient.services.dispatch import Dispatch
from hallclient.services.idle_lock import IdleLock
from hallclient.services.joining import Joining
from hallclient.services.own_access import change_own_password, is_certified
from hallclient.services.preparation import Preparation
from hallclient.services.review import ReviewDesk
from hallclient.services.staff_desk import StaffDesk
from ui import wording
from ui.access.lockable import LockableWindow
from ui.access.own_access import OwnAccess
from ui.access.window_lock import WindowLock
from ui.administrator.window import StaffWindow
from ui.background import Background, Task
from ui.bugs import BugWatch
from ui.clerk.window import ClerkWindow
from ui.customer.window import CustomerWindow
from ui.fonts import load_family
from ui.icons import icon
from ui.login import LoginWindow
from ui.screens import ScreenWatch
from ui.style import apply_style
from ui.supervisor.window import ReviewWindow
from ui.widgets.key_repeat import KeyRepeatFilter
from ui.widgets.practice_hand import Practice

_USUAL_COUNTER = QSize(1366, 768)  # the screens that most halls have
_USUAL_CUSTOMER = QSize(1280, 800)

_log = logging.getLogger(__name__)


class Closing(Protocol):
    """What is let go of when the windows are closed."""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Services:
    """What a person who has logged in works with; `counter`, `desk` or `people` by role.

    `lock` covers the windows while nobody is at them; without one they stay open. `closing` is closed in its order, in
    the background, after the windows.
    """

    staff: Staff
    dispatch: Dispatch
    counter: Counter | None = None
    desk: ReviewDesk | None = None
    people: StaffDesk | None = None
    lock: IdleLock | None = None
    closing: tuple[Closing, ...] = ()


class Hall(OwnAccess, Protocol):
    """A hall that is still locked."""

    def log_in(self, number: str, password: str, code: str, preparation: Preparation) -> Services:
        """Open the hall for one person; blocks. Raises as `hallclient.services.access.login`."""
        ...


@dataclass(frozen=True, slots=True)
class LocalHall:
    """The hall in a folder of this PC.

    Attributes:
        centre_url: where the centre is today, if not where the enrolment says.
        signed: what the devices took for the centre's settings before anybody had logged in; None for devices that take
            none.
    """

    folder: Path
    clock: Clock
    entropy: Entropy
    centre_url: str | None = None
    signed: EnrolmentSettings | None = None

    def log_in(self, number: str, password: str, code: str, preparation: Preparation) -> Services:
        with ExitStack() as undone:
            hall = login(self.folder, number, password, code, self.clock, self.entropy)
            undone.callback(hall.close)
            if self.signed is not None and hall.file.centre is not None and self.signed != hall.centre.settings:
                raise KnownError(FailureCode.HALL_TAMPERED, "the devices were opened with other settings")
            dispatch = Dispatch(hall, self.centre_url)
            undone.callback(dispatch.close)
            role = hall.staff.role
            services = Services(
                staff=hall.staff,
                dispatch=dispatch,
                counter=Counter(hall, preparation) if role is Role.CLERK else None,
                desk=ReviewDesk(hall, _LatePortraits(preparation)) if role is Role.SUPERVISOR else None,
                people=StaffDesk(hall, dispatch.close) if role is Role.ADMINISTRATOR else None,
                lock=IdleLock(hall),
                closing=(dispatch, hall),
            )
            dispatch.start()
            undone.pop_all()
        return services

    def join(self, number: str, code: str) -> Joining:
        return Joining(self.folder, number, code, self.clock, self.entropy)

    def is_certified(self, number: str) -> bool:
        return is_certified(self.folder, number)

    def change_password(self, number: str, old: str, code: str, new: str) -> None:
        change_own_password(self.folder, number, old, code, new, self.clock, self.entropy)


@dataclass(frozen=True, slots=True)
class LateHall:
    """A hall that is still being opened when the login window comes: `hall` returns it as soon as it is there.

    Where it could not be opened, the next login asks `hall` again.
    """

    hall: Callable[[], LocalHall]

    def log_in(self, number: str, password: str, code: str, preparation: Preparation) -> Services:
        """As `LocalHall.log_in`; raises also why the hall cannot be had."""
        return self.hall().log_in(number, password, code, preparation)

    def join(self, number: str, code: str) -> Joining:
        return self.hall().join(number, code)

    def is_certified(self, number: str) -> bool:
        return self.hall().is_certified(number)

    def change_password(self, number: str, old: str, code: str, new: str) -> None:
        self.hall().change_password(number, old, code, new)


@dataclass(frozen=True, slots=True)
class _LatePortraits:
    """The counter's `PortraitDecoder`: a supervisor need not wait for it at the login."""

    preparation: Preparation

    def decode(self, portrait: bytes) -> Image | None:
        return self.preparation.equipment().portrait_decoder.decode(portrait)


def create_application(arguments: list[str] | None = None, dark: bool | None = None) -> QApplication:
    """The QApplication with font and style; `dark` None follows the system, also when it changes."""
    running = QApplication.instance()
    application = running if isinstance(running, QApplication) else QApplication(arguments or [])
    application.setApplicationName("hallclient")
    application.setApplicationDisplayName(wording.PRODUCT)
    application.setStyle("Fusion")
    if application.findChild(KeyRepeatFilter) is None:
        KeyRepeatFilter(application)
    family = load_family()
    apply_style(application, family, dark)
    application.setWindowIcon(icon("hall", QSize(64, 64), "accent", application.devicePixelRatio()))
    if dark is None:
        application.styleHints().colorSchemeChanged.connect(lambda _: apply_style(application, family))
    return application


class App(QObject):
    """Login first, then the windows of the person's role; closing the main window ends it.

    Who takes over a locked counter closes those windows for another login; nothing that was begun is lost.

    Attributes:
        login: the login window.
        clerk, customer, review, people: the windows of the person who is logged in, else None.
        lock: what locks them.

    Signals:
        ready(): somebody has logged in and their windows are shown.
        login_again(): another person may log in, in a new login window.
        customer_asked(object): see `CustomerWindow.asked`.
        ended(): the windows are closed and the services let go.
    """

    ready = Signal()
    login_again = Signal()
    customer_asked = Signal(object)
    ended = Signal()

    def __init__(self, hall: Hall, preparation: Preparation, clock: Clock) -> None:
        super().__init__()
        self._hall, self._preparation, self._clock = hall, preparation, clock
        self._services: Services | None = None
        self._full_screen = self._locks = True
        self._closing = Background("closing", self)
        self.bugs = BugWatch(self)
        self.login = self._make_login()
        self.clerk: ClerkWindow | None = None
        self.customer: CustomerWindow | None = None
        self.review: ReviewWindow | None = None
        self.people: StaffWindow | None = None
        self.screens: ScreenWatch | None = None
        self.lock: WindowLock | None = None
        self._changing = False
        self._said: tuple[str, KnownError | None] | None = None  # of a removal, for the login that follows it
        self._practice: Practice | None = None
        self.ended.connect(self._discard_windows)

    def _make_login(self) -> LoginWindow:
        login = LoginWindow(
            lambda number, password, code: self._hall.log_in(number, password, code, self._preparation), self._hall
        )
        login.opened.connect(self._open)
        login.closed.connect(self._end)
        login.given_up.connect(self._let_go)
        return login

    def start(self, *, full_screen: bool = True, locks: bool | None = None) -> None:
        """Show the login window. `full_screen` False gives every window its usual size, for a rehearsal.

        `locks`: whether windows that nobody touches lock themselves; not in a rehearsal, whose hands press no key.
        """
        self._full_screen = full_screen
        self._locks = full_screen if locks is None else locks
        self.bugs.install()
        self.login.present()

    def offer_practice(self, practice: Practice) -> None:
        """Show the practice logins and the practice customer's hand; at any time, before a login or after it."""
        self._practice = practice
        self.login.show_practice(practice.logins)
        if self.lock is not None:
            self.lock.show_practice(practice.logins)
        if self.clerk is not None:
            self.clerk.offer_practice(practice)

    @Slot(object)
    def _open(self, services: Services) -> None:
        self._services = services
        if services.counter is not None:
            self.customer = CustomerWindow(services.counter.practice)
            self.customer.asked.connect(self.customer_asked)
            self.clerk = ClerkWindow(services.counter, services.dispatch, self.customer, self._clock)
            self.clerk.closed.connect(self._end)
            self.bugs.seen.connect(self.clerk.show_bug)
            if self._practice is not None:
                self.clerk.offer_practice(self._practice)
            if self._full_screen:
                self.screens = ScreenWatch(self.clerk, self.customer, self.clerk, self)
                self.screens.arrange()
            else:
                _show(self.customer, _USUAL_CUSTOMER)
                _show(self.clerk, _USUAL_COUNTER)
                self.clerk.activateWindow()
        elif services.desk is not None:
            self.review = ReviewWindow(services.desk, services.dispatch, services.staff, self._clock)
            self._show_main(self.review)
        elif services.people is not None:
            self.people = StaffWindow(services.people, services.dispatch)
            self.people.removed.connect(self._start_anew)
            self._show_main(self.people)
        self._guard(services, self.main)
        self.login.closed.disconnect(self._end)
        self.login.close()
        self.ready.emit()

    def _show_main(self, window: ReviewWindow | StaffWindow) -> None:
        window.closed.connect(self._end)
        self.bugs.seen.connect(window.show_bug)
        if self._full_screen:
            window.showMaximized()
        else:
            _show(window, _USUAL_COUNTER)

    @property
    def main(self) -> ClerkWindow | ReviewWindow | StaffWindow | None:
        """The window of the person who is logged in; closing it ends their login."""
        return self.clerk or self.review or self.people

    def _guard(self, services: Services, window: LockableWindow | None) -> None:
        if services.lock is None or window is None or not self._locks:
            return
        self.lock = WindowLock(services.lock, window, self.customer, self._clock.monotonic)
        self.lock.changed.connect(self._change)
        if self._practice is not None:
            self.lock.show_practice(self._practice.logins)

    @Slot(str, object)
    def _start_anew(self, number: str, error: KnownError | None) -> None:
        """Somebody was removed, or could not be: either way the hall is to be opened anew."""
        self._said = (number, error)
        self._change()

    @Slot()
    def _change(self) -> None:
        """Somebody else takes over: what this person had open is closed as if they had gone home."""
        if self.main is not None and not self._changing:
            self._changing = True
            self.main.close()

    @Slot(object)
    def _let_go(self, services: Services) -> None:
        """The window was closed while somebody logged in: what they opened is closed again."""
        self._services = services
        self._end()

    @Slot()
    def _end(self) -> None:
        if self.lock is None:
            self._end_services(None)
        else:
            lock, self.lock = self.lock, None
            lock.close().done.connect(self._end_services)

    @Slot(object)
    def _end_services(self, _: object) -> None:
        if self.customer is not None:
            self.customer.finish()
        if self._changing and self._services is not None:
            task = self._close_services(self._services)
            for end in (task.done, task.failed, task.crashed):
                end.connect(self._show_login_again)
            return
        self.bugs.uninstall()
        if self._services is None:
            self.ended.emit()
        else:
            task = self._close_services(self._services)
            for end in (task.done, task.failed, task.crashed):  # whatever becomes of it, nobody is left waiting
                end.connect(self.ended)
        self._closing.close()

    @Slot(object)
    def _show_login_again(self, _: object) -> None:
        """The database is closed: the next one may open it."""
        self._discard_windows()
        self.clerk = self.customer = self.review = self.people = self.screens = self.lock = self._services = None
        self._changing = False
        self.login = self._make_login()
        said, self._said = self._said, None
        if said is not None:
            self.login.show_removed(*said)
        if self._practice is not None:
            self.login.show_practice(self._practice.logins)
        self.login.present()
        self.login.activateWindow()
        self.login_again.emit()

    @Slot()
    def _discard_windows(self) -> None:
        """Qt takes them down, parents with children: left to Python's garbage collector they would go in any order."""
        if self.screens is not None:
            self.screens.deleteLater()
        for window in (self.login, self.clerk, self.customer, self.review, self.people):
            if window is not None:
                window.deleteLater()

    def _close_services(self, services: Services) -> Task:
        def close() -> None:
            """Each, whatever becomes of the others; what goes wrong is in the log, for nobody is there to be told."""
            for one in services.closing:
                try:
                    one.close()
                except KnownError as error:
                    _log.warning("a service could not be closed: %s", error.code)
                except Exception as error:  # noqa: BLE001  # the next one holds a lock, or a database
                    report_bug(error)

        return self._closing.run(close)


def _show(window: QWidget, usual: QSize) -> None:
    """Of its usual size whatever the screen: a rehearsal's pictures are alike everywhere."""
    window.resize(usual)
    window.show()
