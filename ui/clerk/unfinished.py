"""Sessions that a crash or a pause interrupted: to go on with, or to give up where that cannot be."""

import datetime as dt
from collections.abc import Callable

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from hallclient.domain.session import CLERKS_REASONS
from hallclient.services.counter import ListedSession
from ui import wording
from ui.scale import rescale
from ui.widgets.row_button import RowButton
from ui.widgets.scroll import Scroll
from ui.widgets.surface import Surface
from ui.widgets.text import Text


class UnfinishedList(Surface):
    """All of them, the newest first, each with the way to go on.

    Signals:
        continued(str): session id.
        given_up(str, object): session id, and for which AbandonReason.
    """

    continued = Signal(str)
    given_up = Signal(str, object)

    def __init__(self, now: Callable[[], dt.datetime]) -> None:
        super().__init__(title=wording.Start.UNFINISHED, margin=24)
        self._now = now
        self._factor = 1.0
        self._lines: dict[str, tuple[ListedSession, Surface]] = {}
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
    def show_sessions(self, sessions: list[ListedSession]) -> None:
        while self._rows.count():
            if widget := self._rows.takeAt(0).widget():
                widget.deleteLater()
        self._lines.clear()
        self._hint.setText(wording.Start.UNFINISHED_HINT if sessions else wording.Start.NONE_UNFINISHED)
        for session in sessions:
            row = self._row(session)
            rescale(row, self._factor)
            self._rows.addWidget(row)

    def _row(self, session: ListedSession) -> QWidget:
        age_s = (self._now() - dt.datetime.fromisoformat(session.opened_at)).total_seconds()
        name = _name(session)
        detail = wording.Start.ROW_DETAIL.format(state=wording.continued_at(session.step), ago=wording.ago(age_s))
        if session.colleague is None:
            go_on = RowButton(wording.Start.CONTINUE, wording.Start.CONTINUE_NAMED.format(name=name, detail=detail))
        else:
            said = wording.Start.TAKE_OVER_NAMED.format(clerk=session.colleague, name=name, detail=detail)
            go_on = RowButton(wording.Start.TAKE_OVER, said)
            detail = wording.Start.OF_COLLEAGUE.format(clerk=session.colleague, detail=detail)
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
        self._lines[session.session_id] = session, line
        return line

    def offer_giving_up(self, session_id: str) -> None:
        """This one could not be continued: beside another try there is a way out of it, with a reason."""
        session, line = self._lines.pop(session_id, (None, None))
        if session is None or line is None:  # it is no longer in the list, or offered already
            return
        offer = QWidget()
        ways = QVBoxLayout(offer)
        ways.setContentsMargins(0, 0, 0, 0)
        ways.addWidget(Text(wording.Start.GIVE_UP, "small", wrap=True))
        for reason in CLERKS_REASONS:
            words = wording.ABANDON_REASONS[reason]
            button = RowButton(words, wording.Start.GIVE_UP_NAMED.format(name=_name(session), reason=words))
            button.clicked.connect(lambda _=False, why=reason: self.given_up.emit(session_id, why))
            ways.addWidget(button)
        rescale(offer, self._factor)
        line.column.addWidget(offer)


def _name(listed: ListedSession) -> str:
    return wording.Start.ROW.format(scene=listed.business, number=listed.service_number)
