"""The separate consent for face data (Facial Recognition Measures 2025): the customer answers, nobody else."""

from itertools import zip_longest

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton

from hallclient.domain.notice import Notice
from ui import wording
from ui.customer.page import CustomerPage
from ui.widgets.surface import Surface
from ui.widgets.text import Text

_MOST_LINES = 6  # what fits in large type; a longer text raises, rather than be cut


class ConsentPage(CustomerPage):
    """The text, and two answers that look alike: neither is recommended.

    Signals:
        answered(bool): agreed or not.
    """

    answered = Signal(bool)

    def __init__(self) -> None:
        super().__init__(awaits_customer=True)
        self._title = Text("", "customer-title")
        self._lines = [Text("", "customer-lead", wrap=True) for _ in range(_MOST_LINES)]
        paper = Surface(margin=32)
        paper.column.setSpacing(24)
        paper.column.addWidget(self._title)
        for label in self._lines:
            paper.column.addWidget(label)
        paper.column.addStretch(1)
        self.agree = QPushButton(wording.Customer.AGREE)
        self.agree.setProperty("rank", "customer")
        self.disagree = QPushButton(wording.Customer.DISAGREE)
        self.disagree.setProperty("rank", "customer")
        self.agree.clicked.connect(lambda: self._answer(True))
        self.disagree.clicked.connect(lambda: self._answer(False))
        answers = QHBoxLayout()
        answers.setSpacing(24)
        answers.addWidget(Text(wording.Customer.CONSENT_HINT, "customer-soft", wrap=True), 1)
        answers.addWidget(self.disagree)
        answers.addWidget(self.agree)
        self.column.addWidget(paper, 1)
        self.column.addLayout(answers)

    def ask(self, consent: Notice) -> None:
        self.sentence = consent.title
        self._title.setText(consent.title)
        for label, line in zip_longest(self._lines, consent.lines):
            label.setText(line or "")
            label.setVisible(bool(line))
        self._let(True)

    def _answer(self, given: bool) -> None:
        self._let(False)  # one answer only
        self.answered.emit(given)

    def _let(self, able: bool) -> None:
        self.agree.setEnabled(able)
        self.disagree.setEnabled(able)
