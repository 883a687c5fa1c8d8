"""Whose temporary folder may be removed: of one that is surely gone, and of nobody else."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from drivers.practice.idcard.owned_folder import make_owned_folder, remove_orphaned_folders
from tests.pcsc_daemon import ROOT

PREFIX = "hallclient-test-"
OWNER = f"""
import sys
from drivers.practice.idcard.owned_folder import make_owned_folder
print(make_owned_folder("{PREFIX}"), flush=True)
sys.stdin.readline()
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def test_ours_and_that_of_a_living_process_stay_and_that_of_a_dead_one_goes() -> None:
    ours = make_owned_folder(PREFIX)
    command = [sys.executable, "-c", OWNER]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        theirs = Path(owner.stdout.readline().strip())
        (theirs / "reader.sock").touch()
        remove_orphaned_folders(PREFIX)
        assert theirs.exists()
        owner.kill()
        owner.wait()
    remove_orphaned_folders(PREFIX)
    assert not theirs.exists()
    assert ours.exists()
    assert ours.stat().st_mode & 0o777 == 0o700


def test_what_has_no_lock_or_is_a_link_or_is_called_otherwise_stays(temporary: Path) -> None:
    dead = temporary / "elsewhere"
    for folder in (dead, temporary / f"{PREFIX}being-made"):
        folder.mkdir()
    (dead / "owner.lock").touch()
    (temporary / f"{PREFIX}link").symlink_to(dead)
    (temporary / f"{PREFIX}file").touch()
    before = sorted(temporary.rglob("*"))
    remove_orphaned_folders(PREFIX)
    assert sorted(temporary.rglob("*")) == before
