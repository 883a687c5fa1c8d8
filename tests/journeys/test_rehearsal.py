"""Whole sessions on the practice devices, as a person would start them: `hallclient rehearse` and what follows.

A rehearsal is a process of its own, as is the first look at its package; later looks are made in this one. So is the
rehearsal without the centre, whose customer acts: what the real engines say of one is in the two with it.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from drivers.practice.idcard.people import PRACTICE_PERSON
from drivers.practice.pictures import Scene, live_picture
from hallclient.cli import rehearse
from hallclient.devices import Clock, Entropy
from hallclient.rule_texts import built_in_pack
from hallclient.wiring import practice_counter
from hallclient.wiring.practice_counter import PracticeCounter
from tests.command_line import Done, hallclient
from tests.journeys.acting_customer import before_acting_customer, still_camera
from ui import wording

HALLCLIENT = Path(sys.executable).with_name("hallclient")
PATIENCE_S = 280  # a rehearsal takes 20 s on an idle machine


class Rehearsal:
    """One user's home and one output folder."""

    def __init__(self, folder: Path) -> None:
        self.out = folder / "out"
        self._environment = {**os.environ, "XDG_DATA_HOME": str(folder / "data"), "HOME": str(folder / "home")}
        # The handler of the practice reader is built once for all rehearsals, not once for each home.
        self._environment["XDG_CACHE_HOME"] = str(folder.parent / "cache")
        self._environment.pop("HALLCLIENT_DATA", None)
        self.document: dict[str, Any] = {}

    def run(self, *arguments: str, expect: int = 0, process: bool = False) -> dict[str, Any]:
        """Run a command with --json; its exit code must be `expect`."""
        if process:
            command = [str(HALLCLIENT), *arguments, "--json"]
            done: Done | subprocess.CompletedProcess[str] = subprocess.run(
                command, env=self._environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
            )
        else:
            done = hallclient(*arguments, "--json", environment=self._environment)
        assert done.returncode == expect, done.stderr
        if expect == 2:
            return {"failure": done.stderr.splitlines()[0]}
        document: dict[str, Any] = json.loads(done.stdout)
        return document

    def rehearse(self, *options: str, expect: int = 0) -> "Rehearsal":
        self.document = self.run("rehearse", "--out", str(self.out), *options, expect=expect, process=True)
        return self

    @property
    def package(self) -> Path:
        return Path(self.document["package"])


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory) -> Rehearsal:
    return Rehearsal(tmp_path_factory.mktemp("passed")).rehearse()


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Rehearsal:
    return Rehearsal(tmp_path_factory.mktemp("stranger")).rehearse("--stranger", expect=1)


@pytest.fixture
def copied(passed: Rehearsal, tmp_path: Path) -> Path:
    return Path(shutil.copytree(passed.package, tmp_path / "package"))


def test_a_customer_passes_and_the_receipt_is_verified(passed: Rehearsal) -> None:
    document = passed.document
    assert document["outcome"] == "passed"
    assert document["practice"] is True
    assert document["receipt"]["verified"] is True
    assert [row["step"] for row in document["steps"]] == [
        *(step.id for step in built_in_pack().scene("new_number").steps),
        wording.SEAL,
    ]
    assert all(0 <= row["waited_seconds"] <= row["seconds"] for row in document["steps"])
    assert document["comparison"]["decision"] == "matched"


def test_the_package_holds(passed: Rehearsal) -> None:
    document = passed.run("verify", str(passed.package), process=True)
    assert document["holds"] is True
    assert document["failed"] == []
    assert document["practice"] is True


def test_every_file_of_the_package_is_guarded(passed: Rehearsal, copied: Path) -> None:
    for path in sorted(copied.iterdir()):
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        document = passed.run("verify", str(copied), expect=1)
        assert document["holds"] is False
        assert document["failed"] == [path.name]
        path.write_bytes(content)


def test_verify_needs_a_package_and_roots(passed: Rehearsal, copied: Path, tmp_path: Path) -> None:
    assert passed.run("verify", str(tmp_path / "nothing"), expect=2)["failure"].startswith("package_missing")
    missing = passed.run("verify", str(copied), "--roots", str(tmp_path / "none.pem"), expect=2)
    assert missing["failure"].startswith("file_missing: --roots: none.pem")


