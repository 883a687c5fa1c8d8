"""Sessions that a crash or a pause interrupted."""

import datetime as dt
from collections.abc import Callable

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from hallclient.services.counter import OpenSession
from ui import wording
from ui.scale import rescale
from ui.widgets.row_button import RowButton
from ui.widgets.scroll import Scroll
from ui.widgets.surface import Surface
from ui.widgets.text import Text

_MOST_SHOWN = 6


class UnfinishedList(Surface):
    """The oldest few, each with the way to go on.

    Signals:
        continued(str): session id.
    """

    continued = Signal(str)

    def __init__(self, now: Callable[[], dt.datetime]) -> None:
        super().__init__(title=wording.Start.UNFINISHED, margin=24)
        self._now = now
        self._factor = 1.0
        self._hint = Text("", "soft", wrap=True)
        self.column.addWidget(self._hint)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(8)
        rows = QWidget()
        column = QVBoxLayout(rows)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._rows)
        column.addStretch(1)
        self.column.addWidget(Scroll(rows), 1)
        self.show_sessions([])

    def rescale(self, factor: float) -> None:
        self._factor = factor

    @Slot(object)
    def show_sessions(self, sessions: list[OpenSession]) -> None:
        while self._rows.count():
            if widget := self._rows.takeAt(0).widget():
                widget.deleteLater()
        self._hint.setText(wording.Start.UNFINISHED_HINT if sessions else wording.Start.NONE_UNFINISHED)
        for session in sessions[:_MOST_SHOWN]:
            row = self._row(session)
            rescale(row, self._factor)
            self._rows.addWidget(row)

    def _row(self, session: OpenSession) -> QWidget:
        age_s = (self._now() - dt.datetime.fromisoformat(session.opened_at)).total_seconds()
        name = wording.Start.ROW.format(scene=wording.SCENES[session.scene], number=session.service_number_masked)
        detail = wording.Start.ROW_DETAIL.format(state=wording.STATES[session.state], ago=wording.ago(age_s))
        go_on = RowButton(wording.Start.CONTINUE, wording.Start.CONTINUE_NAMED.format(name=name, detail=detail))
        go_on.clicked.connect(lambda: self.continued.emit(session.session_id))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Text(name, "strong", wrap=True))
        words.addWidget(Text(detail, "small", wrap=True))
        line = Surface("inset", margin=12)
        row = QHBoxLayout()
        row.addLayout(words, 1)
        row.addWidget(go_on)
        line.column.addLayout(row)
        return line
