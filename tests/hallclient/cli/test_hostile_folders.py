"""`hallclient verify` on a folder that somebody prepared: an answer in seconds, in the memory of a good one's."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import hallclient
from tests.hallclient.cli.given_package import given_package
from tests.hallclient.domain.inspection.world import ANOTHER_SESSION

pytestmark = pytest.mark.skipif(not hasattr(os, "wait4") or not hasattr(os, "mkfifo"), reason="files of Unix")

GB = 2**30
PATIENCE_S = 120.0


@dataclass(frozen=True)
class Told:
    """How a process ended, and what it cost."""

    code: int
    said: dict[str, Any]
    stderr: str
    cpu_s: float
    peak_kib: int


def verify(package: Path, roots: Path, *more: str) -> Told:
    """In a process of its own, which would hang on a pipe and die of a disk's worth of memory."""
    command = [sys.executable, "-m", "hallclient", "verify", str(package), "--roots", str(roots), "--json", *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        deadline_s = time.monotonic() + PATIENCE_S
        while True:
            ended, status, usage = os.wait4(child.pid, os.WNOHANG)
            if ended:
                break
            if time.monotonic() > deadline_s:
                child.kill()
                pytest.fail("it hangs")
            time.sleep(0.02)
        child.returncode = os.waitstatus_to_exitcode(status)
        stdout, stderr = child.stdout, child.stderr
        assert stdout is not None
        assert stderr is not None
        out = stdout.read()
        said = json.loads(out) if out else {}
        cpu_s = usage.ru_utime + usage.ru_stime
        return Told(child.returncode, said, stderr.read(), cpu_s, usage.ru_maxrss)


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return given_package(tmp_path_factory.mktemp("given"))


@pytest.fixture(scope="module")
def good(given: tuple[Path, Path]) -> Told:
    told = verify(*given)
    assert told.code == 0, told.stderr
    return told


@pytest.fixture
def package(given: tuple[Path, Path], tmp_path: Path) -> Path:
    return shutil.copytree(given[0], tmp_path / "package")


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def endless(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def dangling(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.with_name("nowhere"))


def linked(path: Path) -> None:
    """The genuine bytes, by a link to elsewhere, where they can be changed after the check."""
    elsewhere = path.parent.with_name("elsewhere")
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


def huge(path: Path) -> None:
    with path.open("ab") as file:
        file.truncate(5 * GB)


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sig", "notice.enc"])
@pytest.mark.parametrize("make", [pipe, endless, folder, dangling, linked, huge], ids=lambda make: make.__name__)
@pytest.mark.attack("T13", "verify is given", answer="exit 1: the file is named, in seconds and little memory")
def test_it_is_named_in_seconds_and_in_little_memory(
    make: Callable[[Path], None], name: str, package: Path, given: tuple[Path, Path], good: Told
) -> None:
    make(package / name)
    told = verify(package, given[1])
    assert (told.code, told.said["holds"], told.stderr) == (1, False, "")
    assert told.said["failed"] == [name]
    if make is not huge:
        assert f"{name}/" in told.said["foreign"]
    assert told.cpu_s < good.cpu_s + 3
    assert told.peak_kib < good.peak_kib + 64 * 1024


@pytest.mark.parametrize("name", ["hidden.part", "notice.enc.part", "manifest.json.part", ".hidden"])
@pytest.mark.attack("T13", "something lies beside the package", answer="named as foreign, not silently passed")
def test_what_lies_beside_it_is_named_whatever_it_is_called(name: str, package: Path, given: tuple[Path, Path]) -> None:
    (package / name).write_bytes(b"something")
    done = hallclient("verify", str(package), "--roots", str(given[1]), "--json")
    said = json.loads(done.stdout)
    assert (done.returncode, said["holds"], said["foreign"]) == (0, True, [name])
    lines = hallclient("verify", str(package), "--roots", str(given[1])).stdout
    assert "旁边另有不属于证据包的文件" in lines.splitlines()[-1]


@pytest.mark.attack("T13", "ten thousand files beside it", answer="exit 2 with a code")
def test_a_folder_with_ten_thousand_files_is_none_of_ours(package: Path, given: tuple[Path, Path]) -> None:
    for number in range(10_001):
        (package / f"f{number}").touch()
    told = verify(package, given[1])
    assert told.code == 2
    assert told.stderr.startswith("evidence_damaged")


@pytest.mark.attack("T13", "a folder that bears another id")
def test_a_folder_that_bears_another_sessions_id_does_not_hold(package: Path, given: tuple[Path, Path]) -> None:
    session = json.loads((package / "manifest.json").read_bytes())["session"]
    for name, holds in ((session, True), (ANOTHER_SESSION, False), ("any other name", True)):
        named = package.rename(package.with_name(name))
        done = hallclient("verify", str(named), "--roots", str(given[1]), "--json")
        said = json.loads(done.stdout)
        assert said["holds"] is holds
        assert said["failed"] == ([] if holds else [f"{name}/"])
        package = named


@pytest.mark.parametrize("kind", ["folder", "fifo", "device", "dangling"])
@pytest.mark.attack("T13", "--roots", answer="exit 2 with a code, at once")
def test_roots_that_are_no_file_are_said_at_once(kind: str, given: tuple[Path, Path], tmp_path: Path) -> None:
    roots = tmp_path / "roots"
    match kind:
        case "folder":
            roots.mkdir()
        case "fifo":
            os.mkfifo(roots)
        case "device":
            roots = Path("/dev/zero")
        case _:
            roots.symlink_to(tmp_path / "nowhere")
    told = verify(given[0], roots)
    assert told.code == 2
    assert told.stderr.split(":")[0] in ("trust_roots_missing", "file_missing")


def test_the_answer_says_what_was_checked_by_whom_it_is_signed_and_under_which_roots(good: Told) -> None:
    said = good.said
    assert said["format"] == "hallclient-evidence/2"
    assert {"file": "manifest.sig", "role": "device", "name": "pc-1", "number": None} in said["signers"]
    assert said["timestamps"] == []
    assert said["foreign"] == []
    assert len(said["roots"]["sha256"]) == 1
    assert {"file", "question", "holds"} == set(said["checks"][0])
