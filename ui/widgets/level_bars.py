"""How loud it is: the last moments of sound as bars."""

from collections import deque

from PySide6.QtCore import QRectF, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.style import current_tokens

_BARS, _BAR, _GAP = 16, 8, 6
_HEARD = 0.35  # of the 60 dB that a level spans: below it is the hall, not a voice


class LevelBars(QWidget):
    """Newest at the right; levels are 0 to 1."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(_BARS * (_BAR + _GAP), 72)
        self.levels: deque[float] = deque([0.0] * _BARS, maxlen=_BARS)

    @Slot(object)
    def add(self, level: float) -> None:
        self.levels.append(min(max(level, 0.0), 1.0))
        self.update()

    def clear(self) -> None:
        self.levels.extend([0.0] * _BARS)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        tokens = current_tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for index, level in enumerate(self.levels):
            painter.setBrush(tokens.colour("good" if level > _HEARD else "line"))
            height = 8 + level * (self.height() - 8)
            bar = QRectF(index * (_BAR + _GAP), self.height() - height, _BAR, height)
            painter.drawRoundedRect(bar, _BAR / 2, _BAR / 2)
