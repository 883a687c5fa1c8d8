"""A line drawing among words."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel

from ui.icons import paint_drawing


class Drawing(QLabel):
    """One of assets/icons in a colour of the tokens, `size` in pixels of the design; nothing before there is a name.

    It is drawn when it is painted: in today's colours, for the screen that it is on.
    """

    def __init__(self, size: QSize, name: str = "", colour: str = "accent") -> None:
        super().__init__()
        self._size, self._name, self._colour, self._factor = size, name, colour, 1.0

    def rescale(self, factor: float) -> None:
        self._factor = factor
        self.updateGeometry()
        self.update()

    def draw(self, name: str, colour: str) -> None:
        self._name, self._colour = name, colour
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return self._size * self._factor if self._name else QSize(0, 0)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._name:
            area = QRectF(0, 0, self._size.width() * self._factor, self._size.height() * self._factor)
            area.moveCenter(QRectF(self.rect()).center())
            painter = QPainter(self)
            paint_drawing(painter, self._name, area, self._colour)
            painter.end()
