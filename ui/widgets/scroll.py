"""Contents that may be higher than their place."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QScroller, QWidget


class Scroll(QScrollArea):
    """As wide as its place, and scrolled by wheel, key or finger where it is higher. It never makes a window grow."""

    def __init__(self, widget: QWidget, *, least: int = 0, wanted: bool = False) -> None:
        """`least`: the height below which it does not go; `wanted`: it asks for the height of its contents."""
        super().__init__()
        self._wanted = wanted
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumSize(QSize(0, least))
        self.setWidget(widget)
        QScroller.grabGesture(self.viewport(), QScroller.ScrollerGestureType.TouchGesture)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)

    def sizeHint(self) -> QSize:
        wanted = self.widget().sizeHint() if self._wanted and self.widget() is not None else QSize(0, 0)
        return QSize(0, wanted.height())
