"""One application per hall: what works as a clerk holds the hall's folder; a second start shows the first's windows.

Commands that only read (`queue status`, `audit verify`, `verify`) do not ask; `queue send` asks for the courier alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.storage.folder_lock import FolderLock
from hallclient.storage.store_failures import store_failures

_LOCK = "application"


def hold_hall(folder: Path) -> FolderLock:
    """The lock of the hall in `folder`, which need not be set up yet. Raises already_running, store_read_only."""
    with store_failures(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return FolderLock(folder, _LOCK)


@contextmanager
def only_instance(folder: Path) -> Iterator[None]:
    """Hold the hall in `folder` for the application. Where another one has it, its windows come forward instead.

    Raises already_running then.
    """
    try:
        lock = hold_hall(folder)
    except KnownError as error:
        if error.code is FailureCode.ALREADY_RUNNING:
            # Here and not above: Qt only where there are windows.
            from ui.one_window import raise_first  # noqa: PLC0415

            raise_first(folder)
        raise
    with lock:
        yield
