"""A QR code, painted; it is never a file."""

import segno
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QWidget

_QUIET_MODULES = 4  # ISO/IEC 18004: so much light round it


class QrCode(QWidget):
    """A square of `side` pixels of the design. Dark on light whatever the scheme: scanners want it so."""

    def __init__(self, side: int) -> None:
        super().__init__()
        self._side, self._factor = side, 1.0
        self._rows: tuple[tuple[int, ...], ...] = ()
        self.rescale(1.0)

    def show_text(self, text: str) -> None:
        """Show `text` as a code; nothing for an empty one."""
        made = segno.make(text, error="m", micro=False) if text else None
        self._rows = tuple(tuple(row) for row in made.matrix) if made is not None else ()
        self.update()

    def rescale(self, factor: float) -> None:
        self._factor = factor
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        side = round(self._side * self._factor)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        if not self._rows:
            return
        painter = QPainter(self)
        painter.fillRect(self.rect(), Qt.GlobalColor.white)
        modules = len(self._rows) + 2 * _QUIET_MODULES
        ratio = self.devicePixelRatioF()
        module = max(1, int(self.width() * ratio / modules)) / ratio  # whole pixels of the screen: edges stay sharp
        start = (self.width() - len(self._rows) * module) / 2
        path = QPainterPath()
        for down, row in enumerate(self._rows):
            for across, dark in enumerate(row):
                if dark:
                    path.addRect(QRectF(start + across * module, start + down * module, module, module))
        painter.fillPath(path, Qt.GlobalColor.black)
        painter.end()
