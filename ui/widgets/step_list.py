"""The steps of a session: what each found and how long it took."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from hallclient.domain.plan import PlannedStep
from ui import wording
from ui.style import current_tokens
from ui.widgets.text import Text, restyle, unbreakable

_BADGE, _ROW = 28, 58


class StepBadge(QWidget):
    """A round mark: a number while to come, filled while now, a tick when done, or a mark to look at."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.setFixedSize(_BADGE, _BADGE)
        self._number = number
        self._factor = 1.0
        self.state = "later"

    def rescale(self, factor: float) -> None:
        self._factor = factor
        self.setFixedSize(round(_BADGE * factor), round(_BADGE * factor))

    def set_state(self, state: str) -> None:
        self.state = state
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        tokens = current_tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(self._factor, self._factor)
        circle = QRectF(1.5, 1.5, _BADGE - 3, _BADGE - 3)
        fill = {"done": "good", "look": "look", "now": "accent", "stopped": "stop"}.get(self.state)
        painter.setPen(QPen(tokens.colour(fill or "faint"), 1.6))
        if fill:
            painter.setBrush(tokens.colour(fill))
        painter.drawEllipse(circle)
        font = self.font()
        font.setPixelSize(14)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(tokens.colour("on_accent" if fill else "soft"))
        sign = {"done": "✓", "look": "!", "stopped": "!"}.get(self.state, str(self._number))
        painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, sign)


class StepRow(QFrame):
    """One step: its mark, its name, and what it found."""

    def __init__(self, number: int, kind: str) -> None:
        super().__init__()
        self.badge = StepBadge(number)
        self.name = Text(wording.STEPS.get(kind, kind), "lead")
        self.found = Text("", "small", wrap=True)
        self._wordy = True
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.name)
        words.addWidget(self.found)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(12)
        row.addWidget(self.badge)
        row.addLayout(words, 1)
        self.rescale(1.0)
        self.set_state("later", "")

    def rescale(self, factor: float) -> None:
        self._row_px = round(_ROW * factor)
        self.setMinimumHeight(self._row_px if self._wordy else 0)

    def set_state(self, state: str, found: str) -> None:
        self.badge.set_state(state)
        self.found.setText(unbreakable(found))
        self.found.setVisible(bool(found) and self._wordy)
        self.setAccessibleName(wording.Session.STEP_NAMED.format(step=self.name.text(), found=found))
        self.setToolTip(self.accessibleName())
        restyle(self, "step", state)
        for label in (self.name, self.found):
            label.style().unpolish(label)
            label.style().polish(label)

    def show_words(self, wordy: bool) -> None:
        """The mark alone where there is no room for words; they stay in the tool tip."""
        self._wordy = wordy
        self.setMinimumHeight(self._row_px if wordy else 0)
        self.name.setVisible(wordy)
        self.found.setVisible(bool(self.found.text()) and wordy)


class StepList(QWidget):
    """All steps of one plan in their order, and the seal.

    Steps are named by their ids, the seal by its own name.
    """

    def __init__(self, steps: tuple[PlannedStep, ...]) -> None:
        super().__init__()
        kinds = {**{step.id: step.kind for step in steps}, wording.SEAL: wording.SEAL}
        self.rows = {step: StepRow(number, kind) for number, (step, kind) in enumerate(kinds.items(), 1)}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for row in self.rows.values():
            column.addWidget(row)
        column.addStretch(1)

    def show_words(self, wordy: bool) -> None:
        for row in self.rows.values():
            row.show_words(wordy)

    def now(self, step: str) -> None:
        self.rows[step].set_state("now", wording.Session.NOW)

    def done(self, step: str, found: str, *, look: bool = False) -> None:
        """`look`: somebody has to look at what it found."""
        self.rows[step].set_state("look" if look else "done", found)

    def stopped(self, step: str, found: str) -> None:
        self.rows[step].set_state("stopped", found)

    def number(self, step: str) -> int:
        """Its place, from 1."""
        return list(self.rows).index(step) + 1

    def is_done(self, step: str) -> bool:
        return self.rows[step].badge.state in ("done", "look")
