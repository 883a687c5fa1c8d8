"""What a clerk who has logged in can do at this counter: one session at a time, and the list of the day."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hallclient.devices import ReaderStatus
from hallclient.domain.delivery import DeliveryState
from hallclient.domain.equipment import Place
from hallclient.domain.evidence.receipt import Outcome
from hallclient.domain.failures import BugError, FailureCode, KnownError
from hallclient.domain.hall_time import day_begins
from hallclient.domain.masking import masked_service_number
from hallclient.domain.permissions import Action
from hallclient.domain.plan import PlannedStep
from hallclient.domain.rule_pack import PackScene
from hallclient.domain.session import AbandonReason, SessionState
from hallclient.domain.staff import Staff
from hallclient.rule_texts import built_in_pack
from hallclient.services.access import OpenHall, iso
from hallclient.services.ending import abandon_unopened
from hallclient.services.equipment import Equipment
from hallclient.services.events import SessionEvent
from hallclient.services.preparation import Preparation, Readiness
from hallclient.services.session.engine import Session
from hallclient.storage import deliveries, sessions
from hallclient.storage.tables import Tables

_PARTING_S = 20.0  # so long a session before may take to let go of its devices


class Progress(StrEnum):
    """How far a session has come, for the list of the day."""

    OPEN = "open"
    WAITING = "waiting"  # for the centre, or for a supervisor
    SET_ASIDE = "set_aside"  # the centre did not take it
    DONE = "done"
    ENDED = "ended"  # without a package


@dataclass(frozen=True, slots=True)
class ListedSession:
    """A line of the list of the day.

    Attributes:
        business: what it is about, in words.
        service_number: masked.
        step: what is to be done of an open one, or forbids to go on with it; None for the seal.
        opened_at: ISO 8601 in UTC.
        colleague: the staff number of whose it is, where it is not that of who asks.
        outcome: what the centre said; None before that.
    """

    session_id: str
    business: str
    service_number: str
    step: PlannedStep | None
    opened_at: str
    clerk: str
    progress: Progress = Progress.OPEN
    outcome: Outcome | None = None
    colleague: str | None = None


class Counter:
    """The counter of one clerk. Raises not_permitted for anybody else.

    It has the live session, one at a time, which belongs to the thread that first does something with it. What needs a
    device waits until the equipment is there, and raises why it cannot be had.
    """

    def __init__(self, hall: OpenHall, preparation: Preparation) -> None:
        hall.must_be_permitted(Action.SERVE_CUSTOMERS)
        self._hall = hall
        self._preparation = preparation
        self._free = threading.Lock()  # held by the live session, and whoever begins one
        self._live: Session | None = None

    @property
    def staff(self) -> Staff:
        return self._hall.staff

    @property
    def place(self) -> Place:
        return self._hall.file.place

    @property
    def practice(self) -> bool:
        return self._hall.file.practice

    def watch_preparation(self, listener: Callable[[Readiness], None]) -> None:
        """See `Preparation.watch`."""
        self._preparation.watch(listener)

    def scenes(self) -> tuple[PackScene, ...]:
        """The businesses that are done here."""
        return built_in_pack().scenes

    @property
    def live(self) -> Session | None:
        """The session that is under way; None between two."""
        return self._live

    def listen(self, listener: Callable[[SessionEvent], None]) -> None:
        """See `Events`: of every session of this counter."""
        self._hall.events.listen(listener)

    def open_session(self, scene: str, service_number: str) -> Session:
        """Begin a session. Raises session_under_way, and as `Session.open` does."""
        return self._begin(
            lambda equipment: Session.open(self._hall, equipment, built_in_pack(), scene, service_number)
        )

    def resume(self, session_id: str) -> Session:
        """Go on after the last committed step, also with a colleague's, which is this clerk's from then on.

        Raises session_under_way, session_unknown, evidence_damaged.
        """
        return self._begin(lambda equipment: Session.resume(self._hall, equipment, session_id))

    def close_session(self) -> None:
        """Let go of the live session, which can be continued while it is open; on its own thread."""
        session = self._live
        if session is None:
            return
        session.require_its_thread()  # before anything: another thread lets go of nothing
        try:
            session.close()
        finally:
            self._live = None
            self._free.release()

    def _begin(self, begin: Callable[[Equipment], Session]) -> Session:
        equipment = self._preparation.equipment()
        if not self._free.acquire(timeout=_PARTING_S):
            raise KnownError(FailureCode.SESSION_UNDER_WAY)
        try:
            session = begin(equipment)
        except BaseException:
            self._free.release()
            raise
        session.keep_to_a_thread()
        self._live = session
        return session

    def today(self) -> list[ListedSession]:
        """All sessions that were opened here today, newest first, whoever is their clerk."""
        since = iso(day_begins(self._hall.clock.now()))
        with self._hall.database.reading() as tables:
            return [self._listed(tables, session) for session in sessions.opened_since(tables, since)]

    def unfinished(self) -> list[ListedSession]:
        """The sessions that a crash, a pause or a change of clerk interrupted, of any day: this clerk's own first, each
        newest first. A colleague's can be taken over by going on with it.
        """
        with self._hall.database.reading() as tables:
            listed = [self._listed(tables, session) for session in sessions.unfinished(tables)]
        return sorted(listed, key=lambda one: one.colleague is not None)

    def _listed(self, tables: Tables, session: str) -> ListedSession:
        stored = sessions.load(tables, session)
        delivery = deliveries.state(tables, session)
        return ListedSession(
            session_id=stored.id,
            business=stored.plan.words.name,
            service_number=masked_service_number(stored.service_number),
            clerk=stored.clerk,
            step=stored.due,
            opened_at=stored.opened_at,
            progress=_progress(stored.state, delivery),
            outcome=deliveries.outcome(tables, session),
            colleague=None if stored.clerk == self.staff.number else stored.clerk,
        )

    def abandon(self, session_id: str, reason: AbandonReason) -> None:
        """End a session that nobody has before them: no device and none of its files is needed, so damaged ones are no
        hindrance. Raises session_unknown, not_permitted, session_under_way for the live one.
        """
        live = self._live
        if live is not None and live.session_id == session_id:  # put aside a moment ago, it may be about to part
            if not self._free.acquire(timeout=_PARTING_S):
                raise KnownError(FailureCode.SESSION_UNDER_WAY)
            self._free.release()
        abandon_unopened(self._hall, session_id, reason)

    def watch_reader(self, listener: Callable[[ReaderStatus], None]) -> None:
        """See `CardReader.watch`; begins later where the devices come later, after their failure was raised."""
        self._preparation.use(lambda equipment: equipment.card_reader.watch(listener))

    def watch_face_worker(self, listener: Callable[[], None]) -> None:
        """See `FaceWorker.watch`; never called where the engines live in this process. Begins later, as above."""

        def watch(equipment: Equipment) -> None:
            if equipment.face_worker is not None:
                equipment.face_worker.watch(listener)

        self._preparation.use(watch)

    def print_copy(self, pdf: bytes) -> Path | None:
        """Print the customer's copy; None, or the file that a practice printer wrote. Raises printer_failed.

        A real customer's document never becomes a file: that is our mistake, and nothing is written.
        """
        printer = self._preparation.equipment().printer
        if printer.practice and not self.practice:
            raise BugError("a practice printer in a real hall")
        return printer.print_pdf(pdf)


def _progress(state: SessionState, delivery: DeliveryState | None) -> Progress:
    if state is SessionState.OPEN:
        return Progress.OPEN
    if state is not SessionState.SEALED:
        return Progress.ENDED
    match delivery:
        case DeliveryState.ACCEPTED:
            return Progress.DONE
        case DeliveryState.QUARANTINED:
            return Progress.SET_ASIDE
        case _:
            return Progress.WAITING
