"""A signature as it was written."""

import itertools

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from hallclient.domain.signature import FIELD_ASPECT, PenPoint
from ui.style import current_tokens

Strokes = tuple[tuple[PenPoint, ...], ...]
_NO_PRESSURE = 0.5


class SignatureView(QWidget):
    """Draws strokes into the largest field of the one shape; pressure becomes width."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._strokes: Strokes = ()
        self._factor = 1.0

    def rescale(self, factor: float) -> None:
        self._factor = factor
        self.update()

    @property
    def strokes(self) -> Strokes:
        return self._strokes

    def show_strokes(self, strokes: Strokes) -> None:
        self._strokes = strokes
        self.update()

    @property
    def field(self) -> QRectF:
        """Where the signature field lies in the widget."""
        size = QSizeF(FIELD_ASPECT, 1.0).scaled(QSizeF(self.size()), Qt.AspectRatioMode.KeepAspectRatio)
        area = QRectF(QPointF(0, 0), size)
        area.moveCenter(QRectF(self.rect()).center())
        return area

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_field(painter)
        tokens, field = current_tokens(), self.field
        for stroke in self.strokes:
            for before, after in itertools.pairwise(stroke):
                pressure = _NO_PRESSURE if after.pressure is None else after.pressure
                width = field.height() * (0.008 + 0.026 * pressure)
                painter.setPen(QPen(tokens.colour("ink"), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
                painter.drawLine(_place(field, before), _place(field, after))

    def paint_field(self, painter: QPainter) -> None:
        """What lies under the strokes."""
        tokens = current_tokens()
        painter.setPen(QPen(tokens.colour("line"), self._factor))
        painter.setBrush(tokens.colour("surface"))
        corner = tokens.sizes["corner_field"] * self._factor
        painter.drawRoundedRect(self.field.adjusted(0.5, 0.5, -0.5, -0.5), corner, corner)


def _place(field: QRectF, point: PenPoint) -> QPointF:
    return QPointF(field.left() + point.x * field.width(), field.top() + point.y * field.height())
