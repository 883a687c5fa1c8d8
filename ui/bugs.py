"""Our own mistakes: seen by sys.excepthook, and then by the person at the screen."""

import sys
import threading
from types import TracebackType

from PySide6.QtCore import QObject, Signal


class BugWatch(QObject):
    """Stands behind sys.excepthook and threading.excepthook while the windows are open.

    Signals:
        seen(object): an exception that nobody handled.
    """

    seen = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._before = sys.excepthook
        self._before_threads = threading.excepthook
        self._installed = False

    def install(self) -> None:
        if not self._installed:
            self._before, sys.excepthook = sys.excepthook, self._see
            self._before_threads, threading.excepthook = threading.excepthook, self._see_in_thread
            self._installed = True

    def uninstall(self) -> None:
        if self._installed:
            sys.excepthook = self._before
            threading.excepthook = self._before_threads
            self._installed = False

    def _see_in_thread(self, arguments: threading.ExceptHookArgs) -> None:
        """A device's or the courier's thread ended by a mistake of ours: the person must know that it is gone."""
        self._before_threads(arguments)
        if isinstance(arguments.exc_value, Exception):
            self.seen.emit(arguments.exc_value)

    def _see(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        self._before(kind, error, trace)
        if isinstance(error, Exception):
            self.seen.emit(error)
