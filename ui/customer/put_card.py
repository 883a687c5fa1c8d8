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
        self.sentence = wording.Customer.PUT_CARD
        self.business = Text("", "customer-title", wrap=True)
        self.number = Text("", "customer-number")
        question = Text(wording.Customer.NUMBER_QUESTION, "customer-lead")
        wrong = Text(wording.Customer.NUMBER_WRONG, "customer-soft")
        put = Text(wording.Customer.PUT_CARD, "customer-display", wrap=True)
        hint = Text(wording.Customer.PUT_CARD_HINT, "customer-lead-soft", wrap=True)
        paper = Surface(margin=24)
        for label in (self.business, self.number, question, wrong):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            paper.column.addWidget(label)
        self.column.addWidget(paper)
        self.column.addStretch(1)
        self.column.addWidget(Drawing(_DRAWING, "card"))
        for label in (put, hint):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self.column.addWidget(label)
        self.column.addStretch(1)

    def ask(self, business: str, service_number: str) -> None:
        self.business.setText(business)
        self.number.setText(grouped_service_number(service_number))

    def forget(self) -> None:
        """The number goes when the page goes."""
        self.number.setText("")
