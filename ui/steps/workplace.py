"""What a step's page works with."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ui.background import Background
from ui.customer.window import CustomerWindow
from ui.event_relay import EventRelay
from ui.latest_value import LatestValue

if TYPE_CHECKING:
    from hallclient.services.dispatch import Dispatch
    from hallclient.services.session.engine import Session


@dataclass(frozen=True, slots=True)
class Workplace:
    """One session at one counter.

    Attributes:
        session: called on `background` only, but for the values that it shows.
        background: the session's own thread.
        customer: the customer's window.
        dispatch: tells the outcome.
        print_copy: prints a PDF; blocks. The answer is the file of a practice printer, or None.
        reader_news: carries `ReaderStatus`.
        events: what happens to the sessions of this counter.
        face_news: arrives when the face engines' process was lost and started again.
        monotonic: seconds, for what a step took.
    """

    session: "Session"
    background: Background
    customer: CustomerWindow
    dispatch: "Dispatch"
    print_copy: Callable[[bytes], Path | None]
    reader_news: LatestValue
    events: EventRelay
    face_news: LatestValue
    monotonic: Callable[[], float]
