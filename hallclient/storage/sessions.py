"""Sessions as they stand in the database. Every function runs inside the caller's transaction."""

from dataclasses import dataclass, field, replace
from typing import Any

from hallclient.domain.evidence import SessionFacts
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.scene import SceneCode
from hallclient.domain.session import CLOSED, Move, SessionEvent, State


@dataclass(frozen=True, slots=True)
class StoredSession:
    """One session.

    Attributes:
        id: UUIDv7.
        service_number: the phone number that it is about; personal, never logged.
        clerk: staff number.
        opened_at: ISO 8601 in UTC.
        state, facts, events: as of the last committed move.
        elapsed_s: monotonic seconds from opening to the last committed move.
        device_sequence: given at the seal, 1, 2, 3 ... per device.
    """

    id: str
    scene: SceneCode
    service_number: str
    clerk: str
    opened_at: str
    state: State = State.OPENED
    elapsed_s: float = 0.0
    facts: SessionFacts = field(default_factory=SessionFacts)
    events: tuple[SessionEvent, ...] = ()
    device_sequence: int | None = None

    def __repr__(self) -> str:
        return f"<StoredSession {self.id} {self.state}>"


def insert(tables: Any, session: StoredSession, wrapped_data_key: bytes) -> None:
    """Keep a new session with its data key."""
    tables["session"].insert(_row(session))
    tables["data_key"].insert({"session": session.id, "wrapped": wrapped_data_key})


def record_move(tables: Any, session: StoredSession, event: SessionEvent, facts: SessionFacts) -> StoredSession:
    """Keep a move and what it found out; returns the session after it."""
    moved = replace(session, state=event.state, elapsed_s=event.elapsed_s, facts=facts, events=(*session.events, event))
    tables["session_event"].insert(
        {
            "session": session.id,
            "sequence": event.sequence,
            "move": event.move.value,
            "state": event.state.value,
            "at": event.at,
            "elapsed_s": event.elapsed_s,
        }
    )
    _update(tables, moved)
    return moved


def record_facts(tables: Any, session: StoredSession, facts: SessionFacts) -> StoredSession:
    """Keep what was found out between two moves; returns the session after it."""
    changed = replace(session, facts=facts)
    _update(tables, changed)
    return changed


def record_sequence(tables: Any, session: StoredSession, device_sequence: int) -> StoredSession:
    """Keep the place of the session among the device's sealed ones."""
    changed = replace(session, device_sequence=device_sequence)
    _update(tables, changed)
    return changed


def load(tables: Any, session_id: str) -> StoredSession:
    """The session. Raises session_unknown."""
    values = next(tables.query("SELECT * FROM session WHERE id = ?", [session_id]), None)
    if values is None:
        raise KnownError(FailureCode.SESSION_UNKNOWN)
    events = tables.execute(
        "SELECT sequence, move, state, at, elapsed_s FROM session_event WHERE session = ? ORDER BY sequence",
        [session_id],
    )
    return StoredSession(
        id=values["id"],
        scene=SceneCode(values["scene"]),
        service_number=values["service_number"],
        clerk=values["clerk"],
        opened_at=values["opened_at"],
        state=State(values["state"]),
        elapsed_s=values["elapsed_s"],
        facts=SessionFacts.model_validate_json(values["facts"]),
        events=tuple(SessionEvent(item[0], Move(item[1]), State(item[2]), item[3], item[4]) for item in events),
        device_sequence=values["device_sequence"],
    )


def unfinished(tables: Any, clerk: str) -> list[str]:
    """Ids of the sessions of `clerk` that can be continued, newest first."""
    rows = tables.execute("SELECT id, state FROM session WHERE clerk = ? ORDER BY id DESC", [clerk])
    return [row[0] for row in rows if State(row[1]) not in CLOSED]


def ended_without_package(tables: Any) -> list[str]:
    """Ids of the sessions of which nothing may be kept."""
    ended = [state.value for state in sorted(CLOSED - {State.SEALED})]
    rows = tables.execute(f"SELECT id FROM session WHERE state IN ({', '.join('?' * len(ended))})", ended)  # noqa: S608
    return [row[0] for row in rows]


def next_device_sequence(tables: Any) -> int:
    """The number of the next sealed session of this device, from 1."""
    row = tables.execute("SELECT coalesce(max(device_sequence), 0) + 1 FROM session").fetchone()
    return int(row[0])


def wrapped_data_key(tables: Any, session_id: str) -> bytes | None:
    """The hall's wrap of the session's data key; None once it was destroyed."""
    row = tables.execute("SELECT wrapped FROM data_key WHERE session = ?", [session_id]).fetchone()
    return bytes(row[0]) if row else None


def destroy_data_key(tables: Any, session_id: str) -> None:
    """Delete the hall's wrap. Afterwards `Database.forget_old_pages` removes it from the log, too."""
    tables.execute("DELETE FROM data_key WHERE session = ?", [session_id])


def _row(session: StoredSession) -> dict[str, Any]:
    return {
        "id": session.id,
        "scene": session.scene.value,
        "service_number": session.service_number,
        "clerk": session.clerk,
        "opened_at": session.opened_at,
        "state": session.state.value,
        "elapsed_s": session.elapsed_s,
        "facts": session.facts.model_dump_json(),
        "device_sequence": session.device_sequence,
    }


def _update(tables: Any, session: StoredSession) -> None:
    tables["session"].update(session.id, _row(session))
