"""What staff were invited with, once it was used: one SQLite table beside the register of certificates."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from hallclient.domain.failures import FailureCode, KnownError

_VERSION = 1
_SCHEMA = "CREATE TABLE used (id TEXT PRIMARY KEY, application TEXT NOT NULL, answer TEXT NOT NULL) STRICT"


@dataclass(frozen=True, slots=True)
class Used:
    """`application`: SHA-256 of what it was used for; `answer`: what the centre said to that."""

    application: str
    answer: str


class UsedInvitations:
    """The table. Every method is one durable transaction and may be called from any thread or process."""

    def __init__(self, path: Path) -> None:
        """Open it, or make it. Raises store_too_old."""
        self._path = path
        path.touch(mode=0o600)
        with self._transaction() as database:
            version = database.execute("PRAGMA user_version").fetchone()[0]
            tables = database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
            if tables and version != _VERSION:
                raise KnownError(FailureCode.STORE_TOO_OLD, f"the centre's used invitations, version {version}")
            if not tables:
                database.execute(_SCHEMA)
                database.execute(f"PRAGMA user_version = {_VERSION}")

    def of(self, identity: str) -> Used | None:
        """What an invitation or a word was used for; None while it was not."""
        with self._transaction() as database:
            row = database.execute("SELECT application, answer FROM used WHERE id = ?", [identity]).fetchone()
        return None if row is None else Used(*row)

    def keep(self, identities: tuple[str, ...], used: Used) -> None:
        """They are used up."""
        with self._transaction() as database:
            database.executemany(
                "INSERT INTO used VALUES (?, ?, ?)", [(one, used.application, used.answer) for one in identities]
            )

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
