"""The customer's first page: what is done in their name, the number in full for once, and the card."""

from PySide6.QtCore import QSize, Qt

from hallclient.domain.masking import grouped_service_number
from ui import wording
from ui.customer.page import CustomerPage
from ui.widgets.drawing import Drawing
from ui.widgets.surface import Surface
from ui.widgets.text import Text

_DRAWING = QSize(168, 112)


class PutCardPage(CustomerPage):
    """Nobody but the customer can see a slip in the number; from the next page on it is masked."""

    def __init__(self) -> None:
        super().__init__(awaits_customer=True)
        self.business = Text("", "customer-title", wrap=True)
        self.number = Text("", "customer-number")
        question = Text(wording.Customer.NUMBER_QUESTION, "customer-lead")
        wrong = Text(wording.Customer.NUMBER_WRONG, "customer-soft")
        self._put = Text("", "customer-display", wrap=True)
        self._hint = Text("", "customer-lead-soft", wrap=True)
        paper = Surface(margin=24)
        for label in (self.business, self.number, question, wrong):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            paper.column.addWidget(label)
        self.column.addWidget(paper)
        self.column.addStretch(1)
        self.column.addWidget(Drawing(_DRAWING, "card"))
        for label in (self._put, self._hint):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self.column.addWidget(label)
        self.column.addStretch(1)
        self.ask("", "")

    def ask(self, business: str, service_number: str, *, lift: bool = False) -> None:
        """`lift`: a card lies there that was not put down for this; it may be anybody's."""
        self.sentence = wording.Customer.LIFT_CARD if lift else wording.Customer.PUT_CARD
        self._put.setText(self.sentence)
        self._hint.setText(wording.Customer.LIFT_CARD_HINT if lift else wording.Customer.PUT_CARD_HINT)
        self.business.setText(business)
        self.number.setText(grouped_service_number(service_number))

    def forget(self) -> None:
        self.number.setText("")
