"""What all pages share on which somebody says who they are: a card with fields, the way on, a failure's place."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QHideEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from hallclient.domain.failures import KnownError
from ui import wording
from ui.scale import blank, fix_size
from ui.widgets.drawing import Drawing
from ui.widgets.failure_banner import FailureBanner
from ui.widgets.key_button import KeyButton, action
from ui.widgets.scroll import Scroll
from ui.widgets.surface import Surface
from ui.widgets.text import Text

_WIDTH = 440
_LOW = 640  # pixels of the design: below it the card's parts are closer, and no room is kept for a failure
_SECOND_MS = 1000


class AccessPage(QWidget):
    """Enter goes from field to field, and on when all of them are right. What was typed goes with the page.

    Attributes:
        enter: the way on; disabled until `is_whole`.
        back: the way back, on Esc; hidden where there is none.

    Signals:
        left(): back, without having done anything.
    """

    left = Signal()

    def __init__(
        self,
        headline: str,
        hint: str,
        way_on: str,
        *,
        drawing: str = "hall",
        back: str = "",
        key: Qt.Key = Qt.Key.Key_Return,
    ) -> None:
        """`key`: of the way on, where Enter would be too easy."""
        super().__init__()
        self._hint, self._busy = hint, False
        self._factor = 1.0
        self.fields: list[QLineEdit] = []
        self.headline = Text(headline, "headline")
        self.status = Text(hint, "soft", wrap=True)
        self.drawing = Drawing(QSize(48, 48), drawing)
        self.enter = action(self, way_on, key)
        self.enter.triggered.connect(self.go_on)
        self.enter.setEnabled(False)
        self.button = KeyButton(self.enter, "first")
        self.back: QAction = action(self, back or wording.Login.BACK, Qt.Key.Key_Escape)
        self.back.triggered.connect(self._leave)
        self.back_button = KeyButton(self.back)
        self.banner = FailureBanner()
        self.practice = Text("", "soft", wrap=True)
        self.practice.setVisible(False)
        self.practice.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._practice_logins: Callable[[], str] = str
        self._practice_second = QTimer(self, interval=_SECOND_MS)
        self._practice_second.timeout.connect(self._say_practice)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        self._ways = QHBoxLayout()
        self._ways.setSpacing(8)
        self._lay_out(with_back=bool(back))

    def _lay_out(self, *, with_back: bool) -> None:
        self._card = card = Surface(margin=32)
        fix_size(card, width=_WIDTH)
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(self.drawing)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.headline)
        words.addWidget(self.status)
        head.addLayout(words, 1)
        card.column.addLayout(head)
        card.column.addWidget(blank(8))
        card.column.addLayout(self.body)
        card.column.addWidget(blank(4))
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.back_button)
        self.back_button.setVisible(with_back)
        foot.addWidget(self.button, 1)
        card.column.addLayout(foot)
        card.column.addLayout(self._ways)
        card.column.addWidget(self.banner)
        fix_size(self.practice, width=_WIDTH)
        paper = QWidget()
        inner = QVBoxLayout(paper)
        inner.addStretch(1)
        for part in (card, self.practice):
            row = QHBoxLayout()  # not its alignment: so it is as high as its words need in its width
            row.addStretch(1)
            row.addWidget(part)
            row.addStretch(1)
            inner.addLayout(row)
        inner.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self._place = Scroll(paper)
        self._place.verticalScrollBar().rangeChanged.connect(self._keep_banner_in_sight)
        column.addWidget(self._place)

    def add_field(self, caption: str, field: QLineEdit, hint: str = "") -> None:
        """A field under its caption; `hint` stands in it while it is empty."""
        field.setAccessibleName(caption)
        field.setPlaceholderText(hint)
        field.textChanged.connect(self.validate)
        field.returnPressed.connect(lambda: self._go_to_next(field))
        self.fields.append(field)
        line = QVBoxLayout()
        line.setSpacing(4)
        line.addWidget(Text(caption, "soft"))
        line.addWidget(field)
        self.body.addLayout(line)

    def add_way(self, way: QAction) -> None:
        """Another way than the one on, under it."""
        self._ways.addWidget(KeyButton(way, "way"), 1)

    def add_note(self, words: str) -> None:
        """What the other ways lead to."""
        self._card.column.insertWidget(self._card.column.indexOf(self.banner), Text(words, "small", wrap=True))

    def begin(self) -> None:
        """The page is before somebody: empty, its first field has the cursor."""
        self.banner.clear()
        self.end_busy()
        self.forget()
        self.take_focus()

    def take_focus(self) -> None:
        """To the first field that waits for something; without any, to the way on."""
        first = self.fields[0] if self.fields else self.button
        next((field for field in self.fields if not field.text()), first).setFocus()

    def forget(self) -> None:
        """Nothing that was typed stays."""
        for field in self.fields:
            field.setText("")  # not `clear`, which can be undone

    def is_whole(self) -> bool:
        """Whether all fields have what the way on needs."""
        return all(field.text().strip() for field in self.fields)

    @Slot()
    def validate(self) -> None:
        self.enter.setEnabled(not self._busy and self.is_whole())

    @Slot()
    def go_on(self) -> None:
        """The way on was taken."""
        raise NotImplementedError

    def set_busy(self, words: str) -> None:
        """Nothing can be typed or pressed while it is worked."""
        self._busy = True
        self.banner.clear()
        self.status.say(words, "accent")
        self._set_enabled()

    def end_busy(self) -> None:
        self._busy = False
        self.status.say(self._hint)
        self._set_enabled()

    @property
    def busy(self) -> bool:
        return self._busy

    def _set_enabled(self) -> None:
        for field in self.fields:
            field.setEnabled(not self._busy)
        self.back.setEnabled(not self._busy)
        self.validate()

    def show_error(self, error: KnownError) -> None:
        """It did not go: what was typed is gone but a number, which is no secret."""
        self.end_busy()
        self.forget_secrets()
        self.banner.show_error(error, retriable=False)
        self.take_focus()

    def forget_secrets(self) -> None:
        """After a try that went wrong."""
        self.forget()

    def show_practice(self, logins: Callable[[], str]) -> None:
        """Say with which numbers, passwords and codes of now one can log in at a practice hall."""
        self._practice_logins = logins
        self._say_practice()
        self.practice.setVisible(True)
        self._practice_second.start()

    @Slot()
    def _say_practice(self) -> None:
        text = f"{wording.Practice.LOGINS}\n{self._practice_logins()}"
        if text != self.practice.text():  # somebody may be marking a part of it
            self.practice.setText(text)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():  # it is minimised only
            self.forget()

    def rescale(self, factor: float) -> None:
        self._factor = factor
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a very low window no room is kept for a failure that is not there: the way on stays in sight."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        low = self.height() < _LOW * self._factor
        margin = round((12 if low else 32) * self._factor)
        self._card.column.setContentsMargins(margin, margin, margin, margin)
        self.body.setSpacing(round((4 if low else 8) * self._factor))
        self.banner.keep_place(not low)

    @Slot()
    def _keep_banner_in_sight(self) -> None:
        """What went wrong is read without scrolling, once it has its place."""
        if self.banner.isVisible():
            self._place.ensureWidgetVisible(self.banner)

    def _go_to_next(self, field: QLineEdit) -> None:
        """Not from an empty field: what is typed next would go unseen into the next one."""
        after = self.fields.index(field) + 1
        if field.text().strip() and after < len(self.fields):
            self.fields[after].setFocus()

    @Slot()
    def _leave(self) -> None:
        self.forget()
        self.left.emit()
