"""The line above everything: whose turn it is where two share one screen, and the practice customer's hand."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout

from ui import wording
from ui.scale import fix_size
from ui.widgets.key_button import KeyButton, action
from ui.widgets.practice_hand import PracticeHand
from ui.widgets.text import Text, restyle

_HEIGHT = 52


class CounterStrip(QFrame):
    """Lies over nothing; hidden where there is nothing to say.

    Signals:
        swapped(): the other one's side is wanted in front.
        stopped(): the check that runs on the customer's side is to end.
    """

    swapped = Signal()
    stopped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("strip")
        self.setProperty("surface", "strip")
        fix_size(self, height=_HEIGHT)
        self._turn = Text("", "strong")
        self.swap = action(self, wording.OneScreen.TO_CUSTOMER, Qt.Key.Key_F12)
        self.swap.triggered.connect(self.swapped)
        self._button = KeyButton(self.swap)
        self.stop = action(self, wording.OneScreen.STOP, Qt.Key.Key_Escape)
        self.stop.triggered.connect(self.stopped)
        self._stop = KeyButton(self.stop)
        for button in (self._button, self._stop):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it lies over both sides and belongs to neither
        self._shared = self._checking = False
        self.practice: PracticeHand | None = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(24, 0, 24, 0)
        self._row.setSpacing(12)
        self._row.addWidget(self._turn, 1)
        self._row.addWidget(self._stop)
        self._row.addWidget(self._button)
        self._settle()

    def show_turn(self, shared: bool, customer: bool, *, awaited: bool, checking: bool) -> None:
        """`shared`: both sides have one screen; `customer`: theirs is in front.

        `awaited`: there is something to do on it, it is not only looked at; `checking`: a check runs on it.
        """
        self._shared, self._checking = shared, checking
        self._turn.setText(wording.OneScreen.CUSTOMERS_TURN if awaited else wording.OneScreen.CLERKS_TURN)
        self.swap.setText(wording.OneScreen.TO_CLERK if customer else wording.OneScreen.TO_CUSTOMER)
        self._settle()

    def show_practice(self, hand: PracticeHand) -> None:
        """Take in the buttons of a practice counter."""
        self.practice = hand
        self._row.insertWidget(1, hand)
        self._settle()

    def _settle(self) -> None:
        self._button.setVisible(self._shared)
        self.swap.setEnabled(self._shared)
        self._stop.setVisible(self._checking)
        self.stop.setEnabled(self._checking)
        if not self._shared:
            self._turn.setText("")
        restyle(self, "surface", "strip" if self.practice is not None else "top")
        self.setVisible(self._shared or self.practice is not None)
