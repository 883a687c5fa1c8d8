"""A white surface that things lie on."""

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from ui.widgets.text import Text


class Surface(QFrame):
    """A framed column. `kind` is a surface of hall.qss: card, top, bottom, inset, mirror."""

    def __init__(self, kind: str = "card", title: str = "", parent: QWidget | None = None, margin: int = 16) -> None:
        super().__init__(parent)
        self.setProperty("surface", kind)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(margin, margin, margin, margin)
        self.column.setSpacing(8)
        if title:
            self.column.addWidget(Text(title, "lead"))
