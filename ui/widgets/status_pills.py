"""The reader's and the network's state as pills."""

from PySide6.QtCore import Slot

from hallclient.devices import ReaderState, ReaderStatus
from hallclient.domain.failures import FAILURES, FailureCode
from hallclient.services.dispatch import DispatchStatus
from ui import wording
from ui.widgets.pill import Pill

_READER_TONES = {
    ReaderState.TROUBLE: "stop",
    ReaderState.READY: "good",
    ReaderState.READING: "look",
    ReaderState.CARD_READ: "good",
}


# Nothing goes out until somebody mends it: waiting does not help.
_NEEDS_SOMEBODY = frozenset(
    {
        FailureCode.CENTRE_REFUSED_DEVICE,
        FailureCode.CENTRE_UNTRUSTED,
        FailureCode.CENTRE_VERSION,
        FailureCode.DISK_FULL,
        FailureCode.STORE_READ_ONLY,
        FailureCode.STORE_UNREADABLE,
    }
)


def _network_tone(status: DispatchStatus) -> str:
    if status.failure in _NEEDS_SOMEBODY:
        return "stop"
    if status.failure is None and status.online is None:
        return "plain"
    return "good" if status.online and not status.quarantined and status.failure is None else "look"


def _tip(failure: FailureCode | None, number: str | None) -> str:
    """What is to be done; and of a mistake of ours the number in the log."""
    return "" if failure is None else _numbered(FAILURES[failure].remedy, number)


def _numbered(words: str, number: str | None) -> str:
    return words if number is None else wording.Top.NUMBERED.format(words=words, number=number)


class NetworkPill(Pill):
    """Online or not, how much has not been sent, and what keeps it here: the cause in words, its remedy in the tip."""

    def __init__(self) -> None:
        super().__init__(wording.Top.CONNECTING.format(waiting=0))

    @Slot(object)
    def show_status(self, status: DispatchStatus) -> None:
        if status.failure in (None, FailureCode.CENTRE_UNREACHABLE):
            words = {None: wording.Top.CONNECTING, True: wording.Top.ONLINE, False: wording.Top.OFFLINE}[status.online]
            text = words.format(waiting=status.waiting)
        else:
            cause = _numbered(FAILURES[status.failure].cause, status.number)
            text = wording.Top.TROUBLE.format(cause=cause, waiting=status.waiting)
        if status.quarantined:
            text += wording.Top.QUARANTINED.format(quarantined=status.quarantined)
        self.say(text, _network_tone(status))
        self.setToolTip(_tip(status.failure, status.number))


class ReaderPill(Pill):
    """The reader's state in plain words; a trouble says its cause, and its remedy in the tip."""

    def __init__(self) -> None:
        super().__init__(wording.Top.READER_UNKNOWN)

    @Slot(object)
    def show_status(self, status: ReaderStatus) -> None:
        failure = FAILURES[status.failure] if status.failure else None
        words = _numbered(failure.cause, status.number) if failure else wording.READER_STATES[status.state]
        self.say(words, _READER_TONES[status.state])
        self.setToolTip(_tip(status.failure, status.number))
