"""The decision: one key to say which, one for the reason, one to submit."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLineEdit

from hallclient.domain.evidence.review import ReviewDecision
from ui import wording
from ui.scale import blank
from ui.widgets.key_button import KeyButton, action
from ui.widgets.surface import Surface

_REASON_KEYS = (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3)
_DOCUMENT_KEYS = (Qt.Key.Key_7, Qt.Key.Key_8, Qt.Key.Key_9)


class VerdictPanel(Surface):
    """A decision needs a reason; an approval also the auxiliary document that was looked at.

    Signals:
        decided(object, str, str): ReviewDecision, reason, auxiliary document.
    """

    decided = Signal(object, str, str)

    def __init__(self) -> None:
        super().__init__(title=wording.Review.DECIDE)
        self.decision: ReviewDecision | None = None
        self._both_faces = False
        self.approve = self._choice(wording.Review.APPROVE, Qt.Key.Key_A, ReviewDecision.APPROVED)
        self.reject = self._choice(wording.Review.REJECT, Qt.Key.Key_X, ReviewDecision.REJECTED)
        both = QHBoxLayout()
        both.setSpacing(8)
        both.addWidget(KeyButton(self.approve, "good"), 1)
        both.addWidget(KeyButton(self.reject, "stop"), 1)
        self.reason, self.document = QLineEdit(), QLineEdit()
        self.reason.setPlaceholderText(wording.Review.REASON_HINT)
        self.document.setPlaceholderText(wording.Review.DOCUMENT_HINT)
        self.reasons = [self._filling(self.reason, key) for key in _REASON_KEYS]
        self.documents = [self._filling(self.document, key) for key in _DOCUMENT_KEYS]
        self.submit = action(self, wording.Review.SUBMIT, Qt.Key.Key_Return)
        self.submit.triggered.connect(self._submit)
        self.column.addLayout(both)
        self.column.setSpacing(4)
        self.column.addWidget(blank(4))
        for one in self.reasons:
            button = KeyButton(one, "tiny")
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self.column.addWidget(button)
        self.column.addWidget(self.reason)
        self.column.addWidget(blank(4))
        row = QHBoxLayout()
        row.setSpacing(4)
        for one, name in zip(self.documents, wording.Review.DOCUMENTS, strict=True):
            one.setText(name)
            button = KeyButton(one, "tiny")
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            row.addWidget(button, 1)
        self.column.addLayout(row)
        self.column.addWidget(self.document)
        self.column.addWidget(blank(4))
        self.column.addWidget(KeyButton(self.submit, "first"))
        self.reason.textChanged.connect(self._validate)
        self.document.textChanged.connect(self._validate)
        self.clear(False)

    def clear(self, able: bool, *, both_faces: bool = False) -> None:
        """Nothing decided; `able` when a case is open. `both_faces`: there are two photos that can be of one person."""
        self._both_faces = both_faces
        self.decision = None
        for one in (self.approve, self.reject):
            one.setChecked(False)
            one.setEnabled(able)
        self.reason.setText("")  # not `clear`, which could be undone at the next case
        self.document.setText("")
        self._offer(ReviewDecision.APPROVED)
        for widget in (self.reason, self.document):
            widget.setEnabled(able)
        self._validate()

    def _choice(self, text: str, key: Qt.Key, decision: ReviewDecision) -> QAction:
        one = action(self, text, key)
        one.setCheckable(True)
        one.triggered.connect(lambda: self._choose(decision))
        return one

    def _filling(self, field: QLineEdit, key: Qt.Key) -> QAction:
        one = action(self, "", key)
        one.triggered.connect(lambda: field.setText(one.text()))
        return one

    def _choose(self, decision: ReviewDecision) -> None:
        self.decision = decision
        self.approve.setChecked(decision is ReviewDecision.APPROVED)
        self.reject.setChecked(decision is ReviewDecision.REJECTED)
        self.reason.clear()
        self._offer(decision)
        self._validate()

    def _offer(self, decision: ReviewDecision) -> None:
        for one, text in zip(self.reasons, wording.REVIEW_REASONS[decision], strict=True):
            one.setText(text)

    @Slot()
    def _validate(self) -> None:
        for one in (*self.reasons, *self.documents):
            one.setEnabled(self.decision is not None)
        approving = self.decision is ReviewDecision.APPROVED
        same_person, *_ = self.reasons
        if approving and not self._both_faces:
            same_person.setEnabled(False)  # its place and key stay: the others keep theirs
        complete = bool(self.reason.text().strip()) and (bool(self.document.text().strip()) or not approving)
        self.submit.setEnabled(self.decision is not None and complete)

    @Slot()
    def _submit(self) -> None:
        self.submit.setEnabled(False)
        self.decided.emit(self.decision, self.reason.text().strip(), self.document.text().strip())
