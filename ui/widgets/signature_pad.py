"""Where the customer signs: pen with pressure, else finger or mouse."""

import time

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QInputDevice, QMouseEvent, QPainter, QPen, QPointingDevice, QTabletEvent

from hallclient.domain.signature import PenPoint
from ui import wording
from ui.style import current_tokens
from ui.widgets.signature_view import SignatureView, Strokes


class SignaturePad(SignatureView):
    """Collects strokes as `PenPoint`s: 0 to 1 across the field, monotonic seconds since the first touch.

    One signature is written with one device: a stroke of another device begins a new signature.

    Signals:
        changed(): a point was added, or all were cleared.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setCursor(Qt.CursorShape.CrossCursor)
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

    def clear(self) -> None:
        self._done, self._stroke, self.device = [], None, ""
        self.update()
        self.changed.emit()

    def tabletEvent(self, event: QTabletEvent) -> None:
        feels = bool(event.pointingDevice().capabilities() & QInputDevice.Capability.Pressure)
        self._follow(event.type(), event.position(), event.timestamp(), "pen", event.pressure() if feels else None)
        event.accept()  # else Qt would send the same point again as a mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._follow_mouse(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._follow_mouse(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._follow_mouse(event)

    def _follow_mouse(self, event: QMouseEvent) -> None:
        # Qt turns an unclaimed touch into these events and names the finger as their pointer.
        finger = event.pointerType() is QPointingDevice.PointerType.Finger
        self._follow(event.type(), event.position(), event.timestamp(), "touch" if finger else "mouse", None)

    def _follow(self, kind: QEvent.Type, at: QPointF, stamp_ms: int, device: str, pressure: float | None) -> None:
        if kind in (QEvent.Type.TabletPress, QEvent.Type.MouseButtonPress):
            if self.device != device:
                self._done = []
            self.device, self._stroke = device, []
        if self._stroke is None or self.device != device:
            return
        released = kind in (QEvent.Type.TabletRelease, QEvent.Type.MouseButtonRelease)
        # A lifted pen presses with nothing; its last point keeps the pressure it was drawn with.
        if released and pressure is not None and self._stroke:
            pressure = self._stroke[-1].pressure
        self._stroke.append(self._point(at, stamp_ms, pressure))
        if released:
            self._done.append(tuple(self._stroke))
            self._stroke = None
        self.update()
        self.changed.emit()

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
        painter.setPen(QPen(tokens.colour("line"), 2))
        painter.drawLine(QPointF(field.left() + 48, y), QPointF(field.right() - 48, y))
        if not self.strokes:
            font = self.font()
            font.setPixelSize(tokens.sizes["customer_body"])
            painter.setFont(font)
            painter.setPen(tokens.colour("faint"))
            below = QRectF(field.left(), y + 4, field.width(), field.bottom() - y - 4)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, wording.Customer.SIGN_HERE)
