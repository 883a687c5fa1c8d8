"""A full, a read-only and a damaged disk each have their own name, whoever meets them."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.staff import Role
from hallclient.services.access import login
from hallclient.storage import hall_file
from hallclient.storage.database import Database
from hallclient.storage.durable import replacing
from hallclient.storage.store_failures import of_database_error, of_os_error, store_failures
from hallclient.storage.vault import Vault
from tests.clock import CountingEntropy, HandClock
from tests.halls import CLERK, PASSWORD, code_now, make_hall

KEY = bytes(32)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, FailureCode.DISK_FULL),
        (errno.EDQUOT, FailureCode.DISK_FULL),
        (errno.EROFS, FailureCode.STORE_READ_ONLY),
        (errno.EACCES, FailureCode.STORE_READ_ONLY),
        (errno.EPERM, FailureCode.STORE_READ_ONLY),
        (errno.EBUSY, FailureCode.STORE_BUSY),
        (errno.EIO, FailureCode.STORE_UNREADABLE),
        (errno.ENOENT, FailureCode.STORE_UNREADABLE),
    ],
)
def test_each_error_of_the_system_has_its_name(number: int, code: FailureCode) -> None:
    path = Path("/home/somebody/hall/store.db")
    with pytest.raises(KnownError) as seen, store_failures(path):
        raise OSError(number, "words", "/home/somebody")
    assert seen.value.code is code
    assert seen.value.detail == f"store.db: {errno.errorcode[number]}"


def test_no_room_is_no_damage() -> None:
    with pytest.raises(KnownError) as seen, store_failures(Path("store.db")):
        raise OSError(errno.EMFILE, "words")
    assert (seen.value.code, seen.value.detail) == (FailureCode.COMPUTER_EXHAUSTED, "EMFILE")


@pytest.mark.skipif(os.name != "posix", reason="limits of POSIX")
def test_a_database_for_which_there_is_no_room_is_not_damaged(tmp_path: Path) -> None:
    import resource  # noqa: PLC0415  # Windows has none

    usual, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest_free = os.dup(0)
    os.close(lowest_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, most))
    try:
        with pytest.raises(dbapi2.OperationalError) as caught:
            dbapi2.connect(str(tmp_path / "store.db"))
        known = of_database_error(caught.value, tmp_path / "store.db")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (usual, most))
    assert known is not None
    assert known.code is FailureCode.COMPUTER_EXHAUSTED
    again = of_database_error(caught.value, tmp_path / "store.db")
    assert again is not None
    assert again.code is FailureCode.STORE_UNREADABLE


def test_a_file_that_windows_will_not_share_is_busy() -> None:
    error = OSError(errno.EACCES, "in use")
    error.winerror = 32  # type: ignore[attr-defined]  # only Windows sets it
    assert of_os_error(error, Path("store.db")).code is FailureCode.STORE_BUSY


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if not sys.platform.startswith("linux") or not _mount(disk, "-t", "tmpfs", "-o", "size=1m", "tmpfs"):
        pytest.skip("nothing can be mounted here")
    yield disk
    subprocess.run(("umount", "--lazy", disk), check=True)


def _mount(disk: Path, *options: str) -> bool:
    return subprocess.run(("mount", *options, disk), capture_output=True, check=False).returncode == 0


def fill(disk: Path) -> None:
    with (disk / "filler").open("wb", buffering=0) as file:
        try:
            for size in (4096, 1):
                while file.write(bytes(size)):
                    pass
        except OSError as error:
            assert error.errno == errno.ENOSPC


def read_only(disk: Path) -> None:
    assert _mount(disk, "-o", "remount,ro")


DISKS = pytest.mark.parametrize(
    ("spoil", "code"), [(fill, FailureCode.DISK_FULL), (read_only, FailureCode.STORE_READ_ONLY)]
)


@pytest.mark.parametrize(
    ("spoil", "code", "closed"),
    [  # a disk with an open file cannot be made read-only
        (fill, FailureCode.DISK_FULL, False),
        (fill, FailureCode.DISK_FULL, True),
        (read_only, FailureCode.STORE_READ_ONLY, True),
    ],
)
def test_the_database_names_what_its_disk_does(
    small_disk: Path, spoil: Callable[[Path], None], code: FailureCode, closed: bool
) -> None:
    database = Database(small_disk / "store.db", KEY)
    if closed:
        database.close()
    spoil(small_disk)
    with pytest.raises(KnownError) as seen:
        if closed:
            database = Database(small_disk / "store.db", KEY)
        with database.transaction() as tables:
            tables["setting"].insert({"name": "large", "value": "x" * 100_000})
    assert seen.value.code is code
    database.close()


@DISKS
def test_a_login_names_what_the_disk_does_and_works_again_afterwards(
    small_disk: Path, spoil: Callable[[Path], None], code: FailureCode
) -> None:
    clock = HandClock()
    make_hall(small_disk / "hall", clock)
    spoil(small_disk)
    with pytest.raises(KnownError) as seen:
        login(small_disk / "hall", CLERK, PASSWORD, code_now(clock), clock, CountingEntropy())
    assert seen.value.code is code
    if spoil is fill:
        (small_disk / "filler").unlink()
    else:
        assert _mount(small_disk, "-o", "remount,rw")
    hall = login(small_disk / "hall", CLERK, PASSWORD, code_now(clock), clock, CountingEntropy())
    assert hall.staff.role is Role.CLERK
    hall.close()


@DISKS
def test_the_files_of_a_session_name_what_their_disk_does(
    small_disk: Path, spoil: Callable[[Path], None], code: FailureCode
) -> None:
    vault = Vault(small_disk / "evidence", CountingEntropy())
    vault.prepare("session")
    spoil(small_disk)
    for write in (
        lambda: vault.put("session", "holder.record", KEY, bytes(100_000)),
        lambda: vault.put_document("session", "manifest", bytes(100_000), b"signature"),
    ):
        with pytest.raises(KnownError) as seen:
            write()
        assert seen.value.code is code
    assert not list((small_disk / "evidence" / "session").iterdir())
    if spoil is read_only:
        for change in (
            lambda: vault.prepare("other"),
            lambda: vault.new_part_path("session", "recording"),
            lambda: vault.discard("session"),
        ):
            with pytest.raises(KnownError, match="store_read_only"):
                change()


def test_a_half_written_file_is_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"before")
    with pytest.raises(KnownError, match="disk_full"), replacing(path) as file:
        file.write(b"after")
        raise OSError(errno.ENOSPC, "full")
    assert [one.name for one in tmp_path.iterdir()] == ["file"]
    assert path.read_bytes() == b"before"


@pytest.mark.parametrize("kind", ["absent", "file", "folder"])
def test_a_hall_file_that_cannot_be_read_is_said(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "hall"
    if kind == "file":
        folder.write_bytes(b"no folder")
    elif kind == "folder":
        (folder / "hall.json").mkdir(parents=True)
    expected = "store_unreadable" if kind == "folder" and os.name != "nt" else "hall_missing|store_read_only"
    with pytest.raises(KnownError, match=expected):
        hall_file.read(folder)


def test_another_programs_hold_on_the_shared_index_is_busy(tmp_path: Path) -> None:
    error = dbapi2.OperationalError("locking protocol")
    error.sqlite_errorcode, error.sqlite_errorname = 15, "SQLITE_PROTOCOL"
    known = of_database_error(error, tmp_path / "store.db")
    assert known is not None
    assert known.code is FailureCode.STORE_BUSY
