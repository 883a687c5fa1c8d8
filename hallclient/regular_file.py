"""Reads a file that somebody named: a regular one of a bounded size, and nothing that could wait."""

import errno
import os
import stat
from pathlib import Path

from hallclient.domain.failures import FailureCode, KnownError


def read_regular(path: Path, largest_bytes: int) -> bytes:
    """What the regular file `path` holds.

    Raises OSError, for a pipe or a device at once (EINVAL), and for more than `largest_bytes` (EFBIG).
    """
    must_be_regular(path)
    # It may have become another thing since: a pipe then gives nothing instead of waiting for a writer.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(largest_bytes + 1)
    if len(data) > largest_bytes:
        raise OSError(errno.EFBIG, f"larger than {largest_bytes} bytes")
    return data


def not_read(error: OSError, code: FailureCode, name: str = "") -> KnownError:
    """Why a file that somebody named was not read: file_missing when there is none, else `code`.

    `name` is for the detail; none for a file that may bear a person's.
    """
    missing = isinstance(error, FileNotFoundError | NotADirectoryError)
    said = error.strerror or type(error).__name__
    return KnownError(FailureCode.FILE_MISSING if missing else code, f"{name}: {said}" if name else said)


def must_be_regular(path: Path) -> None:
    """Raises OSError for what is no regular file, or not there; a link is what it leads to."""
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "not a regular file")


def must_be_text(path: Path) -> None:
    """Raises input_invalid for bytes that are no text of this computer's: they cannot stand in our files."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise KnownError(FailureCode.INPUT_INVALID, "a path that is no UTF-8 text") from None
