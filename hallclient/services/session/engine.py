"""One customer's session, from its opening to the sealed package.

Each step is committed with its audit event in one transaction, and only then returned: what a screen shows has
happened. All methods block and are called from one worker thread; the callbacks they take come on other threads.
"""

import threading
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime
from typing import TypeVar

from hallclient.domain.aead_stream import DATA_KEY_BYTES
from hallclient.domain.certificates import is_valid_at
from hallclient.domain.evidence.files import FileEntry
from hallclient.domain.evidence.manifest import Manifest
from hallclient.domain.failures import BugError, FailureCode, KnownError
from hallclient.domain.hall_time import CLOCK_CORRECTION, hall_date
from hallclient.domain.ids import session_id
from hallclient.domain.masking import masked_service_number
from hallclient.domain.permissions import Action
from hallclient.domain.plan import Plan, PlannedStep
from hallclient.domain.rule_pack import RulePack
from hallclient.domain.service_number import is_service_number
from hallclient.domain.session import AbandonReason, RefusalReason, SessionState, StepDone
from hallclient.domain.step_kind import StepFacts
from hallclient.domain.step_kinds import correcting_plan, require_doable
from hallclient.rule_texts import text_in_force
from hallclient.services.access import OpenHall, iso
from hallclient.services.camera_feed import CameraFeed
from hallclient.services.clearing import discard
from hallclient.services.ending import end_session, load_open_session
from hallclient.services.equipment import Equipment
from hallclient.services.events import SessionClosed, SessionOpened, StepFinished
from hallclient.services.physical_camera import PhysicalCamera
from hallclient.services.sealing import seal_session
from hallclient.services.session.kinds import work_for
from hallclient.services.session.step import StepWork
from hallclient.storage import sessions
from hallclient.storage.audit import append
from hallclient.storage.hall_keys import wrap_data_key
from hallclient.storage.sessions import StoredSession, StoredStep
from hallclient.system import return_freed_memory

Work = TypeVar("Work", bound=StepWork)


