"""Notices that nobody has touched this counter for a while."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication

_LOOK_MS = 1000
_BY_HAND = frozenset(
    {
        *(QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.Wheel),
        *(QEvent.Type.TouchBegin, QEvent.Type.TouchUpdate, QEvent.Type.TabletPress, QEvent.Type.TabletMove),
    }
)


class IdleWatch(QObject):
    """Listens at the windows, which alone get input from the system: key, mouse, finger and pen, on both screens.

    Signals:
        idle(): nothing was touched for the set time, which is another one while somebody is busy; told once, until
            `start`.
    """

    idle = Signal()

    def __init__(
        self,
        after_s: float,
        busy_after_s: float,
        monotonic: Callable[[], float],
        busy: Callable[[], bool],
        parent: QObject,
    ) -> None:
        """`busy`: something goes on that has no hands, and is to be waited for, though not for ever."""
        super().__init__(parent)
        self._after_s, self._busy_after_s, self._monotonic, self._busy = after_s, busy_after_s, monotonic, busy
        self._touched_s = self._busy_s = monotonic()
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(self.look)

    def start(self) -> None:
        """Count from now."""
        self.touch()
        self._look.start()

    def stop(self) -> None:
        self._look.stop()

    @Slot()
    def touch(self) -> None:
        """Somebody is there."""
        self._touched_s = self._monotonic()

    @Slot()
    def look(self) -> None:
        """Whether it is time. Windows come and go: each is listened to from the next look on."""
        for window in QGuiApplication.topLevelWindows():
            window.installEventFilter(self)  # one that is there already is not added again
        now_s = self._monotonic()
        if self._busy():
            self._busy_s = now_s
            over = now_s - self._touched_s >= self._busy_after_s
        else:
            over = now_s - max(self._touched_s, self._busy_s) >= self._after_s
        if over:
            self.stop()
            self.idle.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        del watched
        if event.type() in _BY_HAND:
            self.touch()
        return False
