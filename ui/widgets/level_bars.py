"""How loud it is: the last moments of sound as bars."""

from collections import deque

from PySide6.QtCore import QRectF, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.scale import fix_size
from ui.style import current_tokens

_BARS, _BAR, _GAP, _HEIGHT = 16, 8, 6, 72  # pixels of the design
_HEARD = 0.35  # of the 60 dB that a level spans: below it is the hall, not a voice


class LevelBars(QWidget):
    """LatestValue at the right; levels are 0 to 1."""

    def __init__(self) -> None:
        super().__init__()
        self._factor = 1.0
        fix_size(self, width=_BARS * (_BAR + _GAP), height=_HEIGHT)
        self.levels: deque[float] = deque([0.0] * _BARS, maxlen=_BARS)

    def rescale(self, factor: float) -> None:
        self._factor = factor

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
        painter.scale(self._factor, self._factor)
        for index, level in enumerate(self.levels):
            painter.setBrush(tokens.colour("good" if level > _HEARD else "line"))
            height = _BAR + level * (_HEIGHT - _BAR)
            bar = QRectF(index * (_BAR + _GAP), _HEIGHT - height, _BAR, height)
            painter.drawRoundedRect(bar, _BAR / 2, _BAR / 2)
