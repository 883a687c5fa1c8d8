"""Our own mistakes: seen by sys.excepthook, and then by the person at the screen."""

import sys
from types import TracebackType

from PySide6.QtCore import QObject, Signal


class BugWatch(QObject):
    """Stands behind sys.excepthook while the windows are open.

    Signals:
        seen(object): an exception that nobody handled.
    """

    seen = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._before = sys.excepthook
        self._installed = False

    def install(self) -> None:
        if not self._installed:
            self._before, sys.excepthook = sys.excepthook, self._see
            self._installed = True

    def uninstall(self) -> None:
        if self._installed:
            sys.excepthook = self._before
            self._installed = False

    def _see(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        self._before(kind, error, trace)
        if isinstance(error, Exception):
            self.seen.emit(error)
