"""What is known before the face: the chip, its findings, and the networked check that is still to come."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from hallclient.domain.card import Finding
from hallclient.domain.card_usability import disqualifying
from hallclient.domain.evidence.facts.precheck import PrecheckFacts
from hallclient.services.session.precheck import PrecheckStep
from ui import wording
from ui.scale import fix_size, rescale
from ui.steps.page import Confirmation, StepPage
from ui.steps.workplace import Workplace
from ui.widgets.surface import Surface
from ui.widgets.text import Text

_SURE = Confirmation(wording.Precheck.SURE, wording.Precheck.SURE_STATUS, wording.Precheck.SURE_YES)


class PrecheckPage(StepPage):
    """Each check in a line: a sign, what it says, what follows. An unusable card leads to a refusal, never further."""

    def __init__(self, workplace: Workplace, work: PrecheckStep) -> None:
        super().__init__(workplace)
        self.work = work
        self._lines = QVBoxLayout()
        self._lines.setSpacing(8)
        self.content.addLayout(self._lines)
        self.content.addStretch(1)
        self._refused = False

    def begin(self) -> None:
        self.say(wording.Precheck.HEADLINE, wording.Precheck.WORKING)
        self.workplace.customer.show_checking()
        known = self.work.facts
        if known is None:
            self.ask(self.work.check, self._show)
        else:  # continued after a crash
            self._show(known)

    @Slot(object)
    def _show(self, facts: PrecheckFacts) -> None:
        self.set_busy(False)
        self.workplace.customer.show_checked()
        card = self.work.card
        findings = card.findings if card else ()
        stopping = disqualifying(card.kind, findings) if card else ()
        reader = card.reader.name if card else wording.NOT_KNOWN
        self._add("good", "✓", wording.Precheck.CHIP, wording.Precheck.CHIP_DETAIL.format(reader=reader))
        for finding in findings:
            self._add_finding(finding, finding in stopping)
        online = wording.Precheck.NETWORK_ONLINE if facts.centre_reachable else wording.Precheck.NETWORK_OFFLINE
        self._add("look", "…", wording.Precheck.NETWORK, online)
        if not self.work.forbids:
            self.status.say(wording.Precheck.FINE, "good" if not findings else "look")
        else:
            self.status.say(wording.Precheck.UNUSABLE, "stop")
            self.primary_action.setText(wording.Precheck.REFUSE)

    def _add_finding(self, finding: Finding, stopping: bool) -> None:
        if stopping:
            self._add("stop", "!", wording.FINDINGS[finding], wording.Precheck.FINDING_STOP)
        else:
            self._add("look", "!", wording.FINDINGS[finding], wording.Precheck.FINDING_LOOK)

    def _add(self, tone: str, sign: str, text: str, detail: str) -> None:
        mark, words = Text(sign, "headline").hug(), Text(text, "lead")
        fix_size(mark, width=24)
        mark.setAlignment(Qt.AlignmentFlag.AlignCenter)
        mark.say(sign, tone)
        words.say(text, "" if tone == "good" else tone)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(words)
        column.addWidget(Text(detail, "soft"))
        line = Surface("inset", margin=12)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(mark)
        row.addLayout(column, 1)
        line.column.addLayout(row)
        rescale(line, self._factor)
        self._lines.addWidget(line)

    def go_on(self) -> None:
        card = self.work.card
        if self._refused:
            self.over.emit()
        elif self.workplace.session.forbidden:
            self.ask_first(_SURE, self._refuse)
        else:
            count = len(card.findings) if card else 0
            self.finished.emit(wording.Precheck.FOUND_FINDINGS.format(count=count) if count else wording.Precheck.FOUND)

    def _refuse(self) -> None:
        self.status.say(wording.Session.WORKING, "accent")
        self.ask(self.workplace.session.refuse, self._show_refused)

    @Slot(object)
    def _show_refused(self, _: object) -> None:
        self._refused = True
        self.set_busy(False)
        self.say(wording.Precheck.REFUSED, wording.Precheck.REFUSED_STATUS, "stop")
        self.primary_action.setText(wording.Precheck.NEXT)
        self.workplace.customer.show_refused()
        self.stopped.emit(wording.Precheck.REFUSE)
