"""The hand of the practice customer: puts the practice card onto the reader and takes it off."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from hallclient.domain.failures import KnownError
from ui import wording
from ui.background import Background
from ui.widgets.text import Text


@dataclass(frozen=True, slots=True)
class Practice:
    """What a practice counter offers to its windows.

    Attributes:
        put_card, take_card: block; run in the background.
        logins: with which staff numbers, passwords and codes one can log in now, in words.
    """

    put_card: Callable[[], None]
    take_card: Callable[[], None]
    logins: Callable[[], str]


class PracticeHand(QWidget):
    """Two buttons for the mouse or a finger: they take no key and no focus, so they never get in a clerk's way."""

    def __init__(self, practice: Practice) -> None:
        super().__init__()
        self._background = Background("practice hand", self)
        self._trouble = Text("", "small").hug()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._trouble)
        self.buttons: list[QPushButton] = []
        for words, call in ((wording.Practice.PUT, practice.put_card), (wording.Practice.TAKE, practice.take_card)):
            button = QPushButton(words)
            button.setAccessibleName(words)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(lambda _=False, call=call: self._do(call))
            self.buttons.append(button)
            row.addWidget(button)

    def close_hand(self) -> None:
        """Take no more orders."""
        self._background.close()

    def _do(self, call: Callable[[], None]) -> None:
        self._trouble.setText("")
        self._background.run(call).failed.connect(self._show_trouble)

    @Slot(object)
    def _show_trouble(self, error: KnownError) -> None:
        self._trouble.say(error.failure.cause, "stop")
