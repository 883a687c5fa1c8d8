"""The clerk's right column: the customer (masked), why, and what the customer sees."""

from PySide6.QtCore import QSize, Qt, QTimer, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from hallclient.domain.card import CardRecord
from hallclient.domain.plan import SceneWords
from ui import wording
from ui.customer.window import CustomerWindow
from ui.widgets.scroll import Scroll
from ui.widgets.surface import Surface
from ui.widgets.text import Text

_MIRROR_SHAPE = QSize(248, 155)
_MIRROR_MS = 500
_LEAST_MIRROR = 60  # pixels of the design: a lower picture shows nothing


class CustomerCard(Surface):
    """Who is served, masked; nothing of it can be typed."""

    def __init__(self, service_number: str) -> None:
        super().__init__(title=wording.Session.CUSTOMER)
        self._values: dict[str, Text] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        captions = (wording.Session.NAME, wording.Session.DOCUMENT, wording.Session.NUMBER, wording.Session.VALIDITY)
        for row, caption in enumerate(captions):
            self._values[caption] = Text(wording.NOT_READ_YET)
            grid.addWidget(Text(caption, "soft").hug(), row, 0)
            grid.addWidget(self._values[caption], row, 1)
        self._values[wording.Session.NUMBER].setText(service_number)
        self.column.addLayout(grid)

    def show_record(self, record: CardRecord) -> None:
        until = f"{record.valid_to:%Y-%m-%d}" if record.valid_to else wording.NOT_KNOWN
        self._values[wording.Session.NAME].setText(record.masked_name)
        self._values[wording.Session.DOCUMENT].setText(record.masked_number)
        self._values[wording.Session.VALIDITY].setText(wording.LONG_TERM if record.long_term else until)


class SidePanel(QWidget):
    """Three cards; the last is a live picture of the customer's window."""

    def __init__(self, words: SceneWords, service_number: str, customer: CustomerWindow) -> None:
        super().__init__()
        self._customer = customer
        self.card = CustomerCard(service_number)
        reason, rule = words.why, words.rule
        self._why = why = Surface(title=wording.Session.WHY)
        self._factor = 1.0
        headline = Text("", wrap=True)
        headline.say(reason, "look")
        why.column.addWidget(headline)
        self._rule = Text(rule, "soft", wrap=True)
        why.column.addWidget(self._rule)
        self._picture = QLabel()
        # It takes the room there is and asks for none: its last picture must not push out a sentence that grows.
        self._picture.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self._sentence = Text("", "soft", wrap=True)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        mirror = Surface(title=wording.Session.MIRROR, margin=15)
        mirror.column.addWidget(self._picture, 1)
        mirror.column.addWidget(self._sentence)
        cards = QWidget()
        column = QVBoxLayout(cards)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.card)
        column.addWidget(why)
        column.addWidget(mirror, 1)
        self._cards = column
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(Scroll(cards))
        self._tick = QTimer(self, interval=_MIRROR_MS)
        self._tick.timeout.connect(self._look)
        self._tick.start()
        customer.changed.connect(self._look)

    def rescale(self, factor: float) -> None:
        self._factor = factor
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """The picture gives way first; then, where there is no room for all words, the rule, and the reason last."""
        for why, rule in ((True, True), (True, False), (False, False)):
            self._rule.setVisible(rule)
            self._why.setVisible(why)
            self._why.updateGeometry()
            if self._cards.heightForWidth(self.width()) <= self.height():
                break

    @Slot()
    def _look(self) -> None:
        if not self._picture.isVisible():
            return
        if self._picture.height() < _LEAST_MIRROR * self._factor:
            self._picture.clear()
        else:
            self._show_picture()
        sentence = self._customer.page.sentence
        if sentence != self._sentence.text():
            self._sentence.setText(sentence)
            self._arrange()
        self._picture.setAccessibleName(sentence)

    def _show_picture(self) -> None:
        size = _MIRROR_SHAPE.scaled(self._picture.size(), Qt.AspectRatioMode.KeepAspectRatio)
        self._picture.setPixmap(self._customer.thumbnail(size, self.devicePixelRatio()))
