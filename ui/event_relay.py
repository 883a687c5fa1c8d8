"""What happens to sessions, from any thread to the screen's: every event, in its order."""

from PySide6.QtCore import QObject, Qt, Signal

from hallclient.services.events import SessionEvent


class EventRelay(QObject):
    """Signals:
    arrived(object): a `SessionEvent`, on the screen's thread.
    """

    arrived = Signal(object)
    _told = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._told.connect(self.arrived, Qt.ConnectionType.QueuedConnection)

    def offer(self, event: SessionEvent) -> None:
        """From any thread."""
        self._told.emit(event)
