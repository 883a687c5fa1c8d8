"""A key that is held down acts once: it must be released before it acts again.

`QAction.setAutoRepeat` is not enough: on X11 a held key arrives as pairs of release and press, and where the press is
late Qt takes the pair for two strokes of the finger. So it is decided here, for every window and every action at once.
What is written into a text field is no action: a scanner or a quick hand types two equal digits as fast as a held key.
"""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QWindow
from PySide6.QtWidgets import QLineEdit

# The X server stamps both events of a pair within a millisecond or two; a finger takes 50 ms and more.
_SHORTEST_RELEASE_MS = 25
# These repeat: they move and erase, and nobody regrets a second one.
_MAY_REPEAT = frozenset(
    {
        *(Qt.Key.Key_Backspace, Qt.Key.Key_Delete, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down),
        *(Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Tab),
    }
)


class KeyRepeatFilter(QObject):
    """Swallows the repeated presses of a held key, before shortcuts and widgets see them.

    It listens at the windows, which alone get keys from the system; a filter at the application would be asked for
    every event of every widget.
    """

    def __init__(self, application: QGuiApplication) -> None:
        super().__init__(application)
        self._released_ms: dict[int, int] = {}
        application.focusWindowChanged.connect(self._attend)
        self._attend(application.focusWindow())

    def _attend(self, window: QWindow | None) -> None:
        if window is not None:
            window.installEventFilter(self)  # one that is there already is not added again

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        del watched
        if not isinstance(event, QKeyEvent) or event.key() in _MAY_REPEAT or _is_written(event):
            return False
        if event.type() is QEvent.Type.KeyRelease:
            if not event.isAutoRepeat():
                self._released_ms[event.key()] = event.timestamp()
            return False
        if event.type() is QEvent.Type.ShortcutOverride and self._repeats(event):
            event.accept()  # nobody's shortcut
            return True
        return event.type() is QEvent.Type.KeyPress and self._repeats(event)

    def _repeats(self, event: QKeyEvent) -> bool:
        if event.isAutoRepeat():
            return True
        released_ms, pressed_ms = self._released_ms.get(event.key(), 0), event.timestamp()
        known = released_ms > 0 and pressed_ms > 0  # an event without a time is not the system's
        return known and 0 <= pressed_ms - released_ms < _SHORTEST_RELEASE_MS


def _is_written(event: QKeyEvent) -> bool:
    """Whether it is a character for a text field, however fast it follows the one before."""
    text = event.text()
    return bool(text) and text.isprintable() and isinstance(QGuiApplication.focusObject(), QLineEdit)
