"""Sessions as they stand in the database. Every function runs inside the caller's transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import TypeAdapter

from hallclient.domain.evidence.files import FileEntry
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.plan import Plan, PlannedStep
from hallclient.domain.session import SessionState, StepDone
from hallclient.domain.step_kind import StepFacts
from hallclient.domain.step_kinds import kind_of
from hallclient.storage.tables import Tables

_KEEP_STEP = """
INSERT INTO session_step (session, step, facts, files, done_at, elapsed_s, done_by)
VALUES (:session, :step, :facts, :files, :done_at, :elapsed_s, :done_by)
ON CONFLICT (session, step) DO UPDATE SET facts = excluded.facts, files = excluded.files, done_at = excluded.done_at,
  elapsed_s = excluded.elapsed_s, done_by = excluded.done_by
"""
_FILES = TypeAdapter(tuple[FileEntry, ...])


@dataclass(frozen=True, slots=True)
class StoredStep:
    """What there is of a step: facts and files that are committed, and whether it is done."""

    facts: StepFacts | None = None
    files: tuple[FileEntry, ...] = ()
    done: StepDone | None = None


@dataclass(frozen=True, slots=True)
class StoredSession:
    """One session.

    Attributes:
        id: UUIDv7.
        corrects: the sealed session of which it does a step again.
        service_number: the phone number that it is about; personal, never logged.
        clerk: staff number of whoever has it: who opened it, or took it over.
        opened_at: ISO 8601 in UTC.
        steps: by the ids of the plan's steps, those that were begun.
        elapsed_s: monotonic seconds from opening to the last step that was done.
        device_sequence: given at the seal, 1, 2, 3 ... per device.
    """

    id: str
    plan: Plan
    service_number: str
    clerk: str
    opened_at: str
    corrects: str | None = None
    state: SessionState = SessionState.OPEN
    elapsed_s: float = 0.0
    steps: Mapping[str, StoredStep] = field(default_factory=dict)
    device_sequence: int | None = None

    def __repr__(self) -> str:
        return f"<StoredSession {self.id} {self.state}>"

    def step(self, step_id: str) -> StoredStep:
        return self.steps.get(step_id, StoredStep())

    @property
    def done(self) -> frozenset[str]:
        """The ids of the steps that are done."""
        return frozenset(step_id for step_id, step in self.steps.items() if step.done is not None)

    @property
    def forbidden(self) -> bool:
        """What was found out forbids to go on."""
        return any(step.facts is not None and step.facts.forbids for step in self.steps.values())

    @property
    def due(self) -> PlannedStep | None:
        """What is to be done, or what forbids to go on; None when all is done, and where the session is closed."""
        if self.state is not SessionState.OPEN:
            return None
        forbidding = (step_id for step_id, step in self.steps.items() if step.facts is not None and step.facts.forbids)
        return self.next_step or next(map(self.plan.step, forbidding), None)

    @property
    def next_step(self) -> PlannedStep | None:
        """What is to be done; None when all is, and where the session is closed or nobody may go on."""
        return None if self.state is not SessionState.OPEN or self.forbidden else self.plan.next_step(self.done)

    @property
    def file_ids(self) -> frozenset[str]:
        """Of every file that is committed."""
        return frozenset(entry.id for step in self.steps.values() for entry in step.files)


def insert(tables: Tables, session: StoredSession, wrapped_data_key: bytes) -> None:
    """Keep a new session with its data key."""
    tables.table("session").insert(_row(session))
    tables.table("data_key").insert({"session": session.id, "wrapped": wrapped_data_key})


def record_step(tables: Tables, session: StoredSession, step_id: str, step: StoredStep) -> StoredSession:
    """Keep what there is of a step; returns the session after it. Raises session_unknown where it is over meanwhile."""
    _require_open(tables, session.id)
    elapsed_s = session.elapsed_s if step.done is None else step.done.elapsed_s
    changed = replace(session, steps={**session.steps, step_id: step}, elapsed_s=elapsed_s)
    # In SQL, as each step of each session is kept: sqlite-utils asks ten times for columns before it writes a row.
    tables.execute(_KEEP_STEP, _step_row(session.id, step_id, step))
    tables.execute("UPDATE session SET elapsed_s = ? WHERE id = ?", [elapsed_s, session.id])
    return changed


def record_end(tables: Tables, session: StoredSession, state: SessionState, elapsed_s: float) -> StoredSession:
    """Keep the end of a session of which nothing may be kept, its number neither; returns it after that.

    Raises session_unknown where it is over already.
    """
    _require_open(tables, session.id)
    ended = replace(session, state=state, elapsed_s=elapsed_s, steps={}, service_number="")
    tables.execute("DELETE FROM session_step WHERE session = ?", [session.id])
    tables.table("session").update(session.id, _row(ended))
    return ended


def record_seal(tables: Tables, session: StoredSession, elapsed_s: float, manifest_sha256: str) -> StoredSession:
    """Keep the seal of a session that was numbered (`record_sequence`); returns it after that.

    Raises session_unknown where it is over already.
    """
    _require_open(tables, session.id)
    sealed = replace(session, state=SessionState.SEALED, elapsed_s=elapsed_s)
    tables.table("session").update(session.id, {**_row(sealed), "manifest_sha256": manifest_sha256})
    return sealed


def record_sequence(tables: Tables, session: StoredSession, device_sequence: int) -> StoredSession:
    """Keep the place of the session among the device's sealed ones."""
    changed = replace(session, device_sequence=device_sequence)
    tables.table("session").update(session.id, _row(changed))
    return changed


