"""A button that carries its key."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QPushButton, QWidget

from ui import wording


def action(parent: QWidget, text: str, *keys: Qt.Key) -> QAction:
    """Something that can be done by button and by key. `Return` also answers to the keypad's Enter."""
    made = QAction(text, parent)
    sequences = [QKeySequence(key) for key in keys]
    if Qt.Key.Key_Return in keys:
        sequences.append(QKeySequence(Qt.Key.Key_Enter))
    made.setShortcuts(sequences)
    made.setAutoRepeat(False)  # a key held down must not run through two pages
    return made


class KeyButton(QPushButton):
    """Shows an action with its first key, and follows its text, its key and whether it can be done."""

    def __init__(self, shown: QAction, rank: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("rank", rank)
        self.shown = shown
        self.addAction(shown)  # the shortcut works while this button is visible
        self.clicked.connect(shown.trigger)
        shown.changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        key = self.shown.shortcut().toString(QKeySequence.SequenceFormat.PortableText)
        self.setText(f"{self.shown.text()}  {wording.KEYS.get(key, key)}".rstrip())
        self.setEnabled(self.shown.isEnabled())
        self.setCheckable(self.shown.isCheckable())
        self.setChecked(self.shown.isChecked())


def calm(button: KeyButton) -> KeyButton:
    """Its own key or a click only: a space bar that was meant for another page must not destroy anything."""
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return button
