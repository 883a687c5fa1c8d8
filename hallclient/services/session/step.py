"""What a step of a live session is given, and what it has to be."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import ClassVar, Protocol, TypeVar

from hallclient.domain.evidence.files import FileEntry, file_id
from hallclient.domain.failures import BugError, FailureCode, KnownError
from hallclient.domain.hall_time import hall_date
from hallclient.domain.plan import PlannedStep
from hallclient.domain.session import RefusalReason
from hallclient.domain.step_kind import StepFacts, StepOptions
from hallclient.domain.step_kinds import kind_of
from hallclient.services.access import OpenHall
from hallclient.services.camera_feed import CameraFeed
from hallclient.services.equipment import Equipment
from hallclient.storage.sessions import StoredStep

Options = TypeVar("Options", bound=StepOptions)
Facts = TypeVar("Facts", bound=StepFacts)
Work = TypeVar("Work", bound="StepWork")


class Keeper(Protocol):
    """The session, as the ground that its steps stand on."""

    hall: OpenHall
    equipment: Equipment
    feed: CameraFeed
    data_key: bytes

    @property
    def session_id(self) -> str: ...

    @property
    def service_number(self) -> str: ...

    @property
    def business(self) -> str:
        """The name of what is done, for documents."""
        ...

    @property
    def elapsed_s(self) -> float:
        """Since the session was opened, without the time between two programs."""
        ...

    def now(self) -> datetime:
        """The wall clock's time. Raises clock_wrong, clock_went_back where it cannot be true."""
        ...

    def stored(self, step_id: str) -> StoredStep: ...

    def expect(self, step_id: str) -> None:
        """Raises step_out_of_order unless this step is the next one."""
        ...

    def witness(self, event: str) -> None:
        """Keep an audit event that changes nothing of the session; also of one that is sealed."""
        ...

    def note(
        self,
        step_id: str,
        event: str,
        detail: Mapping[str, object],
        facts: StepFacts | None,
        files: tuple[FileEntry, ...] | None = None,
    ) -> None:
        """Keep what was found out between, with its audit event, in one transaction; None: facts or files as before."""
        ...

    def finish(
        self, step_id: str, facts: StepFacts, files: tuple[FileEntry, ...], detail: Mapping[str, object]
    ) -> None:
        """Keep that the step is done, with all it found out, in one transaction; `detail` is for the audit."""
        ...

    def work(self, step_id: str) -> "StepWork": ...

    def work_of_kind(self, kind: str, person: str) -> "StepWork | None": ...

    def prepare_after(self, step_id: str) -> None:
        """Let the steps that follow about the same person make ready."""
        ...


class StepWork:
    """One step of a live session. What a screen calls is the subclass's; all of it blocks, on one worker thread.

    Attributes:
        planned: the step in the plan.
        uses_camera: it looks at the customer: the session's camera stays open until the last such step is done.
    """

    uses_camera: ClassVar[bool] = False

    def __init__(self, keeper: Keeper, planned: PlannedStep) -> None:
        self.planned = planned
        self._keeper = keeper

    def prepare(self) -> None:
        """The step before is under way: make ready what takes long. Raises nothing."""

    def see_again(self) -> None:
        """After a crash: fill in what the encrypted files hold. Raises evidence_damaged."""

    def refusal(self) -> tuple[RefusalReason, Mapping[str, object]]:
        """Why nobody may go on after this step, where its facts forbid it; the detail is for the audit."""
        raise BugError(f"{self.planned.id} forbids nothing")

    def stop(self) -> None:
        """Let go of the devices: the session is to end. Where the disk refuses the end it goes on, with all it has."""

    def forget(self) -> None:
        """The session is ended, or let go of: keep nothing of the customer in memory, nor a thread."""

    @property
    def files(self) -> tuple[FileEntry, ...]:
        """Those that are committed."""
        return self._stored.files

    @property
    def remarkable(self) -> bool:
        """What it found is for somebody's eye."""
        return self._stored.facts is not None and bool(self._stored.facts.flags)

    @property
    def forbids(self) -> bool:
        """Nobody may go on after it: by what it found, and by the rules of today."""
        return self._stored.facts is not None and self._stored.facts.forbids

    @property
    def is_done(self) -> bool:
        return self._stored.done is not None

    @property
    def _stored(self) -> StoredStep:
        return self._keeper.stored(self.planned.id)

    @property
    def _hall(self) -> OpenHall:
        return self._keeper.hall

    @property
    def _equipment(self) -> Equipment:
        return self._keeper.equipment

    @property
    def _today(self) -> date:
        """The hall's date. Raises clock_wrong."""
        return hall_date(self._keeper.now())

    def _options(self, model: type[Options]) -> Options:
        options = kind_of(self.planned).options_of(self.planned)
        if not isinstance(options, model):
            raise BugError(f"{self.planned.kind} has other options")
        return options

    def _facts(self, model: type[Facts]) -> Facts | None:
        facts = self._stored.facts
        if facts is not None and not isinstance(facts, model):
            raise BugError(f"{self.planned.kind} has other facts")
        return facts

    def _expect(self) -> None:
        self._keeper.expect(self.planned.id)

    def _note(
        self,
        event: str,
        detail: Mapping[str, object] | None = None,
        facts: StepFacts | None = None,
        files: tuple[FileEntry, ...] | None = None,
    ) -> None:
        self._keeper.note(self.planned.id, event, detail or {}, facts, files)

    def _finish(self, facts: StepFacts, *files: FileEntry, detail: Mapping[str, object] | None = None) -> None:
        self._keeper.finish(self.planned.id, facts, files, detail or {})

    def _file_id(self, name: str) -> str:
        return file_id(self.planned.id, name)

    def _put(self, name: str, plain: bytes) -> FileEntry:
        return self._hall.vault.put(self._keeper.session_id, self._file_id(name), self._keeper.data_key, plain)

    def _get(self, name: str) -> bytes:
        """What the step's file of this name holds, as it was committed. Raises evidence_damaged."""
        plain = self._hall.vault.get(self._keeper.session_id, self._file_id(name), self._keeper.data_key)
        committed = {entry.id: entry.plain_sha256 for entry in self.files}
        if committed.get(self._file_id(name)) != hashlib.sha256(plain).hexdigest():
            raise KnownError(FailureCode.EVIDENCE_DAMAGED, self._file_id(name))
        return plain

    def _has(self, name: str) -> bool:
        return any(entry.id == self._file_id(name) for entry in self.files)

    def _same_persons(self, kind: str, model: type[Work]) -> Work:
        """The step of `kind` about the same person."""
        work = self._keeper.work_of_kind(kind, self.planned.person)
        if not isinstance(work, model):
            raise BugError(f"a plan without {kind} for {self.planned.person}")
        return work
