"""The hand of the practice customer: a small window that puts the practice card onto the reader and takes it off."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui import wording
from ui.background import Background
from ui.widgets.key_button import KeyButton, action
from ui.widgets.pill import Pill
from ui.widgets.text import Text


class PracticeTray(QWidget):
    """Shown beside the windows of a practice hall, where no real reader takes a real card."""

    def __init__(self, put_card: Callable[[], None], take_card: Callable[[], None], logins: str) -> None:
        """`logins` says with which staff numbers and passwords one can log in."""
        super().__init__(None, Qt.WindowType.Tool | Qt.WindowType.WindowStaysOnTopHint)
        self.setObjectName("window")
        self.setWindowTitle(wording.PRACTICE)
        self._background = Background("tray", self)
        row = QHBoxLayout()
        row.addWidget(Pill(wording.PRACTICE, "look"))
        for words, call in ((wording.PracticeTray.PUT, put_card), (wording.PracticeTray.TAKE, take_card)):
            wanted = action(self, words)
            wanted.triggered.connect(lambda _=False, call=call: self._background.run(call))
            row.addWidget(KeyButton(wanted))
        column = QVBoxLayout(self)
        column.addLayout(row)
        column.addWidget(Text(logins, "soft"))

    def closeEvent(self, event: QCloseEvent) -> None:
        self._background.close()
        event.accept()
