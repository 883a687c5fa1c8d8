"""What a disk or the database does to us, as a failure with a remedy: the one place that tells the kinds apart."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlcipher3 import dbapi2

from hallclient.domain.exhaustion import exhaustion
from hallclient.domain.failures import FailureCode, KnownError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT} if hasattr(errno, "EDQUOT") else {errno.ENOSPC})
_READ_ONLY = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
_WINDOWS_SHARING = frozenset({32, 33})  # ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION: a virus scanner has it open

# https://www.sqlite.org/rescode.html; the low byte of an extended code is the primary one.
_SQLITE_PERM, _SQLITE_BUSY, _SQLITE_LOCKED, _SQLITE_READONLY = 3, 5, 6, 8
_SQLITE_IOERR, _SQLITE_CORRUPT, _SQLITE_FULL, _SQLITE_CANTOPEN, _SQLITE_NOTADB = 10, 11, 13, 14, 26
_SQLITE_PROTOCOL = 15  # another program kept hold of the shared index for longer than SQLite tries again
_SQLITE_FAILURES = {
    _SQLITE_PERM: FailureCode.STORE_READ_ONLY,
    _SQLITE_READONLY: FailureCode.STORE_READ_ONLY,
    _SQLITE_BUSY: FailureCode.STORE_BUSY,
    _SQLITE_LOCKED: FailureCode.STORE_BUSY,
    _SQLITE_PROTOCOL: FailureCode.STORE_BUSY,
    _SQLITE_FULL: FailureCode.DISK_FULL,
    _SQLITE_IOERR: FailureCode.STORE_UNREADABLE,
    _SQLITE_CANTOPEN: FailureCode.STORE_UNREADABLE,
    _SQLITE_CORRUPT: FailureCode.STORE_UNREADABLE,
    _SQLITE_NOTADB: FailureCode.STORE_UNREADABLE,
}
_NO_ROOM_BYTES = 64 * 1024  # SQLite's shared index alone takes 32 KiB


@contextmanager
def store_failures(path: Path) -> Iterator[None]:
    """Turn every OSError of the block into a failure about `path`, as `of_os_error` does."""
    try:
        yield
    except OSError as error:
        raise of_os_error(error, path) from error


def of_os_error(error: OSError, path: Path) -> KnownError:
    """disk_full, store_read_only, store_busy, computer_exhausted or store_unreadable, whichever `error` is.

    The detail is the last part of `path`, which never bears a person's name.
    """
    if (exhausted := exhaustion(error)) is not None:
        return exhausted
    if error.errno in _FULL:
        code = FailureCode.DISK_FULL
    elif getattr(error, "winerror", None) in _WINDOWS_SHARING or error.errno in (errno.EBUSY, errno.ETXTBSY):
        code = FailureCode.STORE_BUSY
    elif error.errno in _READ_ONLY:
        code = FailureCode.STORE_READ_ONLY
    else:
        code = FailureCode.STORE_UNREADABLE
    return KnownError(code, f"{path.name}: {errno.errorcode.get(error.errno or 0, type(error).__name__)}")


def of_database_error(error: dbapi2.Error, path: Path) -> KnownError | None:
    """The failure that `error` is; None for an error of SQL, which is our own mistake."""
    code = _SQLITE_FAILURES.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    if code is None:
        return None
    # SQLite often says only that it could not write or open: the disk knows why, or the computer.
    if code is FailureCode.STORE_UNREADABLE:
        if (exhausted := _by_the_computer()) is not None:
            return exhausted
        code = _by_the_disk(path.parent) or code
    return KnownError(code, f"{path.name}: {getattr(error, 'sqlite_errorname', type(error).__name__)}")


def _by_the_computer() -> KnownError | None:
    """Whether not even nothing can be opened."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return exhaustion(error)
    return None


def _by_the_disk(folder: Path) -> FailureCode | None:
    try:
        if shutil.disk_usage(folder).free < _NO_ROOM_BYTES:
            return FailureCode.DISK_FULL
    except OSError:
        return None  # the disk itself is gone: unreadable
    return None if os.access(folder, os.W_OK) else FailureCode.STORE_READ_ONLY
