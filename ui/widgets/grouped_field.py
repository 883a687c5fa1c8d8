"""A field that takes only the signs that belong into it, and shows them in groups while they are typed."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit


class GroupedField(QLineEdit):
    """`plain` says which signs of a text count, `grouped` how they are shown, with `gap` between two groups."""

    gap = " "

    def __init__(self) -> None:
        super().__init__()
        self.textChanged.connect(self._regroup)

    def plain(self, text: str) -> str:
        """The signs of `text` that count, in the form that is used."""
        raise NotImplementedError

    def grouped(self, plain: str) -> str:
        """`plain` as it is shown; each sign stays, in its order."""
        raise NotImplementedError

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The gap between two groups is not there for the hand: what is deleted is the sign beside it."""
        at, text = self.cursorPosition(), self.text()
        if not self.hasSelectedText():
            if event.key() == Qt.Key.Key_Backspace and text[at - 1 : at] == self.gap:
                self.setCursorPosition(at - 1)
            elif event.key() == Qt.Key.Key_Delete and text[at : at + 1] == self.gap:
                self.setCursorPosition(at + 1)
        super().keyPressEvent(event)

    @Slot(str)
    def _regroup(self, text: str) -> None:
        shown = self.grouped(self.plain(text))
        if shown == text:
            return
        before = self.plain(text[: self.cursorPosition()])  # the cursor stays behind the same sign
        self.setText(shown)
        self.setCursorPosition(len(self.grouped(before)))
