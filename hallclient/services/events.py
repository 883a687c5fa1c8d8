"""What happens to the sessions of a counter, told to whoever listens: windows, and whatever else follows them."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from hallclient.domain.delivery import DeliveryState
from hallclient.domain.evidence.receipt import Outcome
from hallclient.domain.evidence.review import ReviewDecision
from hallclient.domain.failures import FailureCode
from hallclient.domain.session import SessionState
from hallclient.services.bug_log import report_bug


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """Something that was committed of the session with this id."""

    session: str


@dataclass(frozen=True, slots=True)
class SessionOpened(SessionEvent):
    """It was begun, or continued."""


@dataclass(frozen=True, slots=True)
class StepFinished(SessionEvent):
    """The step of this id is done."""

    step: str


@dataclass(frozen=True, slots=True)
class SessionClosed(SessionEvent):
    """It was sealed, refused or abandoned."""

    state: SessionState


@dataclass(frozen=True, slots=True)
class SessionReviewed(SessionEvent):
    """A supervisor has decided."""

    decision: ReviewDecision


@dataclass(frozen=True, slots=True)
class SessionDelivered(SessionEvent):
    """What the centre made of it: taken, with its outcome, set aside, or, with the failure, to be tried again.

    A try that met no centre is no event of a session: `Dispatch.watch` tells it of all.
    """

    state: DeliveryState
    outcome: Outcome | None
    failure: FailureCode | None


class Events:
    """Every listener hears every event, in its order, on the thread where it happened, and must be quick."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: tuple[Callable[[SessionEvent], None], ...] = ()

    def listen(self, listener: Callable[[SessionEvent], None]) -> None:
        with self._lock:
            self._listeners = (*self._listeners, listener)

    def tell(self, event: SessionEvent) -> None:
        """It has happened: what a listener makes of it changes nothing."""
        for listener in self._listeners:
            try:
                listener(event)
            except Exception as error:  # noqa: BLE001  # a window that is going must not take the session with it
                report_bug(error)
