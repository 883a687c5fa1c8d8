"""A key that was meant for the page before does nothing on the one that has just appeared.

Two strokes of Enter in quick succession would otherwise run through two pages, and nobody has read the second. As with
a held key (`ui.widgets.key_repeat`) only what the system sends to the window counts: a click, and whoever drives the
windows by program, say which page they mean.
"""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

# Nobody sees a page, understands it and answers it sooner; two strokes meant as one follow within 0.2 s.
BLIND_S = 0.4
# They ask or take back a question, and swap the sides of a shared screen.
_HARMLESS = frozenset({Qt.Key.Key_Escape, Qt.Key.Key_F12})


class BlindKeyFilter(QObject):
    """Swallows keys for `BLIND_S` after `turned`, while `view` is shown and nobody writes into a text field."""

    def __init__(self, view: QWidget, monotonic: Callable[[], float]) -> None:
        super().__init__(view)
        self._view, self._monotonic = view, monotonic
        self._turned_s: float | None = None

    def turned(self) -> None:
        """What `view` shows, or the way on from it, is new to the eye from now on."""
        self._turned_s = self._monotonic()
        window = self._view.window().windowHandle()
        if window is not None:
            window.installEventFilter(self)  # one that is there already is not added again

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        del watched
        if event.type() not in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress) or not self._is_blind(event):
            return False
        event.accept()  # nobody's shortcut
        return True

    def _is_blind(self, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or event.key() in _HARMLESS or self._turned_s is None:
            return False
        fresh = self._monotonic() - self._turned_s < BLIND_S
        return fresh and self._view.isVisible() and not isinstance(QGuiApplication.focusObject(), QLineEdit)
