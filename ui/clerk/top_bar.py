"""The clerk's top line: what business, how long, reader, network, practice, who."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout

from hallclient.devices import ReaderState, ReaderStatus
from hallclient.domain.equipment import Place
from hallclient.domain.failures import FAILURES
from hallclient.domain.staff import Staff
from hallclient.services.dispatch import DispatchStatus
from ui import wording
from ui.widgets.pill import Pill
from ui.widgets.text import Text

_READER_TONES = {
    ReaderState.TROUBLE: "stop",
    ReaderState.READY: "good",
    ReaderState.READING: "look",
    ReaderState.CARD_READ: "good",
}


class NetworkPill(Pill):
    """Online or not, and how much has not been sent."""

    def __init__(self) -> None:
        super().__init__(wording.Top.CONNECTING.format(waiting=0))

    @Slot(object)
    def show_status(self, status: DispatchStatus) -> None:
        words = {None: wording.Top.CONNECTING, True: wording.Top.ONLINE, False: wording.Top.OFFLINE}[status.online]
        text = words.format(waiting=status.waiting)
        if status.quarantined:
            text += wording.Top.QUARANTINED.format(quarantined=status.quarantined)
        fine = status.online and not status.quarantined and status.failure is None
        self.say(text, "good" if fine else "plain" if status.online is None else "look")
        self.setToolTip(FAILURES[status.failure].remedy if status.failure else "")


class ReaderPill(Pill):
    """The reader's state in plain words; a trouble says its cause, and its remedy in the tip."""

    def __init__(self) -> None:
        super().__init__(wording.Top.READER_UNKNOWN)

    @Slot(object)
    def show_status(self, status: ReaderStatus) -> None:
        failure = FAILURES[status.failure] if status.failure else None
        self.say(failure.cause if failure else wording.READER_STATES[status.state], _READER_TONES[status.state])
        self.setToolTip(failure.remedy if failure else "")


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
