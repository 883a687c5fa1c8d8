"""Writes a whole file so that a crash leaves the old one or the new one, never half of it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from hallclient.storage.package_folder import PART_SUFFIX
from hallclient.storage.store_failures import of_os_error


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A new private file that takes the place of `path` when the block ends well.

    Raises disk_full, store_read_only, store_busy, store_unreadable.
    """
    part = path.with_name(path.name + PART_SUFFIX)
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):  # on a disk that takes nothing there may be none, and that is not what failed
            part.unlink(missing_ok=True)
        raise of_os_error(error, path) from error


def sync_folder(folder: Path) -> None:
    """Make names in `folder` durable. Windows needs no such call and has none."""
    if os.name != "nt":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
