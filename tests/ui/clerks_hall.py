"""A clerk at a counter of doubles: both windows, and the keys that they press."""

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtTest import QTest

from hallclient.domain.failures import FailureCode
from tests.ui import doubles
from tests.ui.doubles import Step
from ui.clerk.window import ClerkWindow
from ui.customer.window import CustomerWindow


class Hall:
    """A clerk's and a customer's window over doubles, and the keys that a clerk presses."""

    def __init__(self, qtbot) -> None:
        self.qtbot = qtbot
        self.session = doubles.Session()
        self.counter = doubles.Counter(self.session)
        self.dispatch = doubles.Dispatch()
        self.customer = CustomerWindow(practice=True)
        self.clerk = ClerkWindow(self.counter, self.dispatch, self.customer, doubles.FixedClock())
        self.closed: list[bool] = []
        self.clerk.closed.connect(lambda: self.closed.append(True))
        self.customer.resize(1280, 800)
        self.clerk.resize(1366, 768)
        self.customer.show()
        self.clerk.show()
        self.clerk.activateWindow()

    def key(self, key: Qt.Key) -> None:
        QTest.keyClick(self.clerk.focusWidget() or self.clerk, key)

    def go_the_other_way(self) -> None:
        self.key(Qt.Key.Key_F6)
        self.key(Qt.Key.Key_F10)  # it asks first: it is for good

    def open(self) -> None:
        QTest.keyClicks(self.clerk.start.number, "13800000021")
        self.key(Qt.Key.Key_Return)
        self.until(lambda: self.clerk.view is not None)

    def come_to(self, step: Step) -> None:
        """A session whose steps before this one are done, continued."""
        self.session.come_to(step)
        self.open()

    def until(self, condition) -> None:
        self.qtbot.waitUntil(condition)

    def until_step(self, step: Step) -> None:
        self.until(lambda: self.clerk.view.step == step)

    def until_way_on(self) -> None:
        self.until(lambda: self.page is not None and self.page.primary_action.isEnabled())

    def until_failure(self, code: FailureCode) -> None:
        self.until(lambda: self.page.banner.isVisible() and code in self.page.banner.cause.text())

    @property
    def page(self):
        return self.clerk.view.page

    @property
    def portrait(self) -> doubles.PortraitStep:
        return self.session.the(doubles.PortraitStep)

    def close(self) -> None:
        self.session.may_go_on.set()
        self.clerk.close()
        self.until(lambda: bool(self.closed))
        self.customer.finish()
        # As the application does it: Qt takes them down, parents with children, and not Python's garbage collector.
        for window in (self.clerk, self.customer):
            window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def mark(hall, step: Step) -> str:
    steps = hall.clerk.view.steps
    assert steps.is_done(step)
    return steps.rows[step].badge.state


def write(pad) -> None:
    at = pad.field.topLeft().toPoint() + QPoint(40, 40)
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    for step in range(1, 12):
        QTest.mouseMove(pad, at + QPoint(10 * step, 3 * step))
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at + QPoint(120, 40))
