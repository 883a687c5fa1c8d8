"""The hall's database under another key: a whole new file, which takes the old one's place in one step."""

import os
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlite_utils
from sqlcipher3 import dbapi2

from hallclient.devices import Entropy
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.durable import sync_folder
from hallclient.storage import hall_file, hall_record
from hallclient.storage.database import KEY_BYTES
from hallclient.storage.hall_keys import unwrap_data_key, wrap_data_key
from hallclient.storage.package_folder import PART_SUFFIX
from hallclient.storage.store_failures import of_database_error, store_failures
from hallclient.storage.tables import Tables


def rekey(path: Path, old_key: bytes, new_key: bytes, entropy: Entropy) -> None:
    """Everything in the database at `path`, its data keys and the hall's file in it, under `new_key`.

    A crash leaves the old file or the new one. Raises store_busy while somebody else has it open, disk_full and its
    like.
    """
    draft = path.with_name(path.name + PART_SUFFIX)
    with store_failures(draft):
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600)
        try:
            _copy(path, draft, old_key, new_key)
            _rewrap(draft, old_key, new_key, entropy)
            _sync(draft)
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def opens(path: Path, key: bytes) -> bool:
    """Whether the database at `path` is under `key`."""
    with store_failures(path), closing(_connected(path, key)) as connection:
        try:
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        except dbapi2.DatabaseError as error:
            known = of_database_error(error, path)
            if known is None or known.code is not FailureCode.STORE_UNREADABLE:
                raise (known or error) from None
            return False
    return True


def must_be_alone(path: Path, key: bytes) -> None:
    """Raises store_busy while somebody has the database at `path` open."""
    with closing(_connected(path, key)) as connection:
        try:
            connection.execute("PRAGMA journal_mode = DELETE").fetchall()
        except dbapi2.DatabaseError as error:
            raise (of_database_error(error, path) or error) from None


def _copy(path: Path, draft: Path, old_key: bytes, new_key: bytes) -> None:
    with closing(_connected(path, old_key)) as connection:
        try:
            # Alone from here on, with nothing left in the log: what it held would be applied to the new file.
            connection.execute("PRAGMA journal_mode = DELETE").fetchall()
            connection.execute("PRAGMA locking_mode = EXCLUSIVE").fetchall()
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            connection.execute("ATTACH DATABASE ? AS rekeyed KEY ?", [str(draft), f"x'{new_key.hex()}'"])
            connection.execute("SELECT sqlcipher_export('rekeyed')").fetchall()
            connection.execute(f"PRAGMA rekeyed.user_version = {int(version)}")
            connection.execute("DETACH DATABASE rekeyed")
        except dbapi2.DatabaseError as error:
            raise (of_database_error(error, path) or error) from None


def _rewrap(draft: Path, old_key: bytes, new_key: bytes, entropy: Entropy) -> None:
    with closing(_connected(draft, new_key)) as connection:
        try:
            connection.execute("PRAGMA secure_delete = ON").fetchall()
            connection.execute("BEGIN IMMEDIATE")
            rows = connection.execute("SELECT session, wrapped FROM data_key").fetchall()
            for session, wrapped in rows:
                data_key = unwrap_data_key(old_key, bytes(wrapped), session)
                anew = wrap_data_key(new_key, data_key, session, entropy)
                connection.execute("UPDATE data_key SET wrapped = ? WHERE session = ?", [anew, session])
            tables: Tables = sqlite_utils.Database(connection)
            hall_record.keep(tables, hall_file.renewed(hall_record.held(tables), new_key), new_key)
            connection.execute("COMMIT")
        except dbapi2.DatabaseError as error:
            raise (of_database_error(error, draft) or error) from None


def _connected(path: Path, key: bytes) -> Any:
    if len(key) != KEY_BYTES:
        raise KnownError(FailureCode.STORE_UNREADABLE, "a key of another length")
    connection = dbapi2.connect(str(path), timeout=1.0, isolation_level=None)
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    return connection


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
