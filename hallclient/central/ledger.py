"""Which sessions of which devices the centre knows, their receipts, and what it remembers: one SQLite file.

A session is one of its device: whoever announces another's waiting id under their own key keeps nobody from it.

A connection lives as long as one question: SQLite opens in well under a millisecond, and threads then share nothing.
"""

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from hallclient.central import memory, repeats
from hallclient.central.messages import KnownHead, KnownSession
from hallclient.central.refusal import RefusalCode, RefusalError
from hallclient.central.repeats import Marks
from hallclient.central.sender import Sender
from hallclient.domain.evidence.manifest import Manifest
from hallclient.domain.evidence.receipt import Receipt
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.inspection_question import Question

_HIGHEST = 2**63 - 1
_VERSION = 3  # nothing of those before was in the field
_SCHEMA = f"""
CREATE TABLE sessions (
    id TEXT NOT NULL,
    device TEXT NOT NULL,
    device_sequence INTEGER NOT NULL,
    manifest_sha256 TEXT NOT NULL,
    previous TEXT,
    audit_sequence INTEGER NOT NULL,
    audit_head TEXT NOT NULL,
    registration TEXT NOT NULL,
    registered_at TEXT NOT NULL,
    announced_bytes INTEGER NOT NULL,
    received_at TEXT,
    outcome TEXT,
    reasons TEXT,
    receipt TEXT,
    receipt_signature TEXT,
    PRIMARY KEY (device, id)
) STRICT;
CREATE INDEX unfinished ON sessions (device, announced_bytes) WHERE receipt IS NULL;
CREATE INDEX sessions_of_device ON sessions (device, device_sequence);
CREATE INDEX audit_of_device ON sessions (device, audit_sequence);
{memory.SCHEMA}
{repeats.SCHEMA}
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A session as it was registered.

    Attributes:
        device: that it was done with, and that sends it.
        manifest, manifest_sha256: whose session it is, and the digest of that.
        registration: canonical JSON of the whole registration.
        announced_bytes: of all its objects.
    """

    device: Sender
    manifest: Manifest
    manifest_sha256: str
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
class Received:
    """A session that was inspected and is to be received.

    Attributes:
        manifest, manifest_sha256: its own, and the digest of that.
        marks: by which other sessions with the same files are found.
        clock_difference_s: the device's clock minus the centre's, seconds; None where it did not say.
        gap_tolerated_since: ISO 8601 in UTC.
    """

    device: Sender
    manifest: Manifest
    manifest_sha256: str
    marks: Marks
    clock_difference_s: float | None
    gap_tolerated_since: str


@dataclass(frozen=True, slots=True)
class SignedText:
    """A receipt's canonical JSON and its signature in hex."""

    text: str
    signature: str


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """What is known of a device; `more` sessions may follow those that are here."""

    clock_difference_s: float | None
    sessions: list[KnownSession]
    gaps: list[memory.Gap]
    more: bool


