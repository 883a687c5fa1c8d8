"""Commands that only look wait for no program that writes, and say what was committed before."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from hallclient.domain.failures import FailureCode
from hallclient.domain.staff import Role
from hallclient.services.access import OpenHall, login
from hallclient.storage import deliveries, sessions
from hallclient.storage.sessions import StoredSession
from hallclient.system import SystemClock, SystemEntropy
from hallclient.wiring.practice_hall import practice_hall
from hallclient.wiring.practice_staff import PRACTICE_STAFF, practice_password
from tests.command_line import hallclient
from tests.hallclient.cli.given_package import given_package
from tests.plans import todays_plan


@pytest.fixture
def hall(tmp_path: Path) -> OpenHall:
    clock, entropy = SystemClock(), SystemEntropy()
    folder = tmp_path / "practice"
    folder.mkdir()
    number = PRACTICE_STAFF[Role.CLERK]
    return login(practice_hall(folder, clock, entropy), number, practice_password(number), clock, entropy)


@pytest.mark.expects_log("not in the audit log")
@pytest.mark.parametrize(
    ("arguments", "code", "name"),
    [
        (("queue", "status"), 0, "waiting"),
        (("audit", "verify"), 0, "holds"),
        (("audit", "show"), 0, "events"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_another_program_that_writes_is_not_waited_for(
    arguments: tuple[str, ...], code: int, name: str, hall: OpenHall
) -> None:
    with closing(hall), hall.database.transaction():
        done = hallclient(*arguments, "--data", str(hall.folder), "--json")
    assert (done.returncode, done.stderr) == (code, "")
    assert name in json.loads(done.stdout)


@pytest.mark.expects_log("not in the audit log")
def test_to_look_inside_a_package_nobody_is_waited_for(hall: OpenHall, tmp_path: Path) -> None:
    package, roots = given_package(tmp_path)
    arguments = ("verify", str(package), "--inside", "--roots", str(roots), "--data", str(hall.folder))
    with closing(hall), hall.database.transaction():
        done = hallclient(*arguments)
    assert (done.returncode, done.stderr.split()[0]) == (2, "session_unknown")  # another hall's, as it says at any time


def test_a_session_that_was_set_aside_is_released(hall: OpenHall) -> None:
    with closing(hall), hall.database.transaction() as tables:
        sessions.insert(tables, StoredSession("s", todays_plan(), "138", "1001", "now"), b"wrapped")
        deliveries.enqueue(tables, "s", 0.0)
        deliveries.quarantine(tables, "s", FailureCode.CENTRE_REFUSED_RECORD, "reason")
    done = hallclient("queue", "release", "s", "--data", str(hall.folder), "--json")
    assert (done.returncode, json.loads(done.stdout)["state"]) == (0, "waiting")
    again = hallclient("queue", "release", "s", "--data", str(hall.folder))
    assert again.stderr.startswith("not_quarantined")


def test_a_writing_command_says_that_another_one_writes(hall: OpenHall) -> None:
    with closing(hall), hall.database.transaction():
        done = hallclient("queue", "send", "--data", str(hall.folder))
    assert (done.returncode, done.stderr.split(":")[0]) == (2, "store_busy")
