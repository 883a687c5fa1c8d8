"""The clerk's foot line: what can be left on the left, the one way on at the right."""

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout

from ui.scale import fix_size
from ui.widgets.key_button import KeyButton

_HEIGHT = 68


class ActionBar(QFrame):
    """Buttons for the actions of the page that is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "bottom")
        fix_size(self, height=_HEIGHT)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(24, 0, 24, 0)
        self._row.setSpacing(12)
        self._buttons: list[KeyButton] = []

    def offer(self, leave: list[QAction], others: list[QAction], primary_action: QAction | None) -> None:
        """Show these actions instead of those before."""
        while self._row.count():
            if widget := self._row.takeAt(0).widget():
                widget.hide()  # at once: a hidden button's key is dead
                widget.deleteLater()
        self._buttons = [KeyButton(one) for one in (*leave, *others)]
        if primary_action is not None:
            self._buttons.append(KeyButton(primary_action, "first"))
        for index, button in enumerate(self._buttons):
            if index == len(leave):
                self._row.addStretch(1)
            self._row.addWidget(button)
            button.show()  # at once, and not when the layout comes to it: the next key may be there before
        if len(self._buttons) == len(leave):
            self._row.addStretch(1)

    def button(self, shown: QAction) -> KeyButton:
        """The button of one of the actions on offer."""
        return next(button for button in self._buttons if button.shown is shown)
