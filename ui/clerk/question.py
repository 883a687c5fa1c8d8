"""What a key would destroy is asked for once more."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.steps.page import Confirmation
from ui.widgets.key_button import KeyButton, action, calm
from ui.widgets.scroll import Scroll
from ui.widgets.text import Text


class QuestionPage(QWidget):
    """Like the page of reasons: yes has a key of its own that no other page has, and no digit; Esc means no.

    Signals:
        sure(): the clerk says yes.
    """

    sure = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._headline, self._status = Text("", "headline", wrap=True), Text("", "soft", wrap=True)
        self.yes = action(self, "", Qt.Key.Key_F10)
        self.yes.triggered.connect(self.sure)
        paper = QWidget()
        self._column = QVBoxLayout(paper)
        for part in (self._headline, self._status, calm(KeyButton(self.yes, "choice"))):
            self._column.addWidget(part)
        self._column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(Scroll(paper))
        self.rescale(1.0)

    def rescale(self, factor: float) -> None:
        across, down, gap = (round(side * factor) for side in (24, 16, 16))
        self._column.setContentsMargins(across, down, across, down)
        self._column.setSpacing(gap)

    def show_question(self, question: Confirmation) -> None:
        self._headline.setText(question.headline)
        self._status.setText(question.status)
        self.yes.setText(question.yes)