class Ledger:
    """The tables. Every method is one durable transaction and may be called from any thread."""

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
                for statement in _SCHEMA.split(";"):  # `executescript` would end the transaction
                    database.execute(statement)
                database.execute(f"PRAGMA user_version = {_VERSION}")

    def register(self, entry: Entry, at: str, limits: UploadLimits) -> None:
        """Add a session; the same entry again only keeps it for longer. Refuses: other_content, uploads_unfinished."""
        manifest, key = entry.manifest, (entry.device, entry.manifest.session)
        with self._transaction() as database:
            row = database.execute("SELECT registration FROM sessions WHERE device = ? AND id = ?", key).fetchone()
            if row is not None:
                if row[0] != entry.registration:
                    raise RefusalError(RefusalCode.OTHER_CONTENT, "the session is registered with other content")
                database.execute("UPDATE sessions SET registered_at = ? WHERE device = ? AND id = ?", (at, *key))
                return
            _require_few_unfinished(database, entry, limits)
            database.execute(
                "INSERT INTO sessions (id, device, device_sequence, manifest_sha256, previous, audit_sequence,"
                " audit_head, registration, registered_at, announced_bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    manifest.session,
                    entry.device,
                    manifest.device_sequence,
                    entry.manifest_sha256,
                    manifest.previous,
                    manifest.audit.sequence,
                    manifest.audit.head,
                    entry.registration,
                    at,
                    entry.announced_bytes,
                ),
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

    def received(self) -> list[tuple[str, Sender]]:
        """Every session that has a receipt, in the order of their ids, and its device."""
        with self._transaction() as database:
            rows = database.execute(
                "SELECT id, device FROM sessions WHERE receipt IS NOT NULL ORDER BY id, device"
            ).fetchall()
        return [(session, Sender(device)) for session, device in rows]

    def receipt(self, session: str, device: Sender) -> SignedText | None:
        """The receipt; None before the commit."""
        with self._transaction() as database:
            row = database.execute(
                "SELECT receipt, receipt_signature FROM sessions WHERE id = ? AND device = ? AND receipt IS NOT NULL",
                [session, device],
            ).fetchone()
        return None if row is None else SignedText(*row)

    def commit(
        self, received: Received, sign: Callable[[tuple[Question, ...]], tuple[SignedText, Receipt]]
    ) -> SignedText:
        """Ask what the session contradicts of all that was received before, have the receipt made with the answer, and
        keep everything: from here on the session is received.

        One transaction: two sessions of one device, or with one picture, never miss each other.
        """
        device, manifest, since = received.device, received.manifest, received.gap_tolerated_since
        owner = f"{manifest.session}.{device}"  # the same id of another device is another session
        with self._transaction() as database:
            known = (
                *memory.contradictions(database, device, manifest, received.manifest_sha256, since),
                *repeats.repeated(database, owner, received.marks),
            )
            signed, receipt = sign(known)
            database.execute(
                "UPDATE sessions SET receipt = ?, receipt_signature = ?, outcome = ?, reasons = ?, received_at = ?"
                " WHERE id = ? AND device = ?",
                (
                    signed.text,
                    signed.signature,
                    receipt.outcome.value,
                    json.dumps(receipt.reasons),
                    receipt.received_at,
                    manifest.session,
                    device,
                ),
            )
            memory.remember(database, device, manifest, received.clock_difference_s, since)
            repeats.keep(database, owner, received.marks)
        return signed

    def audit(self, device: Sender, after: int, most: int) -> KnownDevice:
        """What is known of `device`, and its sessions with a number above `after`, at most about `most` of them."""
        with self._transaction() as database:
            clock = database.execute("SELECT clock_difference_s FROM devices WHERE device = ?", [device]).fetchone()
            rows = database.execute(
                "SELECT id, device_sequence, manifest_sha256, previous, audit_sequence, audit_head, received_at,"
                " outcome, reasons FROM sessions WHERE device = ? AND receipt IS NOT NULL AND device_sequence > ?"
                # Whole numbers only: those that follow are asked for by the last one.
                " AND device_sequence <= coalesce((SELECT device_sequence FROM sessions WHERE device = ?"
                " AND receipt IS NOT NULL AND device_sequence > ? ORDER BY device_sequence LIMIT 1 OFFSET ?), ?)"
                " ORDER BY device_sequence, received_at",
                (device, after, device, after, most - 1, _HIGHEST),
            ).fetchall()
            gaps = memory.missing(database, device)
        sessions = [
            KnownSession(
                session=row[0],
                device_sequence=row[1],
                manifest_sha256=row[2],
                previous=row[3],
                audit=KnownHead(sequence=row[4], head=row[5]),
                received_at=row[6],
                outcome=row[7],
                reasons=json.loads(row[8]),
            )
            for row in rows
        ]
        return KnownDevice(clock[0] if clock else None, sessions, gaps, len(rows) >= most)

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