def _require_open(tables: Tables, session_id: str) -> None:
    """Whoever has a session in memory may not be the last who had it."""
    row = tables.execute("SELECT state FROM session WHERE id = ?", [session_id]).fetchone()
    if row is None or row[0] != SessionState.OPEN.value:
        raise KnownError(FailureCode.SESSION_UNKNOWN, "the session is closed")


def load(tables: Tables, session_id: str) -> StoredSession:
    """The session. Raises session_unknown."""
    values = next(tables.query("SELECT * FROM session WHERE id = ?", [session_id]), None)
    if values is None:
        raise KnownError(FailureCode.SESSION_UNKNOWN)
    plan = Plan.model_validate_json(values["plan"])
    rows = tables.query("SELECT * FROM session_step WHERE session = ?", [session_id])
    steps = {row["step"]: _stored_step(plan, row) for row in rows}
    return StoredSession(
        id=values["id"],
        plan=plan,
        corrects=values["corrects"],
        service_number=values["service_number"],
        clerk=values["clerk"],
        opened_at=values["opened_at"],
        state=SessionState(values["state"]),
        elapsed_s=values["elapsed_s"],
        steps=steps,
        device_sequence=values["device_sequence"],
    )


def unfinished(tables: Tables) -> list[str]:
    """Ids of the sessions that can be continued, newest first."""
    open_ones = "SELECT id FROM session WHERE state = ? ORDER BY id DESC"
    return [row[0] for row in tables.execute(open_ones, [SessionState.OPEN.value])]


def record_clerk(tables: Tables, session: StoredSession, clerk: str) -> StoredSession:
    """Another clerk goes on with an open session."""
    tables.execute("UPDATE session SET clerk = ? WHERE id = ?", [clerk, session.id])
    return replace(session, clerk=clerk)


def opened_since(tables: Tables, since: str) -> list[str]:
    """Ids of the sessions that were opened at `since` (as `opened_at`) or later, newest first."""
    found = tables.execute("SELECT id FROM session WHERE opened_at >= ? ORDER BY id DESC", [since])
    return [row[0] for row in found]


def ended_without_package(tables: Tables) -> list[str]:
    """Ids of the sessions of which nothing may be kept."""
    ended = [SessionState.ABANDONED.value, SessionState.REFUSED.value]
    return [row[0] for row in tables.execute("SELECT id FROM session WHERE state IN (?, ?)", ended)]


def last_sealed(tables: Tables) -> tuple[int, str | None]:
    """The number of this device's last sealed session and its manifest's SHA-256; 0 and None before the first."""
    row = tables.execute(
        "SELECT device_sequence, manifest_sha256 FROM session WHERE device_sequence IS NOT NULL "
        "ORDER BY device_sequence DESC LIMIT 1"
    ).fetchone()
    return (int(row[0]), str(row[1])) if row else (0, None)


@dataclass(frozen=True, slots=True)
class SealedSession:
    """What the store has of a sealed session; `accepted` when its receipt was kept, whose `outcome` screens show."""

    session: str
    device_sequence: int
    manifest_sha256: str
    accepted: bool
    outcome: str | None = None


def sealed(tables: Tables) -> list[SealedSession]:
    """All of them, by their numbers."""
    rows = tables.execute(
        "SELECT id, device_sequence, manifest_sha256, coalesce(delivery.state, '') = 'accepted', delivery.outcome"
        " FROM session LEFT JOIN delivery ON delivery.session = session.id"
        " WHERE device_sequence IS NOT NULL AND manifest_sha256 IS NOT NULL ORDER BY device_sequence"
    )
    return [SealedSession(row[0], row[1], row[2], bool(row[3]), row[4]) for row in rows]


def wrapped_data_key(tables: Tables, session_id: str) -> bytes | None:
    """The hall's wrap of the session's data key; None once it was destroyed."""
    row = tables.execute("SELECT wrapped FROM data_key WHERE session = ?", [session_id]).fetchone()
    return bytes(row[0]) if row else None


def destroy_data_key(tables: Tables, session_id: str) -> None:
    """Delete the hall's wrap. Afterwards `Database.forget_old_pages` removes it from the log, too."""
    tables.execute("DELETE FROM data_key WHERE session = ?", [session_id])


def _row(session: StoredSession) -> dict[str, Any]:
    return {
        "id": session.id,
        "plan": session.plan.model_dump_json(),
        "corrects": session.corrects,
        "service_number": session.service_number,
        "clerk": session.clerk,
        "opened_at": session.opened_at,
        "state": session.state.value,
        "elapsed_s": session.elapsed_s,
        "device_sequence": session.device_sequence,
    }


def _step_row(session_id: str, step_id: str, step: StoredStep) -> dict[str, Any]:
    done = step.done
    return {
        "session": session_id,
        "step": step_id,
        "facts": None if step.facts is None else step.facts.model_dump_json(),
        "files": _FILES.dump_json(step.files).decode(),
        "done_at": done and done.at,
        "elapsed_s": done and done.elapsed_s,
        "done_by": done and done.by,
    }


def _stored_step(plan: Plan, row: Mapping[str, Any]) -> StoredStep:
    planned = plan.step(row["step"])
    if planned is None:
        raise KnownError(FailureCode.STORE_UNREADABLE, "a step that is not planned")
    facts = None if row["facts"] is None else kind_of(planned).facts.model_validate_json(row["facts"])
    done = None if row["done_at"] is None else StepDone(row["done_at"], row["elapsed_s"], row["done_by"])
    return StoredStep(facts, _FILES.validate_json(row["files"]), done)
