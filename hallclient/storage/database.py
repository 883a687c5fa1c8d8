"""Opens the hall's database: SQLCipher under sqlite-utils, WAL, every commit durable."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import sqlite_utils
from sqlcipher3 import dbapi2

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.storage.schema import migrate
from hallclient.storage.store_failures import of_database_error, store_failures
from hallclient.storage.tables import Tables

KEY_BYTES = 32
# A statement waits this long for another program's transaction. Where that one keeps hold of the shared index instead,
# SQLite itself tries again for just under 10 s and knows no setting for it (walTryBeginRead): SQLITE_PROTOCOL.
BUSY_TIMEOUT_S = 5.0


class Database:
    """One database for the whole process, usable from any thread.

    Every use is inside `transaction` or `reading`. Each has a connection of its own, one user at a time: who only reads
    waits for no writer, neither of this process nor of another.
    """

    def __init__(
        self, path: Path, key: bytes, busy_timeout_s: float = BUSY_TIMEOUT_S, *, must_exist: bool = False
    ) -> None:
        """Open or, unless it `must_exist`, create the database at `path` under a raw key of 32 bytes.

        Raises store_unreadable when the file is no database of ours or the key is another one, and when it must exist
        and is missing or empty; disk_full, store_read_only, store_busy.
        """
        if len(key) != KEY_BYTES:
            raise ValueError("the database key has 32 bytes")
        self._path, self._busy_timeout_s = path, busy_timeout_s
        with store_failures(path):
            if must_exist and path.stat().st_size == 0:  # SQLite would make a new one of it
                raise KnownError(FailureCode.STORE_UNREADABLE, f"{path.name}: empty")
            path.touch(mode=0o600)  # SQLite gives its log the same mode
        self._lock, self._read_lock = threading.RLock(), threading.RLock()
        with self._failures():
            self._connection = _connect(path, key, busy_timeout_s)
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._connection.execute("PRAGMA synchronous = FULL")
                self._connection.execute("PRAGMA secure_delete = ON")
                self._connection.execute("PRAGMA foreign_keys = ON")
                self._tables: Tables = sqlite_utils.Database(self._connection)
                migrate(self._tables)
                # Another program may have had the log open when a key was destroyed. One that writes now keeps nobody
                # out who only wants to read: the log is cut by the next one that opens.
                with self._waiting_for_others(0):
                    self.forget_old_pages()
                self._read_connection = _connect(path, key, busy_timeout_s, "PRAGMA query_only = ON")
            except BaseException:
                self._connection.close()
                raise
        self._read_tables: Tables = sqlite_utils.Database(self._read_connection)

    @contextmanager
    def transaction(self, busy_timeout_s: float | None = None) -> Iterator[Tables]:
        """The sqlite-utils database inside one transaction: all of it is durable afterwards, or none of it happened.

        Another program's transaction is waited for, by default as long as the database was opened with. Raises
        store_busy after that, disk_full, store_read_only, store_unreadable.
        """
        patience = nullcontext() if busy_timeout_s is None else self._waiting_for_others(busy_timeout_s)
        # IMMEDIATE: a transaction that first reads and then writes would otherwise fail, instead of waiting, when
        # another program has written in between.
        with self._lock, self._failures(), patience, _begun(self._connection, "BEGIN IMMEDIATE"):
            yield self._tables

    @contextmanager
    def reading(self) -> Iterator[Tables]:
        """The sqlite-utils database as of one moment; nothing can be written. Never waits for a writer.

        Raises store_busy, store_unreadable.
        """
        with self._read_lock, self._failures(), _begun(self._read_connection, "BEGIN"):
            yield self._read_tables

    def forget_old_pages(self) -> None:
        """Move the write-ahead log into the database and cut it, so that a deleted key is nowhere on the disk.

        Where somebody is reading meanwhile, the log stays until the next call. Raises as `transaction` does.
        """
        with self._lock, self._failures():
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        with self._lock, self._read_lock, closing(self._connection):
            self._read_connection.close()

    @contextmanager
    def _waiting_for_others(self, patience_s: float) -> Iterator[None]:
        """The connection that writes waits so long for another program inside, and as usual afterwards."""
        self._connection.execute(f"PRAGMA busy_timeout = {round(patience_s * 1000)}")
        try:
            yield
        finally:
            self._connection.execute(f"PRAGMA busy_timeout = {round(self._busy_timeout_s * 1000)}")

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except dbapi2.DatabaseError as error:
            known = of_database_error(error, self._path)
            if known is None:
                raise
            raise known from None


def _connect(path: Path, key: bytes, busy_timeout_s: float, *settings: str) -> Any:
    connection = dbapi2.connect(str(path), timeout=busy_timeout_s, check_same_thread=False)
    try:
        # A raw key (x'...') opens in milliseconds; the slow derivation protects the staff's passwords instead.
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        for setting in settings:
            connection.execute(setting)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def _begun(connection: Any, begin: str) -> Iterator[None]:
    connection.execute(begin)
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise
