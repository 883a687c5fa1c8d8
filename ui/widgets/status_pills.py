"""The reader's and the network's state as pills."""

from PySide6.QtCore import Slot

from hallclient.devices import ReaderState, ReaderStatus
from hallclient.domain.failures import FAILURES
from hallclient.services.dispatch import DispatchStatus
from ui import wording
from ui.widgets.pill import Pill

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
