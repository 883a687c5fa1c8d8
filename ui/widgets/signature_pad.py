"""Where the customer signs: pen with pressure, else finger or mouse."""

import time

from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QInputDevice, QMouseEvent, QPainter, QPen, QPointingDevice, QTabletEvent

from hallclient.domain.signature import PenPoint, is_too_little_ink
from ui import wording
from ui.scale import fix_size
from ui.style import current_tokens
from ui.widgets.signature_view import SignatureView, Strokes

PEN = "pen"
_LEAST = 180  # in pixels of the design: a name is written with the whole hand
_SAME_STROKE_SHARE = 0.05  # of the field's width: a press as near as this to the stroke's end goes on with it
_PRESSES = (QEvent.Type.TabletPress, QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick)
_RELEASES = (QEvent.Type.TabletRelease, QEvent.Type.MouseButtonRelease)


class SignaturePad(SignatureView):
    """Collects strokes as `PenPoint`s: 0 to 1 across the field, monotonic seconds since the first touch.

    One signature is written with one device, the first that touches the field; a pen takes over from a hand that has
    written too little for a signature. Until `clear` nothing else wipes ink: no palm, no click, no press inside a
    stroke, no press after a lost release, no pen on what a finger has signed. Points outside the field are no ink.

    Signals:
        changed(): a point was added, or all were cleared.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName(wording.Customer.SIGN)
        fix_size(self, least_height=_LEAST)
        self.device = ""
        self._done: list[tuple[PenPoint, ...]] = []
        self._stroke: list[PenPoint] | None = None
        self._first_s = 0.0
        self._last_s = 0.0

    @property
    def strokes(self) -> Strokes:
        return (*self._done, tuple(self._stroke)) if self._stroke else tuple(self._done)

    @property
    def point_count(self) -> int:
        return sum(len(stroke) for stroke in self.strokes)

    @property
    def too_short(self) -> bool:
        """Something was written and the pen is lifted, but it is no name yet."""
        return bool(self._done) and self._stroke is None and is_too_little_ink(self.strokes)

    def clear(self) -> None:
        self._done, self._stroke, self.device = [], None, ""
        self.update()
        self.changed.emit()

    def tabletEvent(self, event: QTabletEvent) -> None:
        feels = bool(event.pointingDevice().capabilities() & QInputDevice.Capability.Pressure)
        if event.pointerType() is not QPointingDevice.PointerType.Eraser and _writes(event):
            self._follow(event.type(), event.position(), event.timestamp(), PEN, event.pressure() if feels else None)
        event.accept()  # else Qt would send the same point again as a mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._follow_mouse(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The second of two quick strokes is a stroke like any other."""
        self._follow_mouse(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._follow_mouse(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._follow_mouse(event)

    def _follow_mouse(self, event: QMouseEvent) -> None:
        if not _writes(event):
            return
        # Qt turns an unclaimed touch into these events and names the finger as their pointer.
        finger = event.pointerType() is QPointingDevice.PointerType.Finger
        self._follow(event.type(), event.position(), event.timestamp(), "touch" if finger else "mouse", None)

    def _follow(self, kind: QEvent.Type, at: QPointF, stamp_ms: int, device: str, pressure: float | None) -> None:
        if kind in _PRESSES:
            if not self._take_up(device, at):
                return
        elif self._stroke is None or self.device != device:
            return
        released = kind in _RELEASES
        # A lifted pen presses with nothing; its last point keeps the pressure it was drawn with.
        if released and pressure is not None and self._stroke:
            pressure = self._stroke[-1].pressure
        if not self.field.contains(at):
            self._lift()  # what is drawn beside the field is no ink, and no line leads across it
            self._stroke = []
        elif self._stroke is not None:
            self._stroke.append(self._point(at, stamp_ms, pressure))
        if released:
            self._lift()
        self.update()
        self.changed.emit()

    def _take_up(self, device: str, at: QPointF) -> bool:
        """Whether a press with `device` writes. What was written stays, whatever is pressed.

        The exception is the hand that lay down before its pen: the pen begins on a clean field, unless what lies there
        is a signature.
        """
        if self.device and device != self.device:
            if device != PEN or not is_too_little_ink(self.strokes):
                return False
            self._done, self._stroke = [], None
        self.device = device
        if self._stroke is None:
            self._stroke = []
        elif self._stroke and not self._is_near(self._stroke[-1], at):
            self._lift()  # its release was lost
            self._stroke = []
        return True

    def _is_near(self, last: PenPoint, at: QPointF) -> bool:
        field = self.field
        there = QPointF(field.left() + last.x * field.width(), field.top() + last.y * field.height())
        return bool(QLineF(there, at).length() <= _SAME_STROKE_SHARE * field.width())

    def _lift(self) -> None:
        if self._stroke:
            self._done.append(tuple(self._stroke))
        self._stroke = None

    def _point(self, at: QPointF, stamp_ms: int, pressure: float | None) -> PenPoint:
        # The event's own time is when the pen was there; an event without one counts as now.
        now_s = stamp_ms / 1000 if stamp_ms else time.monotonic()
        if not self._done and not self._stroke:
            self._first_s = self._last_s = now_s
        self._last_s = max(self._last_s, now_s)
        field = self.field
        x = min(max((at.x() - field.left()) / field.width(), 0.0), 1.0)
        y = min(max((at.y() - field.top()) / field.height(), 0.0), 1.0)
        return PenPoint(self._last_s - self._first_s, x, y, pressure)

    def paint_field(self, painter: QPainter) -> None:
        super().paint_field(painter)
        tokens, field = current_tokens(), self.field
        y = field.top() + field.height() * 0.78
        painter.setPen(QPen(tokens.colour("line"), 2 * self._factor))
        inset = 48 * self._factor
        painter.drawLine(QPointF(field.left() + inset, y), QPointF(field.right() - inset, y))
        if is_too_little_ink(self.strokes):  # a click is no signature: where to sign is still to be said
            font = self.font()
            font.setPixelSize(round(tokens.sizes["customer_body"] * self._factor))
            painter.setFont(font)
            painter.setPen(tokens.colour("soft"))
            top = y + 4 * self._factor
            below = QRectF(field.left(), top, field.width(), field.bottom() - top)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, wording.Customer.SIGN_HERE)


def _writes(event: QTabletEvent | QMouseEvent) -> bool:
    """The tip, a finger or the left button; never the right button or a barrel's, pressed or let go or held."""
    left = Qt.MouseButton.LeftButton
    if event.type() in (*_PRESSES, *_RELEASES):
        return event.button() == left
    return bool(event.buttons() & left)
