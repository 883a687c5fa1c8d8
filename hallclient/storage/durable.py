"""Writes a whole file so that a crash leaves the old one or the new one, never half of it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from hallclient.durable import replaced_by
from hallclient.storage.package_folder import PART_SUFFIX
from hallclient.storage.store_failures import of_os_error


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A new private file that takes the place of `path` when the block ends well.

    Raises disk_full, store_read_only, store_busy, store_unreadable.
    """
    part = path.with_name(path.name + PART_SUFFIX)
    try:
        with replaced_by(part, path, stray=os.O_TRUNC) as file:
            yield file
    except OSError as error:
        with suppress(OSError):  # on a disk that takes nothing there may be none, and that is not what failed
            part.unlink(missing_ok=True)
        raise of_os_error(error, path) from error