class Session:
    """A session that is being done. It owns camera, microphone, recorder and files until `close`.

    Attributes:
        hall, equipment, feed, data_key: what its steps work with.
        opened_monotonic: when it was opened, on this machine's monotonic clock, less the time between two programs.
    """

    def __init__(self, hall: OpenHall, equipment: Equipment, stored: StoredSession, data_key: bytes) -> None:
        """Use `Session.open`, `Session.correct` or `Session.resume`."""
        self.hall, self.equipment, self.data_key = hall, equipment, data_key
        # Only who rehearses may play pictures into it.
        camera = equipment.camera if hall.file.practice else PhysicalCamera(equipment.camera)
        self.feed = CameraFeed(camera, hall.clock)
        self._stored = stored
        # Elapsed time goes on from the last commit: a restart of the machine starts another monotonic clock.
        self.opened_monotonic = hall.clock.monotonic() - stored.elapsed_s
        self._works = {step.id: work_for(self, step) for step in stored.plan.steps}
        self._kept_to_a_thread = False
        self._thread: int | None = None

    @classmethod
    def open(cls, hall: OpenHall, equipment: Equipment, pack: RulePack, scene: str, service_number: str) -> "Session":
        """Begin a session about `service_number`, see `is_service_number`; it is begun whole or not at all.

        Raises input_invalid, scene_unknown, clock_wrong, disk_full, store_busy, store_read_only, and as
        `require_doable` does.
        """
        if not is_service_number(service_number):
            raise KnownError(FailureCode.INPUT_INVALID, "service number")
        now = hall.clock.now()
        _require_plausible(hall, now)
        return cls._begin(hall, equipment, _plan(pack, scene, now), service_number, now)

    @classmethod
    def correct(cls, hall: OpenHall, equipment: Equipment, pack: RulePack, session: str, step_id: str) -> "Session":
        """Begin a session that does a step of a sealed one again, by the rules of today: see `correcting_plan`.

        Raises session_unknown, step_out_of_order where it is not sealed, plan_step_unknown, and as `open` does.
        """
        with hall.database.reading() as tables:
            first = sessions.load(tables, session)
        if first.state is not SessionState.SEALED:
            raise KnownError(FailureCode.STEP_OUT_OF_ORDER, "only what is sealed is corrected")
        now = hall.clock.now()
        _require_plausible(hall, now)
        plan = correcting_plan(_plan(pack, first.plan.scene, now), step_id)
        return cls._begin(hall, equipment, plan, first.service_number, now, corrects=session)

    @classmethod
    def _begin(
        cls,
        hall: OpenHall,
        equipment: Equipment,
        plan: Plan,
        service_number: str,
        now: datetime,
        corrects: str | None = None,
    ) -> "Session":
        require_doable(plan)
        entropy = hall.entropy
        stored = StoredSession(
            id=session_id(now, entropy.token(10)),
            plan=plan,
            corrects=corrects,
            service_number=service_number,
            clerk=hall.staff.number,
            opened_at=iso(now),
        )
        data_key = entropy.token(DATA_KEY_BYTES)
        try:
            with hall.database.transaction() as tables:
                sessions.insert(tables, stored, wrap_data_key(hall.hall_key, data_key, stored.id, entropy))
                append(tables, hall.audit_event("session_opened", stored.id, scene=plan.scene, pack=plan.pack_sha256))
                hall.vault.prepare(stored.id)  # after the commit a session would stay open that nobody was given
        except KnownError:
            discard(hall.vault, stored.id)
            raise
        hall.events.tell(SessionOpened(stored.id))
        return cls(hall, equipment, stored, data_key)

    @classmethod
    def resume(cls, hall: OpenHall, equipment: Equipment, session: str) -> "Session":
        """Go on with a session after its last committed step, by its own plan, whatever the rules are today.

        A colleague's is taken over: from then on it is this clerk's, and each step says who did it.
        Files whose commit never came are deleted. Raises session_unknown, not_permitted, evidence_damaged; then
        `abandon_unopened` can end it.
        """
        stored = load_open_session(hall, session)
        data_key = hall.data_key(session)
        hall.vault.prepare(session)
        hall.vault.clear_unlisted(session, stored.file_ids)
        stored = _taken_over(hall, stored)
        resumed = cls(hall, equipment, stored, data_key)
        for work in resumed._works.values():
            work.see_again()
        hall.events.tell(SessionOpened(session))
        return resumed

    @property
    def session_id(self) -> str:
        return self._stored.id

    @property
    def service_number(self) -> str:
        return self._stored.service_number

    @property
    def masked_service_number(self) -> str:
        """As screens may show it."""
        return masked_service_number(self.service_number)

    def reveal_service_number(self) -> str:
        """In full, for the customer's own screen: nobody else can see a slip in it. The audit log keeps that it was.

        Raises disk_full, store_busy.
        """
        self.witness("service_number_shown")
        return self.service_number

    @property
    def business(self) -> str:
        return self.plan.words.name

    @property
    def plan(self) -> Plan:
        return self._stored.plan

    @property
    def state(self) -> SessionState:
        return self._stored.state

    @property
    def next_step(self) -> PlannedStep | None:
        """What is to be done; None when all is, and where nobody may go on."""
        return None if self.forbidden else self._stored.next_step

    @property
    def forbidden(self) -> bool:
        """What was found out forbids to go on: it can only be refused, or abandoned."""
        return self.forbidding_step is not None

    @property
    def needs_review(self) -> bool:
        """Something that was found out is for a supervisor to decide."""
        return any(step.facts.flags for step in self._stored.steps.values() if step.facts is not None and step.done)

    @property
    def elapsed_s(self) -> float:
        return round(self.hall.clock.monotonic() - self.opened_monotonic, 3)

    def is_done(self, step_id: str) -> bool:
        return step_id in self._stored.done

    @property
    def works(self) -> tuple[StepWork, ...]:
        """Who does the steps, in the plan's order."""
        return tuple(self._works.values())

    @property
    def file_count(self) -> int:
        """Of the files that are committed."""
        return len(self._stored.file_ids)

    @property
    def forbidding_step(self) -> str | None:
        """The id of the step that forbids to go on."""
        return next((step_id for step_id, work in self._works.items() if work.forbids), None)

    def work(self, step_id: str) -> StepWork:
        """Who does this step."""
        return self._works[step_id]

    def work_of_kind(self, kind: str, person: str) -> StepWork | None:
        planned = self.plan.of_kind(kind, person)
        return None if planned is None else self._works[planned.id]

    def the(self, model: type[Work]) -> Work:
        """The first step that is done by `model`. Raises BugError where there is none."""
        for work in self._works.values():
            if isinstance(work, model):
                return work
        raise BugError(f"no {model.__name__} in this plan")

    def keep_to_a_thread(self) -> None:
        """From now on the first thread that does something with the session is the only one that may."""
        self._kept_to_a_thread = True

    def seal(self) -> Manifest:
        """Sign the manifest over everything and put the package into the outbox, or before a supervisor.

        Raises step_out_of_order, clock_wrong, disk_full, store_busy.
        """
        self.require_its_thread()
        if self.state is not SessionState.OPEN or self.forbidden or self.next_step is not None:
            raise KnownError(FailureCode.STEP_OUT_OF_ORDER, "seal")
        now = self.now()
        # A try whose commit failed may have left a file, and then the session went another way: nobody knows it.
        self.hall.vault.clear_unlisted(self.session_id, self._stored.file_ids)
        done = StepDone(iso(now), self.elapsed_s, self.hall.staff.number)
        self._stored, manifest = seal_session(self.hall, self._stored, done, self.data_key)
        self.hall.events.tell(SessionClosed(self.session_id, self.state))
        return manifest

    def refuse(self) -> None:
        """End a session that may not go on; the audit says why. Raises as `abandon` does."""
        self.require_its_thread()
        forbidding = self.forbidding_step
        if self.state is not SessionState.OPEN or forbidding is None:
            raise KnownError(FailureCode.STEP_OUT_OF_ORDER, "refuse")
        reason, detail = self._works[forbidding].refusal()
        self._end(SessionState.REFUSED, reason, **detail)

    def abandon(self, reason: AbandonReason) -> None:
        """End the session before its seal; nothing of the customer is kept.

        Raises step_out_of_order, disk_full, store_busy: then the session goes on. Once the end is committed nothing is
        raised, whatever becomes of the files, see `clear_away`.
        """
        self._end(SessionState.ABANDONED, reason)

    def close(self) -> None:
        """Let go of the devices. An open session can be resumed."""
        self.require_its_thread()
        with ExitStack() as stack:  # whatever becomes of one of them
            stack.callback(return_freed_memory)
            stack.callback(self.feed.close)
            for work in self._works.values():
                stack.callback(work.forget)
                stack.callback(work.stop)

    # What its steps ask of it: see `Keeper`.

    def stored(self, step_id: str) -> StoredStep:
        return self._stored.step(step_id)

    def now(self) -> datetime:
        now = self.hall.clock.now()
        _require_plausible(self.hall, now)
        if now < datetime.fromisoformat(self._stored.opened_at) - CLOCK_CORRECTION:
            raise KnownError(FailureCode.CLOCK_WENT_BACK)
        return now

    def witness(self, event: str) -> None:
        self.require_its_thread()
        with self.hall.database.transaction() as tables:
            append(tables, self.hall.audit_event(event, self.session_id))

    def expect(self, step_id: str) -> None:
        self.require_its_thread()
        following = self.next_step
        if following is None or following.id != step_id:
            raise KnownError(FailureCode.STEP_OUT_OF_ORDER, f"{step_id} before {following.id if following else 'none'}")

    def note(
        self,
        step_id: str,
        event: str,
        detail: Mapping[str, object],
        facts: StepFacts | None,
        files: tuple[FileEntry, ...] | None = None,
    ) -> None:
        before = self._stored.step(step_id)
        kept = StoredStep(
            before.facts if facts is None else facts, before.files if files is None else files, before.done
        )
        self._keep(step_id, kept, event, detail)

    def finish(
        self, step_id: str, facts: StepFacts, files: tuple[FileEntry, ...], detail: Mapping[str, object]
    ) -> None:
        self.expect(step_id)
        done = StepDone(iso(self.now()), self.elapsed_s, self.hall.staff.number)
        self._keep(step_id, StoredStep(facts, files, done), "step_done", {"elapsed_s": done.elapsed_s, **detail})
        self.hall.events.tell(StepFinished(self.session_id, step_id))
        if not any(work.uses_camera and not work.is_done for work in self._works.values()):
            self.feed.close()

    def prepare_after(self, step_id: str) -> None:
        works = [work for work in self._works.values() if work.planned.person == self._works[step_id].planned.person]
        for following in works[works.index(self._works[step_id]) + 1 :]:
            following.prepare()

    def require_its_thread(self) -> None:
        """Raises BugError on another thread than the session's, see `keep_to_a_thread`."""
        if self._kept_to_a_thread:
            here = threading.get_ident()
            self._thread = self._thread or here
            if self._thread != here:
                raise BugError("a session belongs to one thread")

    def _keep(self, step_id: str, step: StoredStep, event: str, detail: Mapping[str, object]) -> None:
        self.require_its_thread()
        with self.hall.database.transaction() as tables:
            after = sessions.record_step(tables, self._stored, step_id, step)
            append(tables, self.hall.audit_event(event, self.session_id, step=step_id, **detail))
        self._stored = after  # not before it is on the disk: who is refused that tries the same step again

    def _end(self, state: SessionState, reason: AbandonReason | RefusalReason, **detail: object) -> None:
        self.require_its_thread()
        if self.state is not SessionState.OPEN:
            raise KnownError(FailureCode.STEP_OUT_OF_ORDER, state)
        for work in self._works.values():
            work.stop()
        self.feed.close()
        self._stored = end_session(self.hall, self._stored, state, reason, self.elapsed_s, **detail)
        for work in self._works.values():
            work.forget()


