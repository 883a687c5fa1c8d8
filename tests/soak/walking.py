"""A rehearsal without pictures, in which one customer follows the other."""

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QWidget

from ui.rehearsal import Rehearsal, _press


class Walking(Rehearsal):
    """Walks sessions in the windows of one login."""

    def next_customer(self) -> None:
        """From the last page to the start page."""
        clerk = self._clerk
        _press(clerk, self._page.way_on)
        self._until(lambda: clerk.view is None, "the start page")

    def wait(self, seconds: float) -> None:
        """Let the windows live for `seconds`."""
        loop = QEventLoop()
        QTimer.singleShot(round(seconds * 1000), loop.quit)
        loop.exec()

    def _shoot(self, window: QWidget, name: str) -> None:
        """No pictures: they are no part of the application."""
