"""What becomes of a session that the clerk leaves."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui import wording
from ui.widgets.key_button import KeyButton, action
from ui.widgets.scroll import Scroll
from ui.widgets.text import Text


class LeavePage(QWidget):
    """Reasons with a key each; nothing is left without one.

    Signals:
        abandoned(str): for this reason.
        kept(): to be continued later.
    """

    abandoned = Signal(str)
    kept = Signal()

    def __init__(self) -> None:
        super().__init__()
        paper = QWidget()
        column = QVBoxLayout(paper)
        column.setContentsMargins(24, 16, 24, 16)
        column.setSpacing(8)
        column.addWidget(Text(wording.Leave.HEADLINE, "headline"))
        column.addWidget(Text(wording.Leave.STATUS, "soft"))
        column.addSpacing(8)
        self.reasons: list[QAction] = []
        for number, reason in enumerate(wording.Leave.REASONS, 1):
            one = action(self, reason, Qt.Key(Qt.Key.Key_0 + number))
            one.triggered.connect(lambda _=False, why=reason: self.abandoned.emit(why))
            self.reasons.append(one)
            column.addWidget(_calm(KeyButton(one, "choice")))
        column.addSpacing(16)
        self.keep = action(self, wording.Leave.KEEP, Qt.Key.Key_F9)
        self.keep.triggered.connect(self.kept)
        column.addWidget(_calm(KeyButton(self.keep, "choice")))
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(Scroll(paper))


def _calm(button: KeyButton) -> KeyButton:
    """Its own key or a click only: a space bar that was meant for another page must not abandon a session."""
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return button
