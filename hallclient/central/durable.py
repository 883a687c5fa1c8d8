"""Files that are either whole and on the disk, or not there at all."""

import os
from collections.abc import Iterable
from pathlib import Path


def write_new(path: Path, blocks: Iterable[bytes], mark: str, mode: int = 0o600) -> None:
    """Put `blocks` at `path`, replacing what is there. A crash leaves the old file, or a stray `path`.`mark`.

    Args:
        mark: makes the temporary name unique, so that two writers of one path never share a file.
    """
    temporary = path.with_name(f"{path.name}.{mark}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        for block in blocks:
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def make_folder(path: Path) -> None:
    """Make `path` and what is above it, readable by nobody else."""
    if not path.is_dir():
        make_folder(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)
        sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable. Windows has no such call and does it by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
