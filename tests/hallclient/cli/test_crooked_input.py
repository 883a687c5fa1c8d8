"""Crooked paths, names, ports and passwords are bad input: 2, and never a mistake of ours."""

import os
from pathlib import Path

import pytest

from tests.command_line import Done, hallclient

CREATE = {"name": "hall", "channel": "own", "counter": "3", "device": "device-1", "administrator": "9001"}


def create(folder: Path, password: str = "a long password", **changes: str) -> Done:
    options = [word for name, value in (CREATE | changes).items() for word in (f"--{name}", value)]
    environment = {**os.environ, "HALLCLIENT_PASSWORD": password}
    return hallclient("hall", "create", *options, "--data", str(folder), environment=environment)


@pytest.mark.parametrize(
    "arguments",
    [
        ("rehearse", "--out", "FILE"),
        ("rehearse", "--out", "FILE/inside"),
        ("rehearse", "--out", ""),
        ("verify", "x" * 5000),
        ("verify", ""),
        ("queue", "status", "--data", "x" * 5000),
        ("queue", "status", "--data", ""),
        ("central", "serve", "--data", "CENTRE", "--port", "99999999"),
        ("central", "serve", "--data", "CENTRE", "--port", "-1"),
    ],
    ids=lambda arguments: " ".join(arguments)[:60],
)
def test_crooked_paths_and_ports(arguments: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    words = [word.replace("FILE", str(tmp_path / "file")).replace("CENTRE", str(tmp_path / "c")) for word in arguments]
    done = hallclient(*words, folder=tmp_path)
    assert done.returncode == 2, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "\udcff\udcfe"},
        {"name": "two\nlines"},
        {"name": "a/b"},
        {"name": "x" * 65},
        {"channel": " "},
        {"counter": "\x1b[2J"},
        {"device": "../up"},
        {"device": "a\\b"},
        {"administrator": ""},
        {"administrator": "../9001"},
        {"password": "\udcff12345678"},
    ],
    ids=repr,
)
def test_crooked_names_make_no_hall(changes: dict[str, str], tmp_path: Path) -> None:
    done = create(tmp_path / "hall", **changes)
    assert (done.returncode, done.stderr.split(":")[0]) == (2, "input_invalid")
    assert not (tmp_path / "hall").exists()


def test_a_good_hall_is_made_and_a_crooked_staff_number_is_not_added(tmp_path: Path) -> None:
    assert create(tmp_path / "hall").returncode == 0
    for number in ("", "a/b", "two\nlines"):
        done = hallclient(
            *("hall", "add-staff", number, "--role", "clerk", "--data", str(tmp_path / "hall"), "--staff", "9001"),
            environment={**os.environ, "HALLCLIENT_PASSWORD": "a long password"},
        )
        assert (done.returncode, done.stderr.split(":")[0]) == (2, "input_invalid"), number