def _plan(pack: RulePack, scene: str, now: datetime) -> Plan:
    day = hall_date(now)
    return pack.plan(scene, lambda code: text_in_force(code, day))


def _require_plausible(hall: OpenHall, now: datetime) -> None:
    """Raises clock_wrong where this device's certificate, or that of whoever is logged in, does not hold at `now`.

    And centre_refused_device where the device is known to be revoked, staff_revoked where the person is.
    """
    hall.must_be_permitted(Action.SERVE_CUSTOMERS)
    for whose, certificate in (("device", hall.device_certificate), ("person", hall.staff_chain.leaf)):
        if not is_valid_at(certificate, now):
            raise KnownError(FailureCode.CLOCK_WRONG, f"outside of the {whose}'s certificate")
    revocations = hall.revocations
    if revocations is not None and hall.device_chain.revoked_at(revocations) is not None:
        raise KnownError(FailureCode.CENTRE_REFUSED_DEVICE, "revoked")


def _taken_over(hall: OpenHall, stored: StoredSession) -> StoredSession:
    """The session of whoever is logged in. Raises disk_full, store_busy."""
    if stored.clerk == hall.staff.number:
        return stored
    with hall.database.transaction() as tables:
        taken = sessions.record_clerk(tables, stored, hall.staff.number)
        append(tables, hall.audit_event("session_taken_over", stored.id, clerk=stored.clerk))
    return taken
