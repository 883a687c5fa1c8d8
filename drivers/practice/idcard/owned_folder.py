"""A temporary folder of this process, and the removal of those whose owners died without a chance to do it.

An owner holds a lock in its folder, of which the kernel lets go however the owner ends. A folder without the lock's
file is left alone: somebody is just making it.
"""

import logging
import os
import shutil
import sys
import tempfile
from pathlib import Path

if sys.platform != "win32":  # there is no pcscd there
    import fcntl

_OWNER = "owner.lock"

_log = logging.getLogger(__name__)


def make_owned_folder(prefix: str) -> Path:
    """A new folder for this user only. Remove it; when this process is killed, a later one does."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    own(folder)
    return folder


def own(folder: Path) -> None:
    """Say that `folder` is this process's, for as long as it lives."""
    unheld = folder / f"{_OWNER}.new"
    # Never closed, and inherited by no child (PEP 446). It gets its name once it is held: nobody finds it free.
    descriptor = os.open(unheld, os.O_RDWR | os.O_CREAT, 0o600)
    _try_lock(descriptor)
    unheld.rename(folder / _OWNER)


def remove_orphaned_folders(prefix: str) -> None:
    """Remove what processes of this user that are surely gone have left."""
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        try:
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            descriptor = os.open(folder / _OWNER, os.O_RDWR | os.O_NOFOLLOW)
        except OSError:  # gone meanwhile, or not an owned folder
            continue
        try:
            if _try_lock(descriptor):
                shutil.rmtree(folder)
        except OSError as error:  # another process removes it, too, or the disk does not let us
            _log.info("a folder of a process that is gone stays: errno %s", error.errno)
        finally:
            os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
