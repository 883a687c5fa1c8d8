"""The pictures of a case, one at a time, as large as the window has room for."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from hallclient.devices import Image
from ui import wording
from ui.style import current_tokens
from ui.widgets.key_button import KeyButton, action, calm
from ui.widgets.picture import Picture
from ui.widgets.surface import Surface
from ui.widgets.text import Text

_MARGIN, _VEIL = 24, 0.82  # pixels of the design; of the ground's colour over the desk


@dataclass(frozen=True, slots=True, eq=False)
class Captioned:
    """A picture, BGR, and its name."""

    name: str
    image: Image


class EnlargedPictures(QWidget):
    """Lies over its window. While it is shown no other key of the window does anything: nobody decides behind it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.picture = Picture(whole=True)
        self._name, self._count = Text("", "lead"), Text("", "soft").hug()
        self._pictures: tuple[Captioned, ...] = ()
        self._place = 0
        self._before: QWidget | None = None
        self.back = action(self, wording.Review.PICTURE_BACK, Qt.Key.Key_Left)
        self.on = action(self, wording.Review.PICTURE_ON, Qt.Key.Key_Right)
        self.leave = action(self, wording.Review.PICTURE_CLOSE, Qt.Key.Key_Escape)
        self._own = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Escape)
        self.back.triggered.connect(lambda: self._turn(-1))
        self.on.triggered.connect(lambda: self._turn(1))
        self.leave.triggered.connect(self.put_away)
        line = QHBoxLayout()
        line.addWidget(self._name, 1)
        line.addWidget(self._count)
        keys = QHBoxLayout()
        keys.setSpacing(8)
        for one in (self.back, self.on):
            keys.addWidget(calm(KeyButton(one)))
        keys.addStretch(1)
        keys.addWidget(calm(KeyButton(self.leave)))
        card = Surface()
        card.column.addLayout(line)
        card.column.addWidget(self.picture, 1)
        card.column.addLayout(keys)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        outer.addWidget(card)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.hide()

    def show_pictures(self, pictures: Sequence[Captioned], place: int) -> None:
        """Show the one at `place`; the others are a key away."""
        if not pictures:
            return
        self._pictures, self._place = tuple(pictures), place
        self._before = self.window().focusWidget()
        self.setGeometry(self.window().rect())
        self._turn(0)
        self.show()
        self.raise_()
        self.setFocus()

    def put_away(self) -> None:
        """Keep nothing of the pictures, and give the focus back."""
        if self.isHidden():
            return
        self._pictures = ()
        self.picture.show_image(None)
        self._name.setText("")
        self.hide()
        before, self._before = self._before, None
        if before is not None:
            before.setFocus()

    def _turn(self, steps: int) -> None:
        self._place = (self._place + steps) % len(self._pictures)
        shown = self._pictures[self._place]
        self.picture.show_image(shown.image)
        self._name.setText(shown.name)
        self.setAccessibleName(shown.name)
        self._count.setText(wording.Review.PICTURE_OF.format(number=self._place + 1, count=len(self._pictures)))
        for one in (self.back, self.on):
            one.setEnabled(len(self._pictures) > 1)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.key() not in self._own:
                event.accept()  # no shortcut of the desk behind it
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.accept()

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: ARG002 - Qt's
        return True  # what lies behind it is not reached

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()
        self.put_away()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        veil = current_tokens().colour("ground")
        veil.setAlphaF(_VEIL)
        QPainter(self).fillRect(self.rect(), veil)
