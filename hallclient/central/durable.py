"""Files that are either whole and on the disk, or not there at all."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from hallclient.durable import replaced_by, sync_folder


def write_new(path: Path, blocks: Iterable[bytes], mark: str, mode: int = 0o600) -> None:
    """Put `blocks` at `path`, replacing what is there. A crash leaves the old file, or a stray `path`.`mark`.

    Args:
        mark: makes the temporary name unique, so that two writers of one path never share a file.
    """
    part = path.with_name(f"{path.name}.{mark}")
    try:
        with replaced_by(part, path, mode) as file:
            for block in blocks:
                file.write(block)
    except BaseException:
        with suppress(OSError):  # what failed is said, and on a disk that takes nothing there may be none
            part.unlink(missing_ok=True)
        raise


def write_at(path: Path, offset: int, body: bytes) -> None:
    """Put `body` into the file `path`, which need not exist, from `offset` on, and onto the disk.

    A failure takes back what made the file longer. Raises OSError.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    try:
        before = os.fstat(descriptor).st_size
        try:
            os.lseek(descriptor, offset, os.SEEK_SET)
            left = memoryview(body)
            while left:
                left = left[os.write(descriptor, left) :]
            os.fsync(descriptor)
        except BaseException:
            if before <= offset:
                os.ftruncate(descriptor, before)
            raise
    finally:
        os.close(descriptor)


def touch(path: Path) -> None:
    """Make the empty file `path`, durably. Raises OSError."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    sync_folder(path.parent)


def make_folder(path: Path) -> None:
    """Make `path` and what is above it, readable by nobody else."""
    if not path.is_dir():
        make_folder(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)
        sync_folder(path.parent)
