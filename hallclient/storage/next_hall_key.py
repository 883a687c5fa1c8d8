"""A hall key that is being changed: what the hall's file says until everybody has the new one.

Whoever opens the database, and whoever puts it under another key, holds `opening` meanwhile: nobody opens a database
that is about to be replaced, and nobody judges a change that is still under way.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from cryptography.exceptions import InvalidTag

from hallclient.devices import Entropy
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.storage import hall_file, hall_record
from hallclient.storage.database import Database
from hallclient.storage.hall_file import HallFile
from hallclient.storage.hall_keys import unwrap_next_key, wrap_next_key
from hallclient.storage.rekeying import opens, rekey
from hallclient.storage.waited_lock import waited_lock

_LOCK = "hall-key"


@contextmanager
def opening(folder: Path) -> Iterator[None]:
    """Inside, the hall key of `folder` is nobody else's to change. Raises store_busy and its like."""
    with waited_lock(folder, _LOCK):
        yield


def opened_database(folder: Path, path: Path, hall_key: bytes) -> Database:
    """The database at `path` of the hall in `folder`, under a key that was just read from the hall's file.

    Raises store_busy when the key was changed since, else as `Database`.
    """
    with opening(folder):
        try:
            hall_file.must_be_authentic(hall_file.read(folder), hall_key)
        except KnownError as error:
            if error.code is not FailureCode.HALL_TAMPERED:
                raise
            raise KnownError(FailureCode.STORE_BUSY, "the hall key was changed just now") from None
        return Database(path, hall_key, must_exist=True)


def under_change(file: HallFile, hall_key: bytes, new_key: bytes, entropy: Entropy) -> HallFile:
    """`file`, saying that `new_key` is to follow: to whoever has the old one."""
    return file.model_copy(update={"next_hall_key": wrap_next_key(hall_key, new_key, entropy).hex()})


def carried_out(
    folder: Path, file: HallFile, hall_key: bytes, database: Path, entropy: Entropy
) -> tuple[HallFile, bytes]:
    """The hall's file and key after the change that `file` says was begun; both as they are where there is none.

    Whoever calls holds `opening`. Raises store_busy while somebody has the database open: the change is still to be
    carried out then; hall_tampered, disk_full and its like.
    """
    if file.next_hall_key is None:
        return file, hall_key
    new_key = _next_key(file, hall_key)
    if not opens(database, new_key):
        held = _file_in(database, hall_key)
        if held.next_hall_key is None:  # an older file that somebody put there
            return held, hall_key
        new_key = _next_key(held, hall_key)
        rekey(database, hall_key, new_key, entropy)
    done = _file_in(database, new_key)
    hall_file.put(folder, done)
    return done, new_key


def _next_key(file: HallFile, hall_key: bytes) -> bytes:
    try:
        return unwrap_next_key(hall_key, bytes.fromhex(file.next_hall_key or ""))
    except (InvalidTag, ValueError):
        raise KnownError(FailureCode.HALL_TAMPERED, "the next hall key does not open") from None


def _file_in(path: Path, key: bytes) -> HallFile:
    with closing(Database(path, key, must_exist=True)) as database, database.reading() as tables:
        return hall_record.held(tables)
