"""The clerk's top line: what business, how long, reader, network, practice, who."""

from PySide6.QtWidgets import QFrame, QHBoxLayout

from hallclient.domain.equipment import Place
from hallclient.domain.staff import Staff
from ui import wording
from ui.widgets.pill import Pill
from ui.widgets.status_pills import NetworkPill, ReaderPill
from ui.widgets.text import Text


class TopBar(QFrame):
    """One line, always there."""

    def __init__(self, staff: Staff, place: Place, practice: bool) -> None:
        super().__init__()
        self.setProperty("surface", "top")
        self.setFixedHeight(52)
        self.title, self._line = Text(wording.PRODUCT, "lead").hug(), Text(wording.Top.NO_SESSION, "soft")
        self.reader, self.network = ReaderPill(), NetworkPill()
        practice_mark = Pill(wording.PRACTICE, "look")
        practice_mark.setVisible(practice)
        who = wording.Top.STAFF.format(
            place=wording.counter_name(place.counter), role=wording.ROLES[staff.role], number=staff.number
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 0, 24, 0)
        row.setSpacing(12)
        row.addWidget(self.title)
        row.addWidget(self._line, 1)
        row.addWidget(self.reader)
        row.addWidget(self.network)
        row.addWidget(practice_mark)
        row.addWidget(Text(who).hug())

    def show_session(self, title: str, session_id: str, elapsed_s: float) -> None:
        """The end of a session's id is its random part: enough to name it on the phone."""
        self.title.setText(title)
        name = session_id[-4:].upper()
        self._line.setText(wording.Top.ELAPSED.format(name=name, elapsed=wording.elapsed(elapsed_s)))

    def show_none(self) -> None:
        self.title.setText(wording.PRODUCT)
        self._line.setText(wording.Top.NO_SESSION)