def test_a_package_of_another_root_is_not_trusted(passed: Rehearsal, stranger: Rehearsal) -> None:
    roots = Path(stranger.document["hall"]["folder"]) / "roots.pem"
    document = passed.run("verify", str(passed.package), "--roots", str(roots), expect=1)
    assert document["failed"] == ["manifest.json"]


def test_the_customers_copy_is_a_signed_pdf(passed: Rehearsal) -> None:
    copy = Path(passed.document["customer_copy"])
    assert copy.read_bytes().startswith(b"%PDF")
    told = subprocess.run(["pdfsig", copy], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid" in told
    assert "Total document signed" in told


def test_a_stranger_does_not_pass(stranger: Rehearsal) -> None:
    assert stranger.document["outcome"] == "not_passed"
    assert stranger.document["comparison"]["decision"] == "mismatched"
    assert stranger.document["review"] == "rejected"
    assert stranger.run("verify", str(stranger.package))["holds"] is True


@contextmanager
def acted_counter(clock: Clock, entropy: Entropy, printed: Path, stranger: bool = False) -> Iterator[PracticeCounter]:
    """In place of `practice_counter`: the same with an acting customer."""
    with practice_counter.practice_counter(clock, entropy, printed, stranger) as counter:
        yield before_acting_customer(counter, still_camera(live_picture(Scene.HOLDER), noisy=False))


def test_offline_is_provisional_until_it_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearse, "practice_counter", acted_counter)
    rehearsal = Rehearsal(tmp_path / "home")
    rehearsal.document = rehearsal.run("rehearse", "--out", str(rehearsal.out), "--offline")
    assert rehearsal.document["outcome"] == "provisional"
    assert rehearsal.document["receipt"] is None
    assert rehearsal.run("queue", "status")["waiting"] == 1
    inside = rehearsal.run("verify", str(rehearsal.package), "--inside")
    assert inside["holds"] is True
    assert {"file": "notice.enc", "question": "notice_signature", "holds": True} in inside["checks"]
    sent = rehearsal.run("queue", "send")
    assert sent["accepted"] == 1
    assert (sent["sessions"][0]["outcome"], sent["sessions"][0]["reasons"]) == ("passed", [])
    assert rehearsal.run("queue", "send")["accepted"] == 0
    assert rehearsal.run("queue", "status")["waiting"] == 0
    assert rehearsal.run("audit", "verify")["holds"] is True
    document = rehearsal.run("verify", str(rehearsal.package))
    assert document["holds"] is True
    assert document["outcome"] == "passed"
    gone = rehearsal.run("verify", str(rehearsal.package), "--inside", expect=2)
    assert gone["failure"].startswith("data_key_destroyed")  # the receipt has destroyed the hall's key


@pytest.fixture(params=["passed", "stranger"])
def rehearsed(request: pytest.FixtureRequest) -> Rehearsal:
    rehearsal: Rehearsal = request.getfixturevalue(request.param)
    return rehearsal


def test_nothing_of_the_customer_is_readable_anywhere(rehearsed: Rehearsal) -> None:
    secrets = [
        text.encode(coding)
        for text in (PRACTICE_PERSON.name, PRACTICE_PERSON.number, PRACTICE_PERSON.address)
        for coding in ("utf-8", "utf-16-le", "gb18030")
    ]
    files = [path for path in rehearsed.out.parent.rglob("*") if path.is_file()]
    assert len(files) > 10
    for path in files:
        if path.name == "customer_copy.pdf":
            continue
        content = path.read_bytes()
        assert not any(secret in content for secret in secrets), path.name
        assert PRACTICE_PERSON.name not in str(path)
        # JPEG as we write it, Matroska, WebP. Three bytes alone are met by chance in one of a few hundred sealed files.
        assert not re.search(rb"\xff\xd8\xff\xe0\x00\x10JFIF|\x1a\x45\xdf\xa3|RIFF....WEBP", content), path.name


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    (rehearsal.out / "hall").mkdir(parents=True)
    (rehearsal.out / "hall" / "thesis.txt").write_text("years of work")
    failed = rehearsal.run("rehearse", "--out", str(rehearsal.out), expect=2)
    assert failed["failure"].startswith("hall_exists")
    assert [path.name for path in (rehearsal.out / "hall").iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    "arguments", [("nonsense",), ("rehearse",), ("verify",), ("queue", "nonsense"), ("central", "serve")]
)
def test_bad_input_has_a_code(arguments: tuple[str, ...]) -> None:
    done = hallclient(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("input_invalid")
