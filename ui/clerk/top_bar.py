"""The clerk's top line: what business, how long, reader, network, practice, who."""

from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from hallclient.domain.equipment import Place
from hallclient.domain.staff import Staff
from ui import wording
from ui.scale import fix_size
from ui.widgets.key_button import KeyButton, calm
from ui.widgets.pill import Pill
from ui.widgets.status_pills import NetworkPill, ReaderPill
from ui.widgets.text import Text

_HEIGHT = 52


class TopBar(QFrame):
    """One line, always there."""

    def __init__(self, staff: Staff, place: Place, practice: bool, lock: QAction) -> None:
        """`lock`: covers it all."""
        super().__init__()
        self.setProperty("surface", "top")
        fix_size(self, height=_HEIGHT)
        self.title, self._line = Text(wording.PRODUCT, "lead").hug(), Text(wording.Top.NO_SESSION, "soft")
        self.reader, self.network = ReaderPill(), NetworkPill()
        self._mark = Pill(wording.PRACTICE, "look")
        self._mark.setVisible(practice)
        who = wording.Top.STAFF.format(
            place=wording.counter_name(place.counter), role=wording.ROLES[staff.role], number=staff.number
        )
        self._who = Text(who).hug()
        self._lock = calm(KeyButton(lock, "small"))
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(24, 0, 24, 0)
        row.setSpacing(12)
        row.addWidget(self.title)
        row.addWidget(self._line, 1)
        row.addWidget(self.reader)
        row.addWidget(self.network)
        row.addWidget(self._mark)
        row.addWidget(self._who)
        row.addWidget(self._lock)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window who works here gives way, then the lock's button, then whose session."""
        super().resizeEvent(event)
        least = self._needed((self._who, self._lock)) + self._line.minimumSizeHint().width()
        self._who.setVisible(self.width() >= least)
        self._lock.setVisible(self.width() >= self._needed((self._lock,)))

    def _needed(self, wanted: tuple[QWidget, ...]) -> int:
        parts = (self.title, self.reader, self.network, self._mark)
        shown = [*(part for part in parts if not part.isHidden()), *wanted]
        margins = self._row.contentsMargins()
        return (
            sum(part.sizeHint().width() + 2 * self._row.spacing() for part in shown) + margins.left() + margins.right()
        )

    def show_session(self, title: str, session_id: str, elapsed_s: float) -> None:
        """The end of a session's id is its random part: enough to name it on the phone."""
        self.title.setText(title)
        name = session_id[-4:].upper()
        self._line.setText(wording.Top.ELAPSED.format(name=name, elapsed=wording.elapsed(elapsed_s)))

    def show_none(self) -> None:
        self.title.setText(wording.PRODUCT)
        self._line.setText(wording.Top.NO_SESSION)
