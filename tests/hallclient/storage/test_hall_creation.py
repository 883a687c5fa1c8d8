"""A hall's making, broken off at every point, and what must not be taken for a broken-off one."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hallclient.domain.failures import KnownError
from hallclient.storage import hall_file
from hallclient.storage.folder_lock import FolderLock
from hallclient.storage.hall_creation import creating
from tests.clock import HandClock
from tests.halls import make_hall, open_hall

MAKES = frozenset({"device.key", "store.db"})
LEFT = ("device.key", "device.key.part", "store.db", "store.db-wal", "store.db-journal", "hall.json.part")

# Makes a hall, and is killed as soon as the file is there whose name comes second.
KILLED = """
import os, signal, sys
from pathlib import Path
from hallclient.services.set_up import create_hall
from tests.clock import CountingEntropy, HandClock
from tests.halls import FIRST_ADMINISTRATOR, PLACE
def watch(event, arguments):
    if event == "os.rename" and Path(str(arguments[1])).name == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)
create_hall(Path(sys.argv[1]), PLACE, "device-1", False, FIRST_ADMINISTRATOR, HandClock(), CountingEntropy())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
@pytest.mark.parametrize("at", ["device.key", "device.csr", "hall.json"])
def test_a_killed_creation_is_made_good_by_the_next(at: str, tmp_path: Path) -> None:
    folder = tmp_path / "hall"
    killed = subprocess.run((sys.executable, "-c", KILLED, str(folder), at), check=False, timeout=120)
    assert killed.returncode == -signal.SIGKILL
    assert (folder / "creation.lock").exists()
    assert not hall_file.exists(folder)
    clock = HandClock()
    make_hall(folder, clock)
    open_hall(folder, clock).close()
    assert not [path.name for path in folder.iterdir() if path.suffix == ".part" or path.name == "creation.lock"]


def test_what_was_left_is_gone_before_the_block_and_the_mark_after_it(tmp_path: Path) -> None:
    for name in (*LEFT, "creation.lock", "application.lock"):
        (tmp_path / name).touch()
    with creating(tmp_path, MAKES):
        assert {path.name for path in tmp_path.iterdir()} == {"creation.lock", "application.lock"}
        (tmp_path / hall_file.NAME).touch()
    assert {path.name for path in tmp_path.iterdir()} == {hall_file.NAME, "application.lock"}


@pytest.mark.parametrize(
    "names",
    [
        ("device.key", "store.db"),  # no mark: a hall that lost its file
        ("creation.lock", "hall.json"),
        ("creation.lock", "device.key", "store.db", "evidence"),
        ("creation.lock", "device.key", "store.db", "logins.json"),
        ("something",),
    ],
    ids=" ".join,
)
def test_nothing_else_is_touched(names: tuple[str, ...], tmp_path: Path) -> None:
    for name in names:
        (tmp_path / name).write_text("kept")
    with pytest.raises(KnownError, match="hall_exists"), creating(tmp_path, MAKES):
        pytest.fail("it began")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == dict.fromkeys(names, "kept")


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="inside"), creating(tmp_path / "hall", MAKES):
        for name in LEFT:
            (tmp_path / "hall" / name).touch()
        raise RuntimeError("inside")
    assert not list((tmp_path / "hall").iterdir())


def test_two_creations_at_once(tmp_path: Path) -> None:
    with creating(tmp_path, MAKES):
        (tmp_path / "device.key").touch()
        with pytest.raises(KnownError, match="already_running"), creating(tmp_path, MAKES):
            pytest.fail("it began")
        assert (tmp_path / "device.key").exists()
    FolderLock(tmp_path, "creation").release()
