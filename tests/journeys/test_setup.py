"""A hall is set up by its administrator, joined to a centre by the operator's IT, and given to a clerk."""

import json
import os
from pathlib import Path
from typing import Any

from hallclient.central.centre import Centre
from hallclient.system import SystemClock, SystemEntropy
from tests.command_line import hallclient

ADMINISTRATOR, CLERK = "an administrator's password", "a clerk's password"


def run(folder: Path, password: str, *arguments: str, expect: int = 0) -> dict[str, Any]:
    environment = {**os.environ, "HALLCLIENT_PASSWORD": password}
    done = hallclient(*arguments, "--json", folder=folder, environment=environment)
    assert done.returncode == expect, done.stderr
    assert not password or password not in done.stdout + done.stderr
    document: dict[str, Any] = json.loads(done.stdout) if expect != 2 else {"failure": done.stderr.split()[0]}
    return document


def test_from_an_empty_folder_to_a_clerks_login(tmp_path: Path) -> None:
    where = ("--data", "hall")
    place = ("--name", "一号厅", "--channel", "自有厅", "--counter", "1", "--device", "pc-1")
    made = run(tmp_path, ADMINISTRATOR, "hall", "create", *place, "--administrator", "9001", *where)
    hall = {"folder": str((tmp_path / "hall").resolve()), "name": "一号厅"}
    assert made["hall"] == hall
    where_it_stands = ("--hall", "一号厅", "--channel", "自有厅", "--counter", "1", "--device", "pc-1")
    Centre.create(tmp_path / "central", "centre", False, SystemClock(), SystemEntropy())  # as its first start does
    certify = ("central", "enrol", "--data", "central", "--request", made["request"], "--out", "answer.json")
    mistyped = tuple("centrall" if part == "central" and at else part for at, part in enumerate(certify))
    assert run(tmp_path, "", *mistyped, *where_it_stands, expect=2)["failure"].startswith("input_invalid")
    assert not (tmp_path / "centrall").exists()  # and no centre was made of a slip
    answer = run(tmp_path, "", *certify, *where_it_stands)
    assert answer["practice"] is False
    enrolled = run(tmp_path, "", "hall", "enrol", "answer.json", "--url", "https://127.0.0.1:8443", *where)
    assert enrolled["hall"] == hall
    (tmp_path / "password").write_text(CLERK)
    clerk = ("hall", "add-staff", "1001", "--role", "clerk", "--password-file", "password", *where)
    assert run(tmp_path, CLERK, *clerk, "--staff", "9001", expect=2)["failure"] == "login_wrong"
    assert run(tmp_path, ADMINISTRATOR, *clerk, "--staff", "9001")["hall"] == hall
    assert run(tmp_path, CLERK, "queue", "status", *where, "--staff", "1001")["waiting"] == 0
    assert run(tmp_path, CLERK, *clerk, "--staff", "1001", expect=2)["failure"] == "not_permitted:"
    assert run(tmp_path, ADMINISTRATOR, "audit", "verify", *where, "--staff", "9001")["holds"] is True
    listed = run(tmp_path, ADMINISTRATOR, "audit", "show", *where, "--staff", "9001")["events"]
    assert [row["sequence"] for row in listed] == list(range(1, len(listed) + 1))
    assert {"logged_in", "staff_added"} <= {row["event"] for row in listed}


def test_a_hall_that_exists_is_not_made_again(tmp_path: Path) -> None:
    place = ("--name", "一号厅", "--channel", "自有厅", "--counter", "1", "--device", "pc-1")
    create = ("hall", "create", *place, "--administrator", "9001", "--data", "hall")
    run(tmp_path, ADMINISTRATOR, *create)
    before = {path.name: path.read_bytes() for path in (tmp_path / "hall").iterdir()}
    assert run(tmp_path, ADMINISTRATOR, *create, expect=2)["failure"] == "hall_exists"
    assert {path.name: path.read_bytes() for path in (tmp_path / "hall").iterdir()} == before


def test_an_answer_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "answer.json").write_text("{}")
    enrol = ("hall", "enrol", "answer.json", "--url", "https://127.0.0.1:8443", "--data", "hall")
    assert run(tmp_path, "", *enrol, expect=2)["failure"].startswith("input_invalid")
