"""What a clerk who has logged in can do at this counter."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hallclient.devices import ReaderStatus
from hallclient.domain.equipment import Place
from hallclient.domain.failures import BugError
from hallclient.domain.masking import masked_service_number
from hallclient.domain.plan import PlannedStep
from hallclient.domain.rule_pack import PackScene
from hallclient.domain.session import AbandonReason
from hallclient.domain.staff import Role, Staff
from hallclient.rule_texts import built_in_pack
from hallclient.services.access import OpenHall
from hallclient.services.ending import abandon_unopened
from hallclient.services.equipment import Equipment
from hallclient.services.preparation import Preparation, Readiness
from hallclient.services.session.engine import Session
from hallclient.storage import sessions


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that can be continued; the phone number is masked.

    Attributes:
        business: what it is about, in words.
        step: what is to be done; None for the seal.
    """

    session_id: str
    business: str
    service_number_masked: str
    step: PlannedStep | None
    opened_at: str


class Counter:
    """The counter of one clerk. Raises not_permitted for anybody else.

    What needs a device waits until the equipment is there, and raises why it cannot be had.
    """

    def __init__(self, hall: OpenHall, preparation: Preparation) -> None:
        hall.staff.must_be(Role.CLERK)
        self._hall = hall
        self._preparation = preparation

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

    def open_session(self, scene: str, service_number: str) -> Session:
        """Begin a session. Raises as `Session.open` does."""
        return Session.open(self._hall, self._preparation.equipment(), built_in_pack(), scene, service_number)

    def unfinished(self) -> list[OpenSession]:
        """This clerk's sessions that a crash or a pause interrupted, newest first."""
        with self._hall.database.reading() as tables:
            stored = [sessions.load(tables, session) for session in sessions.unfinished(tables, self.staff.number)]
        return [
            OpenSession(
                item.id,
                item.plan.words.name,
                masked_service_number(item.service_number),
                item.next_step,
                item.opened_at,
            )
            for item in stored
        ]

    def resume(self, session_id: str) -> Session:
        """Go on after the last committed step. Raises session_unknown, evidence_damaged."""
        return Session.resume(self._hall, self._preparation.equipment(), session_id)

    def abandon(self, session_id: str, reason: AbandonReason) -> None:
        """End a session that is not open: no device and none of its files is needed, so damaged ones are no hindrance.

        Raises session_unknown, not_permitted.
        """
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
