"""A lock on a hall's folder that others hold for moments only: whoever needs it waits."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.storage.folder_lock import FolderLock

PATIENCE_S = 10.0  # a hall's database is under another key in less
_POLL_INTERVAL_S = 0.01


@contextmanager
def waited_lock(folder: Path, name: str) -> Iterator[None]:
    """Hold the lock `name` of `folder` inside. Raises store_busy after `PATIENCE_S`, else as `FolderLock`."""
    until_s = time.monotonic() + PATIENCE_S
    while True:
        try:
            lock = FolderLock(folder, name)
        except KnownError as error:
            if error.code is not FailureCode.ALREADY_RUNNING:
                raise
            if time.monotonic() > until_s:
                raise KnownError(FailureCode.STORE_BUSY, error.detail) from None
            time.sleep(_POLL_INTERVAL_S)
        else:
            break
    with lock:
        yield
