"""Everything is sealed; what the customer may be told comes from the centre."""

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from hallclient.domain.evidence.receipt import Outcome
from hallclient.domain.failures import KnownError
from hallclient.domain.session import SessionState
from hallclient.services.events import SessionDelivered, SessionEvent
from hallclient.services.session.signature import SignatureStep
from ui import wording
from ui.scale import fix_size
from ui.steps.page import StepPage
from ui.steps.workplace import Workplace
from ui.widgets.drawing import Drawing
from ui.widgets.key_button import action
from ui.widgets.surface import Surface
from ui.widgets.text import Text, breakable

_SIGNS = {
    Outcome.PASSED: ("done", "good"),
    Outcome.NOT_PASSED: ("stop", "stop"),
    Outcome.PROVISIONAL: ("wait", "look"),
    Outcome.PENDING_REVIEW: ("wait", "look"),
}


_FINAL = frozenset({Outcome.PASSED, Outcome.NOT_PASSED})


class FinishPage(StepPage):
    """Seals by itself, then shows the outcome, and again whenever there is news of this session."""

    def __init__(self, workplace: Workplace) -> None:
        super().__init__(workplace)
        self._sign = Drawing(QSize(96, 96))
        fix_size(self._sign, width=96, height=96)
        self.outcome = Text("", "headline")
        self._meaning = Text("", "lead-soft", wrap=True)
        self._steps, self._files = Text(""), Text("")
        self.outcome_shown: Outcome | None = None
        self._unread: KnownError | None = None  # why the outcome could not be read when last it was not
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addStretch(1)
        words.addWidget(self.outcome)
        words.addWidget(self._meaning)
        words.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(24)
        row.addWidget(self._sign)
        row.addLayout(words, 1)
        self._verdict = Surface("inset")
        self._verdict.column.addLayout(row)
        summary = Surface("inset", wording.Finish.SUMMARY)
        summary.column.addWidget(self._steps)
        summary.column.addWidget(self._files)
        self.content.setSpacing(16)
        self.content.addWidget(self._verdict)
        self.content.addWidget(summary)
        self.content.addStretch(1)
        self.print = action(self, wording.Finish.PRINT, Qt.Key.Key_F7)
        self.print.setEnabled(False)
        self.print.triggered.connect(self._print)
        self._paper = next(
            (work for work in workplace.session.works if isinstance(work, SignatureStep)), None
        )  # what the customer takes along
        self.secondary_actions = [self.print] if self._paper is not None else []
        self.listen(workplace.events.arrived, self._follow)

    def _arrange(self) -> None:
        """In a low window the verdict makes room for where the customer's copy is."""
        super()._arrange()
        margin, height = (round(side * self._factor) for side in ((8, 112) if self.is_low else (24, 176)))
        self._verdict.column.setContentsMargins(margin, margin, margin, margin)
        self._verdict.setFixedHeight(height)

    def begin(self) -> None:
        self.say(wording.Finish.HEADLINE_SEALING, wording.Finish.STATUS_SEALING)
        self.workplace.customer.show_saving()
        self.ask(self.workplace.session.seal, self._show_sealed)

    @Slot(object)
    def _show_sealed(self, _: object) -> None:
        self.finished.emit(wording.Finish.FOUND)
        session = self.workplace.session
        seconds = self.workplace.monotonic() - session.opened_monotonic
        self._steps.setText(
            wording.Finish.STEPS_TAKEN.format(count=len(session.plan.steps) + 1, elapsed=wording.took(seconds))
        )
        self._files.setText(wording.Finish.FILES.format(count=session.file_count))
        self.workplace.dispatch.wake()
        self.status.say("")
        self._refresh()
        self.primary_action.setText(wording.Finish.NEXT)
        self.set_busy(False)

    @Slot(object)
    def _follow(self, event: SessionEvent) -> None:
        """What became of this session; a word that was lost on the way is asked for (`retry`)."""
        if (
            event.session != self.workplace.session.session_id
            or self.workplace.session.state is not SessionState.SEALED
        ):
            return
        if isinstance(event, SessionDelivered) and event.outcome is not None:
            self._show_outcome(event.outcome)
        elif isinstance(event, SessionDelivered):
            self._refresh()

    def _refresh(self) -> None:
        session = self.workplace.session.session_id
        self.run(lambda: self.workplace.dispatch.outcome(session), self._show_outcome, self._show_unread)

    @Slot(object)
    def _show_unread(self, error: KnownError) -> None:
        self._unread = error
        self.show_failure(error)

    @property
    def _says_unread(self) -> bool:
        return self._unread is not None and self.banner.error is self._unread

    @Slot()
    def retry(self) -> None:
        """What failed is asked again: the outcome, which the page asks for unbidden, or what was asked before."""
        if self._says_unread:
            self._refresh()
        else:
            super().retry()

    @Slot(object)
    def _show_outcome(self, outcome: Outcome) -> None:
        if self._says_unread:
            self.banner.clear()
        if outcome is self.outcome_shown or self.outcome_shown in _FINAL:  # what was asked before may be answered after
            return
        self.outcome_shown = outcome
        drawing, tone = _SIGNS[outcome]
        self._sign.draw(drawing, tone)
        self.headline.setText(wording.Finish.HEADLINE)
        self.outcome.say(wording.OUTCOMES[outcome], tone)
        self._meaning.setText(wording.OUTCOME_MEANINGS[outcome])
        self.workplace.customer.show_outcome(outcome)

    @Slot()
    def _print(self) -> None:
        self.status.say(wording.Finish.PRINTING, "accent")
        paper = self._paper
        if paper is not None:
            self.ask(lambda: self.workplace.print_copy(paper.customer_copy()), self._show_printed)

    @Slot(object)
    def _show_printed(self, file: Path | None) -> None:
        if file is None:
            self.status.say(wording.Finish.PRINTED, "good")
        else:
            self.status.say(wording.Finish.PRINTED_TO_FILE.format(file=breakable(file)), "look")
        self.set_busy(False)

    @Slot(object)
    def show_failure(self, error: KnownError) -> None:
        super().show_failure(error)
        self.status.say("")
        if self.workplace.session.state is SessionState.SEALED:  # a printer or the outcome: the next need not wait
            self.set_busy(False)

    def go_on(self) -> None:
        self.over.emit()
