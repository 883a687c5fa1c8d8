"""What a disk does to the centre: a full one is said as such, and everything else is a failure of ours."""

import errno
import shutil
import sqlite3
from pathlib import Path

from hallclient.central.refusal import RefusalCode, RefusalError

# EFBIG: the account has a limit of its own.
_FULL = frozenset(getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EFBIG") if hasattr(errno, name))
# sqlite.org/rescode.html. SQLite often says only that it could not write or open, as for the log of a database on a
# full disk: IOERR, CANTOPEN.
_SQLITE_BUSY, _SQLITE_FULL, _SQLITE_UNCLEAR = frozenset({5, 6}), 13, frozenset({10, 14})
_NO_ROOM_BYTES = 64 * 1024  # SQLite's shared index alone takes 32 KiB


def refusal_of(error: OSError | sqlite3.Error, folder: Path) -> RefusalError | None:
    """What a client is told of `error`, in the centre in `folder`; None for what is no matter of room or of turns."""
    if isinstance(error, OSError):
        return full() if error.errno in _FULL else None
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _SQLITE_BUSY:
        return RefusalError(RefusalCode.CENTRE_BUSY, "the ledger is in use")
    if code == _SQLITE_FULL or (code in _SQLITE_UNCLEAR and free_bytes(folder) < _NO_ROOM_BYTES):
        return full()
    return None


def free_bytes(folder: Path) -> int:
    """What this account may still write into `folder`. Raises OSError."""
    return shutil.disk_usage(folder).free


def full() -> RefusalError:
    return RefusalError(RefusalCode.STORAGE_FULL, "no room")
