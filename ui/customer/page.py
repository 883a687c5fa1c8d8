"""What all of the customer's pages share: one thing in large type, in the middle."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.widgets.drawing import Drawing
from ui.widgets.text import Text

_DRAWING = QSize(168, 128)
_SPACING = 24


class CustomerPage(QWidget):
    """A page of the customer's window.

    Attributes:
        sentence: what it says, in one line, for the clerk.
        awaits_customer: the customer has to do something here; where two share one screen it is theirs meanwhile.
    """

    def __init__(self, *, awaits_customer: bool = False) -> None:
        super().__init__()
        self.sentence = ""
        self.awaits_customer = awaits_customer
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(_SPACING)

    @property
    def at_work(self) -> bool:
        """The customer reads, signs or is before the camera here: nobody shall interrupt them."""
        return False

    def forget(self) -> None:
        """The customer goes: nothing of theirs stays on this page."""

    def heightForWidth(self, width: int) -> int:
        """What it needs, not what it would like: a page scrolls only when its parts cannot give way any more."""
        return self.column.minimumHeightForWidth(width)


class MessagePage(CustomerPage):
    """A drawing, a sentence and a line below it."""

    def __init__(self) -> None:
        super().__init__()
        self._drawing = Drawing(_DRAWING)
        self._above = Text("", "customer-title", wrap=True)
        self._title = Text("", "customer-display", wrap=True)
        self._hint = Text("", "customer-lead-soft", wrap=True)
        for label in (self._above, self._title, self._hint):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.column.addWidget(self._above)
        self.column.addStretch(2)
        self.column.addWidget(self._drawing)
        self.column.addWidget(self._title)
        self.column.addWidget(self._hint)
        self.column.addStretch(3)

    def show_message(self, drawing: str, title: str, hint: str, colour: str = "accent", above: str = "") -> None:
        self._above.setText(above)
        self.sentence = title
        self._drawing.draw(drawing, colour)
        self._title.setText(title)
        self._hint.setText(hint)
