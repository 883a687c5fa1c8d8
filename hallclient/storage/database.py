"""Opens the hall's database: SQLCipher under sqlite-utils, WAL, every commit durable."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlcipher3
from sqlcipher3 import dbapi2

# sqlite-utils picks its sqlite3 module at import: it must see SQLCipher, or its error handling misses every error.
sys.modules["pysqlite3"] = sqlcipher3
sys.modules["pysqlite3.dbapi2"] = dbapi2

import sqlite_utils  # noqa: E402

from hallclient.domain.failures import FailureCode, KnownError  # noqa: E402
from hallclient.storage.schema import migrate  # noqa: E402

KEY_BYTES = 32


class Database:
    """One connection for the whole process. Every use is inside `transaction`, from any thread, one at a time."""

    def __init__(self, path: Path, key: bytes) -> None:
        """Open or create the database at `path` under a raw key of 32 bytes.

        Raises store_unreadable when the file is no database of ours or the key is another one.
        """
        if len(key) != KEY_BYTES:
            raise ValueError("the database key has 32 bytes")
        self._lock = threading.RLock()
        path.touch(mode=0o600)  # SQLite gives its log the same mode
        self._connection: Any = dbapi2.connect(str(path), check_same_thread=False)
        try:
            # A raw key (x'...') opens in milliseconds; the slow derivation protects the staff's passwords instead.
            self._connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA secure_delete = ON")
            self._connection.execute("PRAGMA foreign_keys = ON")
            self._tables = sqlite_utils.Database(self._connection)
            migrate(self._tables)
            self.forget_old_pages()  # another program may have had the log open when a key was destroyed
        except dbapi2.DatabaseError:
            self._connection.close()
            raise KnownError(FailureCode.STORE_UNREADABLE, path.name) from None

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        """The sqlite-utils database inside one transaction: all of it is durable afterwards, or none of it happened.

        Another program's transaction is waited for. Raises disk_full.
        """
        with self._lock:
            try:
                with self._begun():
                    yield self._tables
            except dbapi2.OperationalError as error:
                if "full" in str(error):
                    raise KnownError(FailureCode.DISK_FULL, "database") from None
                raise

    @contextmanager
    def _begun(self) -> Iterator[None]:
        # IMMEDIATE: a transaction that first reads and then writes would otherwise fail, instead of waiting, when
        # another program has written in between.
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            self._connection.rollback()
            raise

    def forget_old_pages(self) -> None:
        """Move the write-ahead log into the database and cut it, so that a deleted key is nowhere on the disk."""
        with self._lock:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        with self._lock:
            self._connection.close()
