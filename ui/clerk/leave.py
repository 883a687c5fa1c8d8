"""What becomes of a session that the clerk leaves.

No digit is a key here: what is meant for the number of the next customer must not destroy this session.
"""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from hallclient.domain.session import CLERKS_REASONS
from ui import wording
from ui.widgets.key_button import KeyButton, action, calm
from ui.widgets.scroll import Scroll
from ui.widgets.text import Text

_LOW = 520  # of the page, in pixels of the design: below it the choices stand in two columns


class LeavePage(QWidget):
    """Reasons with a key each; nothing is left without one.

    Signals:
        abandoned(object): for this AbandonReason.
        kept(): to be continued later.
    """

    abandoned = Signal(object)
    kept = Signal()

    def __init__(self) -> None:
        super().__init__()
        paper = QWidget()
        self._column = column = QVBoxLayout(paper)
        self._choices = QGridLayout()
        self.headline = Text(wording.Leave.HEADLINE, "headline")
        column.addWidget(self.headline)
        self.status = Text(wording.Leave.STATUS, "soft", wrap=True)
        column.addWidget(self.status)
        column.addLayout(self._choices)
        self.reasons: list[QAction] = []
        self._buttons: list[KeyButton] = []
        for number, reason in enumerate(CLERKS_REASONS):
            one = action(self, wording.ABANDON_REASONS[reason], Qt.Key(Qt.Key.Key_F1 + number))
            one.triggered.connect(lambda _=False, why=reason: self.abandoned.emit(why))
            self.reasons.append(one)
            self._buttons.append(calm(KeyButton(one, "choice")))
        self.keep = action(self, wording.Leave.KEEP, Qt.Key.Key_F9)
        self.keep.triggered.connect(self.kept)
        column.addWidget(calm(KeyButton(self.keep, "choice")))
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(Scroll(paper))
        self._factor = 1.0
        self._arrange()

    def show_stake(self, recording: bool, *, check_stopped: bool) -> None:
        """Say what goes with the session: the recording that runs goes also when the session is kept.

        `check_stopped`: whoever came here only to stop the check reads that it has stopped, and how to go on with it.
        """
        words = wording.Leave.STATUS_CHECK_STOPPED if check_stopped else wording.Leave.STATUS
        words = wording.Leave.STATUS_RECORDING if recording else words
        self.headline.setText(wording.Leave.HEADLINE)
        self.status.say(words, "look" if recording or check_stopped else "")
        self._offer(True)

    def show_ending(self) -> None:
        """It was chosen: nothing can be chosen any more."""
        self.headline.setText(wording.Leave.ENDING)
        self.status.say(wording.Leave.ENDING_STATUS, "accent")
        self._offer(False)

    def _offer(self, able: bool) -> None:
        for way in (*self.reasons, self.keep):
            way.setEnabled(able)

    def rescale(self, factor: float) -> None:
        self._factor = factor
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        low = self.height() < _LOW * self._factor
        across, down, gap = (round(side * self._factor) for side in ((12, 6, 4) if low else (24, 16, 8)))
        self._column.setContentsMargins(across, down, across, down)
        self._column.setSpacing(gap * 2)
        self._choices.setSpacing(gap)
        columns = 2 if low else 1
        for index, button in enumerate(self._buttons):
            self._choices.addWidget(button, index // columns, index % columns)
