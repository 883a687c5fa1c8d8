"""A hall is set up by its administrator, joined to a centre by the operator's IT, and given to a clerk."""

import base64
import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from hallclient.central.centre import Centre
from hallclient.cli import hall_staff
from hallclient.domain.totp import code_at
from hallclient.system import SystemClock, SystemEntropy
from tests.command_line import hallclient
from tests.hallclient.central.running import running

ADMINISTRATOR, CLERK, PASSPHRASE = "a good administrator's", "a good clerk's own", "the root's passphrase"
WHERE = ("--data", "hall")
PLACE = ("--name", "一号厅", "--channel", "自有厅", "--counter", "1", "--device", "pc-1")
CREATE = ("hall", "create", *PLACE, "--administrator", "9001", *WHERE)
AS_SET_UP = ("--hall", "一号厅", "--channel", "自有厅", "--counter", "1", "--device", "pc-1")


def code_of(otpauth: str) -> str:
    """What an authenticator shows that took this in."""
    secret = parse_qs(urlsplit(otpauth).query)["secret"][0]
    return code_at(base64.b32decode(secret), SystemClock().now())


def run(folder: Path, password: str, *arguments: str, expect: int = 0, **more: str) -> dict[str, Any]:
    """A command; `more`: further variables, as HALLCLIENT_…. A code may be used again, as if its 30 s were over."""
    (folder / "hall" / "logins.json").unlink(missing_ok=True)
    secrets = {"HALLCLIENT_PASSWORD": password} | {f"HALLCLIENT_{name.upper()}": value for name, value in more.items()}
    done = hallclient(*arguments, "--json", folder=folder, environment={**os.environ, **secrets})
    assert done.returncode == expect, done.stderr
    assert not any(secret and secret in done.stdout + done.stderr for secret in secrets.values())
    document: dict[str, Any] = json.loads(done.stdout) if expect != 2 else {"failure": done.stderr.split()[0]}
    return document


