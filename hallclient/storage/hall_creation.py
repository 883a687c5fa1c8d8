"""A hall is made whole or not at all, however its making ends: what kill -9 left of it is removed by the next try."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.durable import sync_folder
from hallclient.storage import hall_file
from hallclient.storage.folder_lock import LOCK_SUFFIX, FolderLock
from hallclient.storage.package_folder import PART_SUFFIX
from hallclient.storage.store_failures import store_failures

# The lock of who makes the hall. Unlike other locks its file is removed at the end: where there is one that nobody
# holds, and no hall's file, a creation was broken off.
_LOCK = "creation"
_STRANGERS = "something without a hall's file"
_DATABASE_SUFFIXES = ("-wal", "-shm", "-journal")  # SQLite's


@contextmanager
def creating(folder: Path, makes: frozenset[str]) -> Iterator[None]:
    """Make a hall in the block, into `folder`, which is absent or holds locks only; the hall's file comes last.

    Only files named in `makes` are ever removed, with what SQLite and a half-written file add to the name: a folder
    with anything else is not touched, since a hall that lost its file may still hold sessions.

    Raises hall_exists, already_running while another one makes it, disk_full and its like.
    """
    mark = folder / f"{_LOCK}{LOCK_SUFFIX}"
    with store_failures(folder):
        _must_be_free(folder, mark, makes)
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    with FolderLock(folder, _LOCK) as lock:
        try:
            with store_failures(folder):
                _must_be_free(folder, mark, makes)  # another one may have made it meanwhile
        except KnownError:
            _end(lock, mark)
            raise
        with store_failures(folder):
            sync_folder(folder)
            _remove_unfinished(folder, makes)
        try:
            yield
        except BaseException:
            with store_failures(folder):
                _remove_unfinished(folder, makes)
            _end(lock, mark)
            raise
        _end(lock, mark)


def require_no_strangers(folder: Path) -> None:
    """Before anything is written into `folder`, a lock included: it is a hall's, or absent, or free to become one.

    Raises hall_exists.
    """
    if not folder.exists() or (folder.is_dir() and hall_file.exists(folder)):
        return
    marked = folder.is_dir() and (folder / f"{_LOCK}{LOCK_SUFFIX}").exists()
    if not marked and (not folder.is_dir() or any(path.suffix != LOCK_SUFFIX for path in folder.iterdir())):
        raise KnownError(FailureCode.HALL_EXISTS, _STRANGERS)


def _must_be_free(folder: Path, mark: Path, makes: frozenset[str]) -> None:
    """Raises hall_exists for what is neither empty nor left by a creation that was broken off."""
    if not folder.exists():
        return
    if not folder.is_dir() or hall_file.exists(folder):
        raise KnownError(FailureCode.HALL_EXISTS)
    others = [path.name for path in folder.iterdir() if path.suffix != LOCK_SUFFIX]
    if others and not (mark.exists() and all(_is_made(name, makes) for name in others)):
        raise KnownError(FailureCode.HALL_EXISTS, _STRANGERS)


def _end(lock: FolderLock, mark: Path) -> None:
    lock.release()  # Windows removes no open file
    with store_failures(mark):
        mark.unlink(missing_ok=True)


def _remove_unfinished(folder: Path, makes: frozenset[str]) -> None:
    # The hall's file first: without it the rest is known to be unfinished.
    for path in sorted(folder.iterdir(), key=lambda path: path.name != hall_file.NAME):
        if _is_made(path.name, makes):
            path.unlink()


def _is_made(name: str, makes: frozenset[str]) -> bool:
    name = name.removesuffix(PART_SUFFIX)
    for suffix in _DATABASE_SUFFIXES:
        name = name.removesuffix(suffix)
    return name in makes or name == hall_file.NAME
