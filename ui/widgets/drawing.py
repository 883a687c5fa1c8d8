"""A line drawing among words."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel

from ui.icons import pixmap


class Drawing(QLabel):
    """One of assets/icons in a colour of the tokens, `size` in pixels of the design; nothing before there is a name."""

    def __init__(self, size: QSize, name: str = "", colour: str = "accent") -> None:
        super().__init__()
        self._size, self._name, self._colour, self._factor = size, name, colour, 1.0
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._draw()

    def rescale(self, factor: float) -> None:
        self._factor = factor
        self._draw()

    def draw(self, name: str, colour: str) -> None:
        self._name, self._colour = name, colour
        self._draw()

    def _draw(self) -> None:
        if self._name:
            self.setPixmap(pixmap(self._name, self._size * self._factor, self._colour))
