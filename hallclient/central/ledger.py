"""Which sessions the centre knows, and their receipts: one SQLite table.

A connection lives as long as one question: SQLite opens in well under a millisecond, and threads then share nothing.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from hallclient.central.refusal import RefusalCode, RefusalError
from hallclient.central.sender import Sender
from hallclient.domain.failures import FailureCode, KnownError

_VERSION = 2  # the first told devices apart by the names of their halls; nothing of it was in the field
_SCHEMA = """
CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    device TEXT NOT NULL,
    device_sequence INTEGER NOT NULL,
    registration TEXT NOT NULL,
    registered_at TEXT NOT NULL,
    outcome TEXT,
    receipt TEXT,
    receipt_signature TEXT,
    UNIQUE (device, device_sequence)
) STRICT
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A session as it was registered.

    Attributes:
        session: its id.
        device: that it was done with, and that sends it.
        device_sequence: the device's own count of sessions.
        registration: canonical JSON of the whole registration.
    """

    session: str
    device: Sender
    device_sequence: int
    registration: str


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
        with self._transaction() as database:
            version = database.execute("PRAGMA user_version").fetchone()[0]
            tables = database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
            if tables and version != _VERSION:
                raise KnownError(FailureCode.STORE_TOO_OLD, f"the centre's ledger, version {version}")
            if not tables:
                database.execute(_SCHEMA)
                database.execute(f"PRAGMA user_version = {_VERSION}")

    def register(self, entry: Entry, at: str) -> None:
        """Add a session; the same entry again changes nothing. Refuses: other_content, sequence_taken."""
        with self._transaction() as database:
            row = database.execute("SELECT registration FROM sessions WHERE id = ?", [entry.session]).fetchone()
            if row is not None:
                if row[0] != entry.registration:
                    raise RefusalError(RefusalCode.OTHER_CONTENT, "the session is registered with other content")
                return
            numbered = (entry.device, entry.device_sequence)
            if database.execute("SELECT 1 FROM sessions WHERE device = ? AND device_sequence = ?", numbered).fetchone():
                raise RefusalError(RefusalCode.SEQUENCE_TAKEN, f"device_sequence {entry.device_sequence}")
            database.execute(
                "INSERT INTO sessions (id, device, device_sequence, registration, registered_at)"
                " VALUES (?, ?, ?, ?, ?)",
                (entry.session, *numbered, entry.registration, at),
            )

    def registration(self, session: str, device: Sender) -> str:
        """The registration of a session of `device`. Refuses: session_unknown, also for another device's session."""
        with self._transaction() as database:
            row = database.execute(
                "SELECT registration FROM sessions WHERE id = ? AND device = ?", [session, device]
            ).fetchone()
        if row is None:
            raise RefusalError(RefusalCode.SESSION_UNKNOWN, session)
        return str(row[0])

    def received(self) -> list[str]:
        """Every session that has a receipt, in the order of their ids."""
        with self._transaction() as database:
            rows = database.execute("SELECT id FROM sessions WHERE receipt IS NOT NULL ORDER BY id").fetchall()
        return [row[0] for row in rows]

    def received_registration(self, session: str) -> str | None:
        """The registration of a session that has a receipt; None for any other."""
        with self._transaction() as database:
            row = database.execute(
                "SELECT registration FROM sessions WHERE id = ? AND receipt IS NOT NULL", [session]
            ).fetchone()
        return None if row is None else str(row[0])

    def receipt(self, session: str) -> SignedText | None:
        """The receipt; None before the commit."""
        with self._transaction() as database:
            row = database.execute(
                "SELECT receipt, receipt_signature FROM sessions WHERE id = ? AND receipt IS NOT NULL", [session]
            ).fetchone()
        return None if row is None else SignedText(*row)

    def commit(self, session: str, receipt: SignedText, outcome: str) -> None:
        """Keep the receipt: from here on the session is received."""
        with self._transaction() as database:
            database.execute(
                "UPDATE sessions SET receipt = ?, receipt_signature = ?, outcome = ? WHERE id = ? AND receipt IS NULL",
                (receipt.text, receipt.signature, outcome, session),
            )

    def forget(self, session: str) -> None:
        """Drop a session that was refused; a received one stays."""
        with self._transaction() as database:
            database.execute("DELETE FROM sessions WHERE id = ? AND receipt IS NULL", [session])

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=30, isolation_level=None)) as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = FULL")  # NORMAL may lose the last commits when the power fails
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
            except BaseException:
                database.execute("ROLLBACK")
                raise
            database.execute("COMMIT")
