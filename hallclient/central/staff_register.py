"""Whom the centre has certified: one SQLite table, and what was used up on the way.

A connection lives as long as one question, as in `hallclient.central.ledger`.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from hallclient.domain.failures import FailureCode, KnownError

_VERSION = 1
_SCHEMA = """
CREATE TABLE staff (
    number TEXT NOT NULL,
    role TEXT NOT NULL,
    halls TEXT NOT NULL,
    signing_key TEXT NOT NULL,
    serial TEXT NOT NULL,
    request TEXT NOT NULL,
    certificate TEXT NOT NULL,
    issuers TEXT NOT NULL,
    certified_at TEXT NOT NULL,
    PRIMARY KEY (number, signing_key)
) STRICT;
CREATE TABLE used (id TEXT PRIMARY KEY, request TEXT NOT NULL) STRICT;
"""


@dataclass(frozen=True, slots=True)
class CertifiedPerson:
    """A person as last certified, with one of their keys.

    Attributes:
        halls: where they may work.
        signing_key: raw, in hex; `serial` of the certificate for it, in hex.
        request: SHA-256 of what they asked with.
        certificate, issuers: as in documents.
    """

    number: str
    role: str
    halls: tuple[str, ...]
    signing_key: str
    serial: str
    request: str
    certificate: str
    issuers: tuple[str, ...]


class StaffRegister:
    """The table. Every method is one durable transaction and may be called from any thread."""

    def __init__(self, path: Path) -> None:
        """Open it, or make it. Raises store_too_old."""
        self._path = path
        with self._transaction() as database:
            version = database.execute("PRAGMA user_version").fetchone()[0]
            tables = database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
            if tables and version != _VERSION:
                raise KnownError(FailureCode.STORE_TOO_OLD, f"the centre's staff, version {version}")
            if not tables:
                for statement in _SCHEMA.split(";"):
                    database.execute(statement)
                database.execute(f"PRAGMA user_version = {_VERSION}")

    def people(self, number: str) -> list[CertifiedPerson]:
        """Who has this number, once for each key of theirs."""
        with self._transaction() as database:
            rows = database.execute(
                "SELECT number, role, halls, signing_key, serial, request, certificate, issuers FROM staff"
                " WHERE number = ? ORDER BY certified_at",
                [number],
            ).fetchall()
        return [
            CertifiedPerson(row[0], row[1], _list(row[2]), row[3], row[4], row[5], row[6], _list(row[7]))
            for row in rows
        ]

    def used_for(self, identity: str) -> str | None:
        """What an invitation or a word was used for: the request's SHA-256; None while it was not."""
        with self._transaction() as database:
            row = database.execute("SELECT request FROM used WHERE id = ?", [identity]).fetchone()
        return None if row is None else str(row[0])

    def keep(self, person: CertifiedPerson, uses: tuple[str, ...], at: str, *, replaces: bool = False) -> None:
        """`person` has this certificate now, and what they came with is used up.

        `replaces`: and no other key any more.
        """
        with self._transaction() as database:
            if replaces:
                database.execute("DELETE FROM staff WHERE number = ?", [person.number])
            database.execute(
                "INSERT OR REPLACE INTO staff VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    person.number,
                    person.role,
                    "\n".join(person.halls),
                    person.signing_key,
                    person.serial,
                    person.request,
                    person.certificate,
                    "\n".join(person.issuers),
                    at,
                ],
            )
            database.executemany(
                "INSERT OR REPLACE INTO used VALUES (?, ?)", [(identity, person.request) for identity in uses]
            )

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=30, isolation_level=None)) as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = FULL")
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
            except BaseException:
                database.execute("ROLLBACK")
                raise
            database.execute("COMMIT")


def _list(text: str) -> tuple[str, ...]:
    return tuple(text.split("\n")) if text else ()
