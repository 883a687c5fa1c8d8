"""Two programs on one hall: the second says so, and what only reads works beside the first."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hallclient.cli import instance
from hallclient.cli.instance import hold_hall, only_instance
from hallclient.domain.failures import KnownError
from hallclient.services.dispatch import must_have_no_courier
from hallclient.services.set_up import create_hall
from hallclient.storage.folder_lock import FolderLock
from hallclient.system import SystemClock, SystemEntropy
from tests.halls import ADMINISTRATOR, FIRST_ADMINISTRATOR, PASSWORD, PLACE, code_now


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A hall whose lock was there before it was set up."""
    folder = tmp_path / "hall"
    hold_hall(folder).release()
    create_hall(folder, PLACE, "device-1", False, FIRST_ADMINISTRATOR, SystemClock(), SystemEntropy())
    return folder


def run(*arguments: object) -> "subprocess.CompletedProcess[str]":
    return python("-m", "hallclient", *arguments)


def python(*arguments: object) -> "subprocess.CompletedProcess[str]":
    code = code_now(SystemClock())
    for arguments_folder in (one for one in arguments if isinstance(one, Path)):
        (arguments_folder / "logins.json").unlink(missing_ok=True)  # a code is used again within its 30 s
    return subprocess.run(
        (sys.executable, *map(str, arguments)),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=os.environ | {"HALLCLIENT_PASSWORD": PASSWORD, "HALLCLIENT_CODE": code, "QT_QPA_PLATFORM": "offscreen"},
    )


def test_a_second_application_says_so_and_reading_commands_work_beside_the_first(folder: Path) -> None:
    with only_instance(folder):
        second = python(
            "-c",
            "from hallclient.cli import instance, main; instance.PATIENCE_S = 0.0; main()",
            *("run", "--data", folder),
        )
        status = run("queue", "status", "--data", folder, "--staff", ADMINISTRATOR, "--json")
        audit = run("audit", "verify", "--data", folder, "--staff", ADMINISTRATOR, "--json")
    assert (second.returncode, second.stdout) == (2, "")
    assert second.stderr.startswith("application_closing")  # no window came forward
    hall_in_use = {"folder": str(folder.resolve()), "name": PLACE.hall}
    counts = {"waiting": 0, "quarantined": 0, "accepted": 0}
    assert json.loads(status.stdout) == {"hall": hall_in_use, **counts, "set_aside": []}
    assert json.loads(audit.stdout)["holds"]


def test_a_second_start_waits_for_one_that_is_closing_and_begins_then(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = hold_hall(folder)
    asked: list[Path] = []

    def no_window(asked_about: Path) -> bool:
        asked.append(asked_about)
        if len(asked) == 2:
            first.release()
        return False

    monkeypatch.setattr(instance, "_raise_first", no_window)
    with only_instance(folder), pytest.raises(KnownError, match="already_running"):
        hold_hall(folder)
    assert asked == [folder] * 2


@pytest.mark.parametrize(("raised", "code"), [(True, "already_running"), (False, "application_closing")])
def test_a_second_start_says_whether_a_window_came_forward(
    folder: Path, monkeypatch: pytest.MonkeyPatch, raised: bool, code: str
) -> None:
    monkeypatch.setattr(instance, "PATIENCE_S", 0.0)
    monkeypatch.setattr(instance, "_raise_first", lambda folder: raised)
    with hold_hall(folder), pytest.raises(KnownError, match=code), only_instance(folder):
        pass


def test_sending_beside_a_courier_says_that_it_sends(folder: Path) -> None:
    with FolderLock(folder, "courier"):
        done = run("queue", "send", "--data", folder, "--staff", ADMINISTRATOR, "--json")
        with pytest.raises(KnownError, match="already_running"):
            must_have_no_courier(folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("already_running")
    must_have_no_courier(folder)


def test_the_hall_is_free_again_after_a_failure(folder: Path) -> None:
    with pytest.raises(RuntimeError, match="inside"), only_instance(folder):
        with pytest.raises(KnownError, match="already_running"):
            hold_hall(folder)
        raise RuntimeError("inside")
    hold_hall(folder).release()
