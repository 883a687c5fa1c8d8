"""The commands that look at the readers, as they are run by the operator's IT.

In processes of their own: a process speaks to one smart card service in its life.
"""

import json
import os
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from drivers.practice.idcard.people import PRACTICE_PERSON
from tests.pcsc_daemon import restore, shared_virtual_reader


def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        (sys.executable, "-m", "hallclient", *arguments),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=os.environ | environment,
    )


def no_service(tmp_path: Path) -> str:
    return str(tmp_path / "nobody.sock")


def test_a_practice_card_is_read_and_masked() -> None:
    done = run("card", "read", "--practice", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["masked"]
    assert document["number"] == "9900**********0017"
    assert (document["profile"], document["practice"]) == ("simulated", True)
    assert document["sam_number"].startswith("05.99-")
    assert 0 <= document["seconds"] < 10
    assert PRACTICE_PERSON.number not in done.stdout + done.stderr
    assert PRACTICE_PERSON.name not in done.stdout + done.stderr


def test_shown_when_asked_for() -> None:
    document = json.loads(run("card", "read", "--practice", "--show", "--json").stdout)
    assert (document["name"], document["number"]) == (PRACTICE_PERSON.name, PRACTICE_PERSON.number)
    assert document["birth"] == "1990-01-01"


def test_the_practice_reader_is_listed_and_others_are_missing() -> None:
    (reader,) = json.loads(run("card", "list", "--practice", "--json").stdout)["readers"]
    assert (reader["state"], reader["transport"]) == ("ready", "pcsc-escape")
    done = run("card", "read", "--practice", "--reader", "another", "--timeout", "0.2")
    assert done.returncode == 2
    assert done.stderr.startswith("reader_missing")


@pytest.mark.parametrize("command", [("list",), ("list", "--json"), ("read", "--timeout", "600", "--json")])
def test_without_a_service(command: tuple[str, ...], tmp_path: Path) -> None:
    """Said at once: nobody waits 600 s for a card that cannot come."""
    done = run("card", *command, PCSCLITE_CSOCK_NAME=no_service(tmp_path))
    assert done.returncode == 2
    assert done.stderr.startswith("reader_service_down")


def test_the_doctor_says_what_to_do(tmp_path: Path) -> None:
    done = run("doctor", "--json", PCSCLITE_CSOCK_NAME=no_service(tmp_path))
    assert done.returncode == 1, done.stderr
    checks = {check["check"]: check for check in json.loads(done.stdout)["checks"]}
    assert checks["smart_card_software"]["holds"]
    assert not checks["smart_card_service"]["holds"]
    assert "systemctl" in checks["smart_card_service"]["remedy"]
    assert "WLT" in checks["portrait_library"]["remedy"]
    assert checks["reader"]["detail"] == "reader_missing"
    assert {"fonts", "face_models", "camera", "microphone"} <= checks.keys()


def test_the_doctor_finds_a_service_that_answers() -> None:
    restore(shared_virtual_reader())
    checks = json.loads(run("doctor", "--json").stdout)["checks"]
    readers = [check for check in checks if check["check"] == "reader"]
    assert [check["holds"] for check in checks if check["check"] == "smart_card_service"] == [True]
    assert [check["detail"].endswith(", practice") for check in readers] == [True]


def test_a_service_that_lets_nobody_in_is_told_from_one_that_does_not_run(tmp_path: Path) -> None:
    path = tmp_path / "pcscd.sock"
    with socket.socket(socket.AF_UNIX) as closed_at_once:
        closed_at_once.bind(os.fspath(path))
        closed_at_once.listen()

        def hang_up() -> None:
            with suppress(OSError):
                while True:
                    closed_at_once.accept()[0].close()

        thread = threading.Thread(target=hang_up, daemon=True)
        thread.start()
        checks = json.loads(run("doctor", "--json", PCSCLITE_CSOCK_NAME=os.fspath(path)).stdout)["checks"]
        closed_at_once.shutdown(socket.SHUT_RDWR)
        thread.join()
    (service,) = (check for check in checks if check["check"] == "smart_card_service")
    assert not service["holds"]
    assert "polkit" in service["remedy"]
