"""The whole text that is read and signed, while it is signed."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from hallclient.domain.notice import Notice
from ui.widgets.scroll import Scroll
from ui.widgets.surface import Surface
from ui.widgets.text import Text

_ALMOST_ALL = 1000  # of the height, where the lines need it
QWIDGETSIZE_MAX = (1 << 24) - 1  # of qwidget.h, which PySide6 leaves out


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
        self.column.addWidget(self._between, _ALMOST_ALL)
        self.column.addWidget(self.key_sentence)
        self.column.addStretch(1)  # what is left over is below the last sentence, not before it

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._fit()
        return done

    def _fit(self) -> None:
        """The lines have the height that they need and no more; where that is not there, they scroll."""
        # A bar that was needed once makes the lines narrower, and so would be needed for ever.
        policy = Qt.ScrollBarPolicy
        fits = self.height_for(self.width()) <= self.height()
        self._between.setVerticalScrollBarPolicy(policy.ScrollBarAlwaysOff if fits else policy.ScrollBarAsNeeded)
        needed = self._paper.heightForWidth(self._between.width()) if self.lines else 0
        self._between.setMaximumHeight(needed if fits and needed > 0 else QWIDGETSIZE_MAX)

    @property
    def height_scrolled(self) -> int:
        """How much of it is out of sight, in pixels."""
        return self._between.verticalScrollBar().maximum()

    def height_for(self, width: int) -> int:
        """How high it has to be at `width` so that no line of it scrolls, in pixels."""
        frame, margins = self.size() - self.contentsRect().size(), self.column.contentsMargins()
        across, down = (
            frame.width() + margins.left() + margins.right(),
            frame.height() + margins.top() + margins.bottom(),
        )
        parts = (self.title, self._paper, self.key_sentence)
        return sum(part.heightForWidth(width - across) for part in parts) + 2 * self.column.spacing() + down

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
        self._fit()
