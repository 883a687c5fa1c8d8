"""Files that are on the disk and whole, or not there at all, whatever crashes meanwhile."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replaced_by(part: Path, path: Path, mode: int = 0o600, *, stray: int = os.O_EXCL) -> Iterator[BinaryIO]:
    """A new file `part`, beside `path`, that takes its place when the block ends well.

    After a crash the old file is there or the new one; after a crash or an error there may be a stray `part`. One that
    is there already fails (`os.O_EXCL`) or is begun anew (`os.O_TRUNC`). Raises OSError.
    """
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | stray, mode), "wb") as file:  # noqa: PTH123
        yield file
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make names in `folder` durable: after a power cut a file without a name is lost however often it was synced.

    Windows needs no such call and has none.
    """
    if os.name != "nt":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
