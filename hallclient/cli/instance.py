"""One application per hall: what works as a clerk holds the hall's folder; a second start shows the first's windows.

Commands that only read (`queue status`, `audit verify`, `verify`) do not ask; `queue send` asks for the courier alone.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.storage.folder_lock import FolderLock
from hallclient.storage.store_failures import store_failures

_LOCK = "application"
PATIENCE_S = 20.0  # the first one may be closing: its windows are gone, and it lets go of the devices
_LOOK_AGAIN_S = 0.25


def hold_hall(folder: Path) -> FolderLock:
    """The lock of the hall in `folder`, which need not be set up yet. Raises already_running, store_read_only."""
    with store_failures(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return FolderLock(folder, _LOCK)


@contextmanager
def only_instance(folder: Path) -> Iterator[None]:
    """Hold the hall in `folder` for the application. Where another one has it, its windows come forward instead.

    One that shows no window, because it only begins or is about to end, is waited for as long as `PATIENCE_S`.

    Raises already_running when a window came forward; application_closing when there is none, and it does not end.
    """
    with _hold_or_raise(folder):
        yield


def _hold_or_raise(folder: Path) -> FolderLock:
    waited_until_s = time.monotonic() + PATIENCE_S
    while True:
        try:
            return hold_hall(folder)
        except KnownError as error:
            if error.code is not FailureCode.ALREADY_RUNNING or _raise_first(folder):
                raise
            if time.monotonic() >= waited_until_s:
                raise KnownError(FailureCode.APPLICATION_CLOSING, error.detail) from None
        time.sleep(_LOOK_AGAIN_S)


def _raise_first(folder: Path) -> bool:
    # Here and not above: Qt only where there are windows.
    from ui.one_window import raise_first  # noqa: PLC0415

    return raise_first(folder)
