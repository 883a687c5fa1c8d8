"""The left column of the review desk: what waits, the longest waiting first."""

import datetime as dt
from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from hallclient.services.review import ReviewItem
from ui import wording
from ui.scale import rescale
from ui.supervisor.headline import headline
from ui.widgets.text import Text

_ID = Qt.ItemDataRole.UserRole
_ROW = 62  # pixels of the design


class QueueList(QListWidget):
    """One line per case: why it is here in words, where, and for how long.

    Signals:
        chosen(str): session id.
    """

    chosen = Signal(str)

    def __init__(self, now: Callable[[], dt.datetime]) -> None:
        super().__init__()
        self._now = now
        self._factor = 1.0
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.currentItemChanged.connect(self._tell)

    def rescale(self, factor: float) -> None:
        self._factor = factor
        for row in range(self.count()):
            self.item(row).setSizeHint(self._row_size)

    @property
    def _row_size(self) -> QSize:
        return QSize(0, round(_ROW * self._factor))

    def show_items(self, items: list[ReviewItem]) -> None:
        """Keep the place of the case that is open; when it is gone, go to the one that stands there now.

        Not to the first: one whose files are damaged stays in the list, and nobody shall meet it after each decision.
        """
        before, row = self.current_id, max(0, self.currentRow())
        self.blockSignals(True)
        self.clear()
        for item in items:
            line = QListWidgetItem()
            line.setData(_ID, item.session_id)
            line.setSizeHint(self._row_size)
            self.addItem(line)
            words = self._words(item)
            rescale(words, self._factor)
            self.setItemWidget(line, words)
            if item.session_id == before:
                self.setCurrentItem(line)
        self.blockSignals(False)
        if self.currentItem() is None and self.count():
            self.setCurrentRow(min(row, self.count() - 1))

    @property
    def current_id(self) -> str:
        item = self.currentItem()
        return str(item.data(_ID)) if item else ""

    def _words(self, item: ReviewItem) -> QWidget:
        title = Text("", "strong")
        tone, why = headline(item)
        title.say(why, tone)
        age = wording.age((self._now() - item.sealed_at).total_seconds())
        detail = wording.Review.ROW_DETAIL.format(
            scene=item.business, counter=wording.counter_name(item.counter), age=age
        )
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(12, 8, 8, 8)
        column.setSpacing(2)
        column.addWidget(title)
        column.addWidget(Text(detail, "small"))
        return box

    @Slot()
    def _tell(self) -> None:
        if self.current_id:
            self.chosen.emit(self.current_id)
