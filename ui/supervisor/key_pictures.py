"""One small picture of each movement that was asked for, in order, with its name."""

from PySide6.QtCore import QRect, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from hallclient.services.review import KeyPictureSeen
from ui import wording
from ui.scale import rescale
from ui.widgets.picture import Picture
from ui.widgets.picture_button import PictureButton
from ui.widgets.text import Text

_WIDEST, _NARROWEST, _GAP, _NAME = 88, 60, 8, 18  # pixels of the design; the last one is the height of a name
_SHAPE = 3 / 4  # height by width, as cameras have it


class KeyPictureStrip(QWidget):
    """As large as there is room for across, in one line where they fit into one; it asks for height alone.

    Signals:
        chosen(int): a picture is to be seen larger, by its place.
    """

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.buttons: tuple[PictureButton, ...] = ()
        self.captions: tuple[Text, ...] = ()
        self._factor = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_pictures(self, pictures: tuple[KeyPictureSeen, ...]) -> None:
        """Show these and nothing of the last case; take no room without any."""
        for part in (*self.buttons, *self.captions):
            part.hide()
            part.deleteLater()
        several = len({picture.attempt for picture in pictures}) > 1
        self.buttons = tuple(self._button(place, picture) for place, picture in enumerate(pictures))
        self.captions = tuple(self._caption(picture, several) for picture in pictures)
        for part in (*self.buttons, *self.captions):
            rescale(part, self._factor)
            part.show()
        self._arrange()
        self.setVisible(bool(pictures))

    def rescale(self, factor: float) -> None:
        self._factor = factor
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _button(self, place: int, seen: KeyPictureSeen) -> PictureButton:
        picture = Picture()
        picture.show_image(seen.image)
        button = PictureButton(picture, key_picture_name(seen))
        button.setToolTip(key_picture_name(seen))
        button.clicked.connect(lambda: self.chosen.emit(place))
        button.setParent(self)
        return button

    def _caption(self, seen: KeyPictureSeen, several: bool) -> Text:
        """The movement, after the number of its check where there were several; with a sign where it was not done."""
        words = wording.CHALLENGE_NAMES[seen.challenge]
        if several:
            words = f"{seen.attempt} {words}"
        caption = Text("", "small", self)
        caption.say(words if seen.done else f"! {words}", "" if seen.done else "look")
        return caption

    def _arrange(self) -> None:
        if not self.buttons:
            self.setFixedHeight(0)
            return
        widest, narrowest, gap, name = (round(pixels * self._factor) for pixels in (_WIDEST, _NARROWEST, _GAP, _NAME))
        columns = min(len(self.buttons), max(1, (self.width() + gap) // (narrowest + gap)))
        columns = -(-len(self.buttons) // -(-len(self.buttons) // columns))  # as many in each line
        width = max(1, min(widest, (self.width() + gap) // columns - gap))
        height = round(width * _SHAPE)
        line = height + name + gap // 2
        for place, (button, caption) in enumerate(zip(self.buttons, self.captions, strict=True)):
            row, column = divmod(place, columns)
            corner = QRect(column * (width + gap), row * line, width, height)
            button.setGeometry(corner)
            caption.setGeometry(corner.x(), corner.bottom() + 1, width, name)
        lines = -(-len(self.buttons) // columns)
        self.setFixedHeight(lines * line - gap // 2)


def key_picture_name(seen: KeyPictureSeen) -> str:
    """In full: which attempt, which movement, and where it was not done, that."""
    words = wording.Review.KEY_PICTURE if seen.done else wording.Review.KEY_PICTURE_UNDONE
    return words.format(number=seen.attempt, movement=wording.CHALLENGE_NAMES[seen.challenge])
