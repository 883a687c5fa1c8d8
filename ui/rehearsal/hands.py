"""What a hand does at the windows: presses, clicks, types, writes with a pen."""

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QAction, QInputDevice, QPointingDevice, QPointingDeviceUniqueId, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget

from hallclient.domain.signature import PenPoint
from ui.clerk.window import ClerkWindow
from ui.widgets.key_button import KeyButton
from ui.widgets.signature_pad import SignaturePad

_PEN_START_MS = 1_000  # Qt's time stamps count from an arbitrary start; 0 means that an event has none


def write(pad: SignaturePad, strokes: tuple[tuple[PenPoint, ...], ...]) -> None:
    """Pen events on the pad, with pressure, sub-pixel places and times of their own."""
    pen = _pen()
    for stroke in strokes:
        for point in stroke:
            place = QPointF(
                pad.field.left() + point.x * pad.field.width(), pad.field.top() + point.y * pad.field.height()
            )
            first, last = point is stroke[0], point is stroke[-1]
            kind = QEvent.Type.TabletPress if first else QEvent.Type.TabletMove
            _send_pen(pad, pen, kind, place, point)
            if last:
                _send_pen(pad, pen, QEvent.Type.TabletRelease, place, point)
            QApplication.processEvents()


def _pen() -> QPointingDevice:
    """A tablet's pen that feels pressure, as Qt would describe a real one."""
    return QPointingDevice(
        "practice pen",
        1,
        QInputDevice.DeviceType.Stylus,
        QPointingDevice.PointerType.Pen,
        QInputDevice.Capability.Position | QInputDevice.Capability.Pressure,
        1,
        1,
        "",
        QPointingDeviceUniqueId(),
        QApplication.instance(),
    )


def _send_pen(pad: QWidget, pen: QPointingDevice, kind: QEvent.Type, place: QPointF, point: PenPoint) -> None:
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    lifted = kind is QEvent.Type.TabletRelease
    event = QTabletEvent(
        kind,
        pen,
        place,
        pad.mapToGlobal(place),
        0.0 if lifted else point.pressure or 0.0,
        0,
        0,
        0,
        0,
        0,
        Qt.KeyboardModifier.NoModifier,
        none if kind is QEvent.Type.TabletMove else left,
        none if lifted else left,
    )
    event.setTimestamp(_PEN_START_MS + round(point.time_s * 1000))
    QApplication.sendEvent(pad, event)


def press(window: QWidget, wanted: QAction) -> None:
    """Press the action's key; where no window manager makes a window active (bare Xvfb), click its button instead."""
    window.activateWindow()
    if isinstance(window, ClerkWindow) and window.shows_customer:  # on one screen the clerk takes it back first
        press(window.strip, window.strip.swap)
    if window.isActiveWindow():
        combination = wanted.shortcut()[0]  # type: ignore[index]  # the stubs leave out its operator
        QTest.keyClick(window.focusWidget() or window, combination.key(), combination.keyboardModifiers())
        return
    click(next(one for one in window.findChildren(KeyButton) if one.shown is wanted and one.isVisible()))


def click(button: QAbstractButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def type_into(field_: QLineEdit, text: str) -> None:
    QTest.mouseClick(field_, Qt.MouseButton.LeftButton)
    QTest.keyClicks(field_, text)
