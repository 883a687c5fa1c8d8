"""The whole text that is read and signed, while it is signed."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from hallclient.domain.notice import Notice
from ui.widgets.scroll import Scroll
from ui.widgets.surface import Surface
from ui.widgets.text import Text


class NoticeText(Surface):
    """Title and last sentence, by which the signer takes it on, always in sight; the lines between them scroll."""

    def __init__(self, title_kind: str, line_kind: str) -> None:
        super().__init__("inset")
        self._line_kind = line_kind
        self.title = Text("", title_kind, wrap=True)
        self.key_sentence = Text("", "strong" if line_kind == "body" else "customer-strong", wrap=True)
        self.lines: list[Text] = []
        paper = QWidget()
        self._paper = QVBoxLayout(paper)
        self._paper.setContentsMargins(0, 0, 0, 0)
        self._paper.setSpacing(4)
        self._paper.addStretch(1)
        self.column.addWidget(self.title)
        self._between = Scroll(paper, wanted=True)
        self.column.addWidget(self._between, 1)
        self.column.addWidget(self.key_sentence)

    def height_for(self, width: int) -> int:
        """How high it has to be at `width` so that no line of it scrolls, in pixels."""
        margins = self.column.contentsMargins()
        inner = width - margins.left() - margins.right()
        parts = self.title.heightForWidth(inner), self._paper.heightForWidth(inner), self.key_sentence.heightForWidth(inner)
        return sum(parts) + 2 * self.column.spacing() + margins.top() + margins.bottom()

    def show_notice(self, notice: Notice) -> None:
        """Show this text; the one before goes."""
        for label in self.lines:
            self._paper.removeWidget(label)
            label.deleteLater()
        *before, last = notice.lines
        self.title.setText(notice.title)
        self.key_sentence.setText(last)
        self.lines = [Text(line, self._line_kind, wrap=True) for line in before]
        for position, label in enumerate(self.lines):
            self._paper.insertWidget(position, label)
        self.setAccessibleName(notice.title)
