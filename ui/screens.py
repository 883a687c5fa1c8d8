"""Which screen is whose: the clerk's, and the customer's where there is one of its own; also when one is pulled."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QObject, QRect, QTimer, Slot
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True, slots=True)
class Monitor:
    """One screen of this computer. `area` is where it lies on the desktop, in device-independent pixels."""

    name: str
    area: QRect
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Seats:
    """Names of the screens; `customer` None: they share the clerk's. `clerk` None: there is no screen at all."""

    clerk: str | None
    customer: str | None


def seats(monitors: Sequence[Monitor], customer_now: str | None = None) -> Seats:
    """Who gets which screen.

    The clerk has the primary one. The customer stays at `customer_now` as long as it can be theirs, else gets the
    largest other one, of two alike the first. A screen that lies over the clerk's mirrors it, so it is none of its own.
    """
    if not monitors:
        return Seats(None, None)
    clerk = next((one for one in monitors if one.primary), monitors[0])
    others = [one for one in monitors if one is not clerk and not one.area.intersects(clerk.area)]
    if any(one.name == customer_now for one in others):
        return Seats(clerk.name, customer_now)
    largest = max(others, key=lambda one: one.area.width() * one.area.height(), default=None)
    return Seats(clerk.name, largest.name if largest else None)


class Desk(Protocol):
    """The clerk's window as this module sees it."""

    def share_screen(self, shared: bool) -> None:
        """True: take the customer's window in. False: give it back as a window of its own, hidden."""
        ...


class ScreenWatch(QObject):
    """Puts both windows onto their screens and keeps them there while screens come and go."""

    def __init__(self, clerk: QWidget, customer: QWidget, desk: Desk, parent: QObject | None = None) -> None:
        """`clerk` and `desk` are one object: the window, and what is asked of it."""
        super().__init__(parent)
        self._clerk, self._customer, self._desk = clerk, customer, desk
        self.seats = Seats(None, None)
        self._areas: tuple[QRect, QRect] | None = None
        # A screen goes in several signals, and windows are moved by Qt meanwhile: look once when all is said.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.arrange)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.screenAdded.connect(self._follow)
            application.screenRemoved.connect(self._look_soon)
            application.primaryScreenChanged.connect(self._look_soon)
        for screen in QGuiApplication.screens():
            self._follow(screen)

    @Slot()
    def arrange(self) -> None:
        """Put both windows where they belong now; leave alone what has not changed."""
        present, primary = _present()
        screens = {screen.name(): screen for screen in present}
        monitors = [Monitor(name, one.geometry(), one is primary) for name, one in screens.items()]
        found = seats(monitors, self.seats.customer)
        if found.clerk is None:  # all screens are off: whatever comes back tells us
            return
        clerk = screens[found.clerk].availableGeometry()
        customer = screens[found.customer].geometry() if found.customer else QRect()
        if (found, (clerk, customer)) == (self.seats, self._areas):
            return
        self.seats, self._areas = found, (clerk, customer)
        self._desk.share_screen(found.customer is None)
        if found.customer is not None:
            _move(self._customer, screens[found.customer], customer)
            self._customer.showFullScreen()
        _move(self._clerk, screens[found.clerk], clerk)
        self._clerk.showMaximized()
        self._clerk.activateWindow()

    @Slot(QScreen)
    def _follow(self, screen: QScreen) -> None:
        screen.geometryChanged.connect(self._look_soon)
        screen.availableGeometryChanged.connect(self._look_soon)
        self._look_soon()

    @Slot()
    def _look_soon(self) -> None:
        self._soon.start()


def _present() -> tuple[list[QScreen], QScreen | None]:
    """All screens that are on, and the primary one."""
    return QGuiApplication.screens(), QGuiApplication.primaryScreen()


def _move(window: QWidget, screen: QScreen, area: QRect) -> None:
    """Let go of the old screen first: a maximised or full-screen window does not follow its geometry."""
    if window.isVisible():
        window.showNormal()
    window.setScreen(screen)
    window.setGeometry(area)
