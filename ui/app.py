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
from hallclient.services.preparation import Preparation
from hallclient.services.review import ReviewDesk
from ui import wording
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
    """What a person who has logged in works with; `counter` or `desk` by role, for an administrator neither.

    `closing` is closed in its order, in the background, after the windows.
    """

    staff: Staff
    dispatch: Dispatch
    counter: Counter | None = None
    desk: ReviewDesk | None = None
    closing: tuple[Closing, ...] = ()


class Hall(Protocol):
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
                closing=(dispatch, hall),
            )
            dispatch.start()
            undone.pop_all()
        return services


@dataclass(frozen=True, slots=True)
class LateHall:
    """A hall that is still being opened when the login window comes: `hall` returns it as soon as it is there.

    Where it could not be opened, the next login asks `hall` again.
    """

    hall: Callable[[], LocalHall]

    def log_in(self, number: str, password: str, code: str, preparation: Preparation) -> Services:
        """As `LocalHall.log_in`; raises also why the hall cannot be had."""
        return self.hall().log_in(number, password, code, preparation)


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

    Attributes:
        login: the login window.
        clerk, customer, review: the windows of the person who is logged in, else None.

    Signals:
        ready(): somebody has logged in and their windows are shown.
        customer_asked(object): see `CustomerWindow.asked`.
        ended(): the windows are closed and the services let go.
    """

    ready = Signal()
    customer_asked = Signal(object)
    ended = Signal()

    def __init__(self, hall: Hall, preparation: Preparation, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._services: Services | None = None
        self._full_screen = True
        self._closing = Background("closing", self)
        self.bugs = BugWatch(self)
        self.login = LoginWindow(lambda number, password, code: hall.log_in(number, password, code, preparation))
        self.login.opened.connect(self._open)
        self.login.closed.connect(self._end)
        self.login.given_up.connect(self._let_go)
        self.clerk: ClerkWindow | None = None
        self.customer: CustomerWindow | None = None
        self.review: ReviewWindow | None = None
        self.screens: ScreenWatch | None = None
        self._practice: Practice | None = None
        self.ended.connect(self._discard_windows)

    def start(self, *, full_screen: bool = True) -> None:
        """Show the login window. `full_screen` False gives every window its usual size, for a rehearsal."""
        self._full_screen = full_screen
        self.bugs.install()
        self.login.present()

    def offer_practice(self, practice: Practice) -> None:
        """Show the practice logins and the practice customer's hand; at any time, before a login or after it."""
        self._practice = practice
        self.login.show_practice(practice.logins)
        if self.clerk is not None:
            self.clerk.offer_practice(practice)

    @Slot(object)
    def _open(self, services: Services) -> None:
        if services.counter is None and services.desk is None:
            self._close_services(services)
            self.login.refuse_role()
            return
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
            self.review.closed.connect(self._end)
            self.bugs.seen.connect(self.review.show_bug)
            if self._full_screen:
                self.review.showMaximized()
            else:
                _show(self.review, _USUAL_COUNTER)
        self.login.closed.disconnect(self._end)
        self.login.close()
        self.ready.emit()

    @Slot(object)
    def _let_go(self, services: Services) -> None:
        """The window was closed while somebody logged in: what they opened is closed again."""
        self._services = services
        self._end()

    @Slot()
    def _end(self) -> None:
        if self.customer is not None:
            self.customer.finish()
        self.bugs.uninstall()
        if self._services is None:
            self.ended.emit()
        else:
            task = self._close_services(self._services)
            for end in (task.done, task.failed, task.crashed):  # whatever becomes of it, nobody is left waiting
                end.connect(self.ended)
        self._closing.close()

    @Slot()
    def _discard_windows(self) -> None:
        """Qt takes them down, parents with children: left to Python's garbage collector they would go in any order."""
        for window in (self.login, self.clerk, self.customer, self.review):
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
