"""A lock on a hall's folder that ends with its process: the operating system lets go of it, even after kill -9."""

import errno
import os
import sys
from pathlib import Path
from types import TracebackType

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.storage.store_failures import of_os_error, store_failures

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


# flock(2) says the first or the second, Windows the third. Everything else says nothing of a holder.
_HELD = frozenset({errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES})
LOCK_SUFFIX = ".lock"


class FolderLock:
    """One holder at a time among all processes of this computer, and within one. Release it, or use it in a `with`."""

    def __init__(self, folder: Path, name: str) -> None:
        """Take the lock `name` of `folder`; the file stays behind and means nothing by itself.

        Raises already_running while another holds it, hall_missing without the folder, store_read_only and its
        like when the file system lets nobody lock.
        """
        path = folder / f"{name}{LOCK_SUFFIX}"
        if not folder.is_dir():
            raise KnownError(FailureCode.HALL_MISSING)
        with store_failures(path):
            # Never inherited by a child process (PEP 446): a recorder that outlives us must not hold our lock.
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(self._descriptor)
        except OSError as error:
            os.close(self._descriptor)
            if error.errno in _HELD:
                raise KnownError(FailureCode.ALREADY_RUNNING, path.name) from None
            raise of_os_error(error, path) from error
        self._held = True

    def release(self) -> None:
        """Let go; harmless when done before."""
        if self._held:
            self._held = False
            os.close(self._descriptor)

    def __enter__(self) -> "FolderLock":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.release()
