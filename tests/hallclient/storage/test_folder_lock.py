"""One holder at a time, whatever happened to the last one."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.storage import folder_lock
from hallclient.storage.folder_lock import FolderLock

HOLDER = """
import sys, threading
from pathlib import Path
from hallclient.storage.folder_lock import FolderLock
lock = FolderLock(Path(sys.argv[1]), "name")
print("held", flush=True)
threading.Event().wait()
"""


def test_one_holder_at_a_time_and_per_name(tmp_path: Path) -> None:
    with FolderLock(tmp_path, "name"):
        with pytest.raises(KnownError, match="already_running"):
            FolderLock(tmp_path, "name")
        FolderLock(tmp_path, "other").release()
    lock = FolderLock(tmp_path, "name")
    lock.release()
    lock.release()
    FolderLock(tmp_path, "name").release()


def test_a_killed_holder_has_let_go_and_its_child_holds_nothing(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER, tmp_path], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(KnownError, match="already_running"):
            FolderLock(tmp_path, "name")
        holder.kill()
    FolderLock(tmp_path, "name").release()
    with FolderLock(tmp_path, "name"):
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    FolderLock(tmp_path, "name").release()
    child.communicate(b"\n")


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="hall_missing"):
        FolderLock(tmp_path / "absent", "name")


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.EWOULDBLOCK, FailureCode.ALREADY_RUNNING),
        (errno.EACCES, FailureCode.ALREADY_RUNNING),
        (errno.ENOLCK, FailureCode.STORE_UNREADABLE),  # a network's file system without locks
        (errno.EROFS, FailureCode.STORE_READ_ONLY),
        (errno.ENOSPC, FailureCode.DISK_FULL),
    ],
)
def test_only_a_holder_is_called_one(
    number: int, code: FailureCode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(descriptor: int) -> None:
        descriptors.append(descriptor)
        raise OSError(number, "refused")

    descriptors: list[int] = []
    with monkeypatch.context() as patches:
        patches.setattr(folder_lock, "_lock", refuses)
        with pytest.raises(KnownError) as caught:
            FolderLock(tmp_path, "name")
    assert caught.value.code is code
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptors[0])
