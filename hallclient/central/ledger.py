"""Which sessions of which devices the centre knows, and their receipts: one SQLite table.

A session is one of its device: whoever announces another's waiting id under their own key keeps nobody from it.

A connection lives as long as one question: SQLite opens in well under a millisecond, and threads then share nothing.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from hallclient.central.refusal import RefusalCode, RefusalError
from hallclient.central.sender import Sender
from hallclient.domain.failures import FailureCode, KnownError

_VERSION = 3  # nothing of the ones before was in the field
_SCHEMA = """
CREATE TABLE sessions (
    id TEXT NOT NULL,
    device TEXT NOT NULL,
    device_sequence INTEGER NOT NULL,
    registration TEXT NOT NULL,
    registered_at TEXT NOT NULL,
    announced_bytes INTEGER NOT NULL,
    outcome TEXT,
    receipt TEXT,
    receipt_signature TEXT,
    PRIMARY KEY (device, id),
    UNIQUE (device, device_sequence)
) STRICT
"""
_UNFINISHED = "CREATE INDEX unfinished ON sessions (device, announced_bytes) WHERE receipt IS NULL"


@dataclass(frozen=True, slots=True)
class Entry:
    """A session as it was registered.

    Attributes:
        session: its id.
        device: that it was done with, and that sends it.
        device_sequence: the device's own count of sessions.
        registration: canonical JSON of the whole registration.
        announced_bytes: of all its objects.
    """

    session: str
    device: Sender
    device_sequence: int
    registration: str
    announced_bytes: int


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """How much may be announced and not finished, by one device and by all; how long that is kept.

    A counter sends one session after the other: it never comes near. `age_s` counts from the last time that the
    session was announced.
    """

    sessions_of_device: int = 64
    bytes_of_device: int = 16 * 2**30
    sessions: int = 8192
    bytes: int = 512 * 2**30
    age_s: float = 3 * 86_400.0


@dataclass(frozen=True, slots=True)
class SignedText:
    """A receipt's canonical JSON and its signature in hex."""

    text: str
    signature: str


class Ledger:
    """The table. Every method is one durable transaction and may be called from any thread."""

    def __init__(self, path: Path) -> None:
        """Open it, or make it. Raises store_too_old."""
        self._path = path
        with suppress(FileExistsError):  # SQLite's own would be readable by everybody, and what lies beside it as well
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with self._transaction() as database:
            version = database.execute("PRAGMA user_version").fetchone()[0]
            tables = database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
            if tables and version != _VERSION:
                raise KnownError(FailureCode.STORE_TOO_OLD, f"the centre's ledger, version {version}")
            if not tables:
                database.execute(_SCHEMA)
                database.execute(_UNFINISHED)
                database.execute(f"PRAGMA user_version = {_VERSION}")

    def register(self, entry: Entry, at: str, limits: UploadLimits) -> None:
        """Add a session; the same entry again only keeps it for longer.

        Refuses: other_content, sequence_taken, uploads_unfinished.
        """
        with self._transaction() as database:
            key = (entry.device, entry.session)
            row = database.execute("SELECT registration FROM sessions WHERE device = ? AND id = ?", key).fetchone()
            if row is not None:
                if row[0] != entry.registration:
                    raise RefusalError(RefusalCode.OTHER_CONTENT, "the session is registered with other content")
                database.execute("UPDATE sessions SET registered_at = ? WHERE device = ? AND id = ?", (at, *key))
                return
            numbered = (entry.device, entry.device_sequence)
            if database.execute("SELECT 1 FROM sessions WHERE device = ? AND device_sequence = ?", numbered).fetchone():
                raise RefusalError(RefusalCode.SEQUENCE_TAKEN, f"device_sequence {entry.device_sequence}")
            _require_few_unfinished(database, entry, limits)
            database.execute(
                "INSERT INTO sessions (id, device, device_sequence, registration, registered_at, announced_bytes)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (entry.session, *numbered, entry.registration, at, entry.announced_bytes),
            )

    def unfinished_since(self, before: str) -> list[tuple[str, Sender]]:
        """The sessions without a receipt that were last announced before `before`."""
        with self._transaction() as database:
            rows = database.execute(
                "SELECT id, device FROM sessions WHERE receipt IS NULL AND registered_at < ?", [before]
            ).fetchall()
        return [(session, Sender(device)) for session, device in rows]

    def registration(self, session: str, device: Sender) -> str:
        """The registration of a session of `device`. Refuses: session_unknown, also for another device's session."""
        with self._transaction() as database:
            row = database.execute(
                "SELECT registration FROM sessions WHERE id = ? AND device = ?", [session, device]
            ).fetchone()
        if row is None:
            raise RefusalError(RefusalCode.SESSION_UNKNOWN, session)
        return str(row[0])

    def receipt(self, session: str, device: Sender) -> SignedText | None:
        """The receipt; None before the commit."""
        with self._transaction() as database:
            row = database.execute(
                "SELECT receipt, receipt_signature FROM sessions WHERE id = ? AND device = ? AND receipt IS NOT NULL",
                [session, device],
            ).fetchone()
        return None if row is None else SignedText(*row)

    def commit(self, session: str, device: Sender, receipt: SignedText, outcome: str) -> None:
        """Keep the receipt: from here on the session is received."""
        with self._transaction() as database:
            database.execute(
                "UPDATE sessions SET receipt = ?, receipt_signature = ?, outcome = ?"
                " WHERE id = ? AND device = ? AND receipt IS NULL",
                (receipt.text, receipt.signature, outcome, session, device),
            )

    def forget(self, session: str, device: Sender) -> None:
        """Drop a session that was refused; a received one stays."""
        with self._transaction() as database:
            database.execute("DELETE FROM sessions WHERE id = ? AND device = ? AND receipt IS NULL", [session, device])

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=30, isolation_level=None)) as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = FULL")  # NORMAL may lose the last commits when the power fails
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
            except BaseException:
                if database.in_transaction:  # a full disk has ended it already
                    database.execute("ROLLBACK")
                raise
            database.execute("COMMIT")


def _require_few_unfinished(database: sqlite3.Connection, entry: Entry, limits: UploadLimits) -> None:
    question = "SELECT count(*), coalesce(sum(announced_bytes), 0) FROM sessions WHERE receipt IS NULL"
    of_device = database.execute(f"{question} AND device = ?", [entry.device]).fetchone()
    for (sessions, announced_bytes), most, most_bytes in (
        (of_device, limits.sessions_of_device, limits.bytes_of_device),
        (database.execute(question).fetchone(), limits.sessions, limits.bytes),
    ):
        if sessions >= most or announced_bytes + entry.announced_bytes > most_bytes:
            raise RefusalError(RefusalCode.UPLOADS_UNFINISHED, f"{sessions} sessions, {announced_bytes} bytes")
