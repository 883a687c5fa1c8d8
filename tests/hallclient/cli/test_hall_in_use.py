"""Whoever asks about a hall is told which one answered: without `--data` it may be the last rehearsal's."""

import json
import os
from pathlib import Path

import pytest

from hallclient import settings
from hallclient.cli.hall_in_use import HallInUse
from hallclient.storage import hall_file
from hallclient.system import SystemClock, SystemEntropy
from hallclient.wiring.practice_hall import practice_hall, practice_words
from tests.command_line import hallclient

COMMANDS = (("queue", "status"), ("queue", "send"), ("audit", "verify"), ("audit", "show"))


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A practice hall outside of any user's folder."""
    folder = tmp_path_factory.mktemp("out")
    return practice_hall(folder, SystemClock(), SystemEntropy())


@pytest.fixture
def environment(rehearsed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Of a user without a hall, who rehearsed there."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("HALLCLIENT_DATA", raising=False)
    settings.remember_rehearsal(rehearsed)
    return dict(os.environ)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_hall_that_nobody_named_is_named_by_the_answer(
    command: tuple[str, ...], environment: dict[str, str], rehearsed: Path
) -> None:
    name = practice_words()["hall"]
    done = hallclient(*command, "--json", environment=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["hall"] == {"folder": str(rehearsed.resolve()), "name": name}
    lines = hallclient(*command, environment=environment).stdout.splitlines()
    assert lines[0] == f"hall: {name}, {rehearsed.resolve()}"
    assert len([line for line in lines if str(rehearsed.resolve()) in line]) == 1


def test_a_folder_is_said_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert HallInUse(Path("hall"), "一号厅").row == {"folder": str(tmp_path.resolve() / "hall"), "name": "一号厅"}
    assert HallInUse(Path("hall"), "一号厅").line == f"hall: 一号厅, {tmp_path.resolve() / 'hall'}"


@pytest.mark.parametrize("content", [None, "", "{}"], ids=["missing", "empty", "crooked"])
def test_a_hall_that_cannot_be_read_has_no_name(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / hall_file.NAME).write_text(content)
    assert HallInUse.in_folder(tmp_path).name is None
    assert HallInUse.in_folder(tmp_path).line == f"hall: -, {tmp_path.resolve()}"
