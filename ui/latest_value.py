"""From any thread to the screen's, newest value only."""

import threading

from PySide6.QtCore import QObject, Qt, Signal, Slot


class LatestValue(QObject):
    """Carries values of a foreign thread to the screen's thread; a value that is overtaken on the way is dropped.

    Signals:
        arrived(object): a value, on the screen's thread.
    """

    arrived = Signal(object)
    _waiting = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._value: object = None
        self._is_waiting = False
        self._waiting.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def offer(self, *value: object) -> None:
        """From any thread: `value` is now the newest. Several arguments arrive as a tuple."""
        with self._lock:
            self._value = value[0] if len(value) == 1 else value
            first, self._is_waiting = not self._is_waiting, True
        if first:
            self._waiting.emit()

    @Slot()
    def _deliver(self) -> None:
        with self._lock:
            value, self._value, self._is_waiting = self._value, None, False
        self.arrived.emit(value)
