"""A button in a list, pressed by Enter like by the space bar when it has the focus."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPushButton


class RowButton(QPushButton):
    """Enter belongs to it while it has the focus, although the page's way on has that key everywhere else."""

    def __init__(self, text: str, name: str) -> None:
        """`name` is what a screen reader says: the words of the row, which the button itself does not repeat."""
        super().__init__(text)
        self.setProperty("rank", "row-action")
        self.setAccessibleName(name)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and is_enter(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not is_enter(event):
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self.click()


def is_enter(event: QKeyEvent) -> bool:
    """Of either keyboard part."""
    return event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
