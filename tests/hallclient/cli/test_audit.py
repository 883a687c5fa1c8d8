"""`hallclient audit verify` says what it found, where, and what it was compared with."""

import datetime as dt
import json
import tomllib
from importlib import resources
from pathlib import Path

import pytest

from hallclient.domain.audit_fault import AuditFault
from hallclient.domain.staff import Role
from hallclient.services.access import login
from hallclient.system import SystemClock, SystemEntropy
from hallclient.wiring.practice_hall import practice_hall
from hallclient.wiring.practice_staff import PRACTICE_STAFF, practice_login
from tests.command_line import hallclient
from tests.timestamp_service import authority, openssl_service


def test_every_fault_has_its_words() -> None:
    words = tomllib.loads((resources.files("assets") / "commands.toml").read_text("utf-8"))["audit"]
    assert words.keys() == {"holds", "does_not_hold", "not_asked", *AuditFault}
    assert len(set(words.values())) == len(words)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A practice hall whose centre does not run."""
    return practice_hall(tmp_path, SystemClock(), SystemEntropy())


def change_second_row(folder: Path) -> None:
    clock = SystemClock()
    hall = login(folder, *practice_login(PRACTICE_STAFF[Role.CLERK], clock.now()), clock, SystemEntropy())
    try:
        with hall.database.transaction() as tables:
            tables.execute("UPDATE audit SET actor = 'nobody' WHERE sequence = 2")
    finally:
        hall.close()


def test_a_log_that_holds_says_so_and_that_the_centre_was_not_asked(folder: Path) -> None:
    done = hallclient("audit", "verify", "--data", str(folder), "--json")
    said = json.loads(done.stdout)
    assert (done.returncode, said["holds"], said["findings"]) == (0, True, [])
    assert said["centre"] == {"sessions": None, "unasked": "centre_unreachable"}
    assert (said["manifests"], said["receipts"]) == (0, 0)
    assert (said["events"], len(said["head"])) == (2, 64)  # made, and logged in
    done = hallclient("audit", "verify", "--offline", "--data", str(folder), "--json")
    assert json.loads(done.stdout)["centre"] == {"sessions": None, "unasked": None}


def test_a_centre_that_has_to_answer_and_does_not_is_a_failure(folder: Path) -> None:
    done = hallclient("audit", "verify", "--online", "--data", str(folder))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("centre_unreachable")


def test_a_change_has_its_code_its_place_and_its_words(folder: Path) -> None:
    change_second_row(folder)
    done = hallclient("audit", "verify", "--offline", "--data", str(folder), "--json")
    said = json.loads(done.stdout)
    assert (done.returncode, said["holds"]) == (1, False)
    assert said["findings"] == [{"fault": "row_changed", "place": "audit 2", "witness": "log", "detail": ""}]
    lines = hallclient("audit", "verify", "--offline", "--data", str(folder)).stdout.splitlines()
    assert "row_changed  audit 2  这一条与前一条接不上，内容被改动 (log)" in lines
    assert lines[-1] == "审计日志或业务被改动过"


def test_a_checkpoint_is_taken_carried_away_and_compared(folder: Path, tmp_path: Path) -> None:
    tsa = authority("tsa", dt.datetime(2020, 1, 1, tzinfo=dt.UTC), 60)
    roots, copy, own = tmp_path / "roots.pem", tmp_path / "carried.json", tmp_path / "service"
    roots.write_text(tsa.roots_pem)
    own.mkdir()
    given = ("--data", str(folder), "--json", "--timestamp-roots", str(roots))
    with openssl_service(own, tsa) as url:
        done = hallclient("audit", "checkpoint", "--service", url, "--out", str(copy), *given)
    said = json.loads(done.stdout)
    assert (done.returncode, Path(said["file"]).read_bytes()) == (0, copy.read_bytes())
    done = hallclient("audit", "verify", "--offline", "--checkpoint", str(copy), *given)
    assert (done.returncode, json.loads(done.stdout)["checkpoints"]) == (0, 2)
    copy.write_bytes(copy.read_bytes().replace(b'"counter"', b'"kounter"'))
    done = hallclient("audit", "verify", "--offline", "--checkpoint", str(copy), *given)
    assert [finding["fault"] for finding in json.loads(done.stdout)["findings"]] == ["checkpoint_untrusted"]


@pytest.mark.parametrize("service", ["ftp://here", "no address", ""])
def test_a_service_that_is_none_is_said(service: str, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "roots.pem").write_text(authority("tsa", dt.datetime(2020, 1, 1, tzinfo=dt.UTC), 60).roots_pem)
    given = ("--service", service, "--timestamp-roots", str(tmp_path / "roots.pem"), "--data", str(folder))
    done = hallclient("audit", "checkpoint", *given)
    assert (done.returncode, done.stderr.split(":")[0]) == (2, "input_invalid")
