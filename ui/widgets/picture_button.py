"""A picture that can be looked at more closely: by a click, by Enter and by the space bar."""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton

from ui.widgets.picture import Picture
from ui.widgets.row_button import is_enter


class PictureButton(QAbstractButton):
    """Holds `picture`, as large as that. With the focus Enter and the space bar are its own, and it wears a ring."""

    def __init__(self, picture: Picture, name: str) -> None:
        """`name` is what a screen reader says."""
        super().__init__()
        self.picture = picture
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        picture.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setSizePolicy(picture.sizePolicy())
        picture.setParent(self)

    def sizeHint(self) -> QSize:
        return self.picture.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return self.picture.minimumSize()

    def rescale(self, factor: float) -> None:
        del factor
        self.updateGeometry()  # with the picture, which is in no layout

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.picture.setGeometry(self.rect())  # from the corner on, and no larger than it may be

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture paints itself."""

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.picture.wear_ring(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.picture.wear_ring(False)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _opens(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not _opens(event):
            event.ignore()
        elif not event.isAutoRepeat():
            self.click()


def _opens(event: QKeyEvent) -> bool:
    return is_enter(event) or event.key() == Qt.Key.Key_Space
