"""The customer waits, and sees how far it is."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QProgressBar

from ui.customer.page import MessagePage
from ui.scale import fix_size


class WaitingPage(MessagePage):
    """A message with the steps done so far as a bar: never a spinner without end."""

    def __init__(self) -> None:
        super().__init__()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        fix_size(self._bar, width=480)
        self.column.insertWidget(self.column.count() - 1, self._bar, 0, Qt.AlignmentFlag.AlignHCenter)

    def show_progress(self, done: int, total: int) -> None:
        self._bar.setRange(0, total)
        self._bar.setValue(done)
