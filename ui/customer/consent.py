"""The separate consent for face data (Facial Recognition Measures 2025): the customer answers, nobody else."""

from collections.abc import Sequence
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

    To refuse is for good, so it is asked once more in the text's place, with what follows from it and a way back.
    The way back lies where refusing lay: a second tap of the same finger refuses nothing.

    Signals:
        answered(bool): agreed or not, once; nothing of a question that was not answered.
        reworded(): the text stands there or the question does, and not the other one any more.
    """

    answered = Signal(bool)
    reworded = Signal()

    def __init__(self) -> None:
        super().__init__(awaits_customer=True)
        self._consent: Notice | None = None
        self._title = Text("", "customer-title")
        self._lines = [Text("", "customer-lead", wrap=True) for _ in range(_MOST_LINES)]
        paper = Surface(margin=32)
        paper.column.setSpacing(24)
        paper.column.addWidget(self._title)
        for label in self._lines:
            paper.column.addWidget(label)
        paper.column.addStretch(1)
        self._hint = Text("", "customer-soft", wrap=True)
        self.disagree, self.agree = QPushButton(wording.Customer.DISAGREE), QPushButton(wording.Customer.AGREE)
        self.back, self.sure = QPushButton(wording.Customer.BACK), QPushButton(wording.Customer.DISAGREE_SURELY)
        self.disagree.clicked.connect(self._ask_once_more)
        self.agree.clicked.connect(lambda: self._answer(True))
        self.back.clicked.connect(self._show_text)
        self.sure.clicked.connect(lambda: self._answer(False))
        self._answers = (self.disagree, self.agree)
        self._surely = (self.back, self.sure)
        answers = QHBoxLayout()
        answers.setSpacing(24)
        answers.addWidget(self._hint, 1)
        for button in (*self._answers, *self._surely):
            button.setProperty("rank", "customer")
            answers.addWidget(button)
        self.column.addWidget(paper, 1)
        self.column.addLayout(answers)
        self._offer(self._answers)

    @property
    def at_work(self) -> bool:
        return self.awaits_customer

    def ask(self, consent: Notice) -> None:
        self._consent = consent
        self._let(True)
        self._show_text()

    def _show_text(self) -> None:
        if self._consent is not None:
            self._say(self._consent.title, self._consent.lines, wording.Customer.CONSENT_HINT)
            self._offer(self._answers)
            self.reworded.emit()

    def _ask_once_more(self) -> None:
        self._say(wording.Customer.DISAGREE_QUESTION, wording.Customer.DISAGREE_MEANS, wording.Customer.DISAGREE_HINT)
        self._offer(self._surely)
        self.reworded.emit()

    def _say(self, title: str, lines: Sequence[str], hint: str) -> None:
        self.sentence = title
        self._title.setText(title)
        for label, line in zip_longest(self._lines, lines):
            label.setText(line or "")
            label.setVisible(bool(line))
        self._hint.setText(hint)

    def _offer(self, offered: tuple[QPushButton, ...]) -> None:
        for button in (*self._answers, *self._surely):
            button.setVisible(button in offered)

    def _answer(self, given: bool) -> None:
        self._let(False)  # one answer only
        self.answered.emit(given)

    def _let(self, able: bool) -> None:
        self.awaits_customer = able
        for button in (*self._answers, *self._surely):
            button.setEnabled(able)