def test_from_an_empty_folder_to_a_clerks_first_day_and_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = run(tmp_path, ADMINISTRATOR, *CREATE)
    hall, otpauth = {"folder": str((tmp_path / "hall").resolve()), "name": "一号厅"}, made["otpauth"]
    assert made["hall"] == hall

    def administrator(*arguments: str, expect: int = 0, **more: str) -> dict[str, Any]:
        return run(
            tmp_path, ADMINISTRATOR, *arguments, *WHERE, "--staff", "9001", expect=expect, code=code_of(otpauth), **more
        )

    root = run(tmp_path, "", "central", "root", "create", "--root", "root", "--name", "root", passphrase=PASSPHRASE)
    founded = ("central", "root", "certify", "--root", "root", "--data", "central", "--name", "centre")
    run(tmp_path, "", *founded, passphrase=PASSPHRASE)
    certify = ("central", "enrol", "--data", "central", "--request", made["request"], "--out", "answer.json")
    mistyped = tuple("centrall" if part == "central" and at else part for at, part in enumerate(certify))
    assert run(tmp_path, "", *mistyped, *AS_SET_UP, expect=2)["failure"].startswith("input_invalid")
    assert not (tmp_path / "centrall").exists()  # and no centre was made of a slip
    assert run(tmp_path, "", *certify, *AS_SET_UP)["practice"] is False

    with running(Centre.open(tmp_path / "central", SystemClock(), SystemEntropy())) as url:
        enrol = ("hall", "enrol", "answer.json", "--url", url)
        assert run(tmp_path, "", *enrol, *WHERE, expect=2)["failure"] == "input_invalid:"  # T1: without a login
        assert administrator(*enrol, expect=2)["failure"] == "root_unconfirmed:"
        assert administrator(*enrol, "--root-sha256", "00" * 32, expect=2)["failure"] == "root_unconfirmed:"
        assert administrator(*enrol, "--root-sha256", root["sha256"])["hall"] == hall

        invited = administrator("hall", "invite", "1001", "--role", "clerk")
        assert (
            administrator("hall", "invite", "9002", "--role", "administrator", expect=2)["failure"] == "not_permitted:"
        )
        authenticator = Authenticator(monkeypatch)
        join = ("hall", "join", "1001", *WHERE)
        wrong = {"invitation": "AAAAA-AAAAA-AAAAA-AAAAA"}
        assert run(tmp_path, CLERK, *join, expect=2, **wrong)["failure"] == "invitation_invalid"
        weak = run(tmp_path, "password1234", *join, expect=2, invitation=invited["code"])
        assert weak["failure"] == "input_invalid:"
        assert run(tmp_path, CLERK, *join, invitation=invited["code"])["role"] == "clerk"
        again = run(tmp_path, CLERK, *join, expect=2, invitation=invited["code"])
        assert again["failure"] == "invitation_invalid"

        def clerk(*arguments: str, expect: int = 0, **more: str) -> dict[str, Any]:
            return run(
                tmp_path, CLERK, *arguments, *WHERE, "--staff", "1001", expect=expect, code=authenticator.code(), **more
            )

        assert clerk("queue", "status", expect=2)["failure"] == "staff_pending"
        assert administrator("hall", "certify")["certified"] == ["1001"]
        assert clerk("queue", "status")["waiting"] == 0
        assert clerk("hall", "invite", "1003", "--role", "clerk", expect=2)["failure"] == "not_permitted:"
        assert clerk(*enrol, "--root-sha256", root["sha256"], expect=2)["failure"] == "not_permitted:"
        assert run(tmp_path, "another password", "queue", "status", *WHERE, "--staff", "1001", expect=2)["failure"] == (
            "input_invalid:"
        )  # without a code

        clerk("hall", "password", new_password="another good one")
        assert clerk("queue", "status", expect=2)["failure"] == "login_wrong"
        run(tmp_path, "another good one", "queue", "status", *WHERE, "--staff", "1001", code=authenticator.code())
        assert administrator("hall", "lock", "1001")["locked"] is True
        locked = run(
            tmp_path,
            "another good one",
            "queue",
            "status",
            *WHERE,
            "--staff",
            "1001",
            expect=2,
            code=authenticator.code(),
        )
        assert locked["failure"] == "staff_locked"
        administrator("hall", "unlock", "1001")
        staff = administrator("hall", "staff")["staff"]
        assert [(one["number"], one["locked"], one["pending"]) for one in staff] == [
            ("9001", False, False),
            ("1001", False, False),
        ]
        assert administrator("audit", "verify")["holds"] is True
        listed = administrator("audit", "show")["events"]
    assert [row["sequence"] for row in listed] == list(range(1, len(listed) + 1))
    assert {
        "hall_enrolled",
        "staff_invited",
        "staff_joined",
        "staff_certified",
        "password_changed",
        "staff_locked",
        "staff_unlocked",
    } <= {row["event"] for row in listed}


class Authenticator:
    """Takes in what `hall join` shows, and answers it with the code."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.otpauth = ""
        said = hall_staff.remark

        def remark(*lines: str) -> None:
            self.otpauth = next(line for line in lines if line.startswith("otpauth"))
            said(*lines)

        monkeypatch.setattr(hall_staff, "remark", remark)
        monkeypatch.setattr(hall_staff, "_typed_code", self.code)

    def code(self) -> str:
        return code_of(self.otpauth)


def test_a_hall_that_exists_is_not_made_again(tmp_path: Path) -> None:
    run(tmp_path, ADMINISTRATOR, *CREATE)
    before = {path.name: path.read_bytes() for path in (tmp_path / "hall").iterdir()}
    assert run(tmp_path, ADMINISTRATOR, *CREATE, expect=2)["failure"] == "hall_exists"
    assert {path.name: path.read_bytes() for path in (tmp_path / "hall").iterdir()} == before


def test_an_answer_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "answer.json").write_text("{}")
    code = code_of(run(tmp_path, ADMINISTRATOR, *CREATE)["otpauth"])
    enrol = ("hall", "enrol", "answer.json", "--url", "https://127.0.0.1:8443", *WHERE, "--staff", "9001")
    assert run(tmp_path, ADMINISTRATOR, *enrol, expect=2, code=code)["failure"].startswith("input_invalid")
