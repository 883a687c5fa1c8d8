"""A line of words whose size and colour come from the style sheet."""

import re

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget


class Text(QLabel):
    """Words of one kind (see hall.qss: small, soft, strong, lead, headline, customer-...), in one tone or none."""

    def __init__(
        self, text: str = "", kind: str = "body", parent: QWidget | None = None, *, wrap: bool = False
    ) -> None:
        super().__init__(text, parent)
        self.setProperty("kind", kind)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        if not wrap:  # words may be cut, the window may not grow because of them
            self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def say(self, text: str, tone: str = "") -> None:
        """Show `text` in `tone`: good, look, stop, accent or none."""
        self.setText(text)
        restyle(self, "tone", tone)

    def hug(self) -> "Text":
        """As wide as its words."""
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        return self


def breakable(path: object) -> str:
    """A path that may be broken after each separator: it has no spaces, and would be cut in a narrow window."""
    return re.sub(r"([/\\])", "\\1\u200b", str(path))


def unbreakable(text: str) -> str:
    """Findings with a middle dot between them: a line ends before a dot, never between a figure and its unit."""
    return text.replace(" ", "\u00a0").replace("\u00a0·", " ·")


def restyle(widget: QWidget, name: str, value: str) -> None:
    """Set a property that the style sheet selects by, and let it take effect."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
