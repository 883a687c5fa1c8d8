"""What every command has in common: its exit codes, its two streams, and files that are none."""

import errno
import io
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer

from hallclient import cli
from hallclient.cli.output import answer
from hallclient.domain.failures import FAILURES, FailureCode, KnownError
from hallclient.services import bug_log
from hallclient.services.set_up import create_hall
from hallclient.system import SystemEntropy
from tests.clock import HandClock
from tests.halls import FIRST_ADMINISTRATOR, PASSWORD, PLACE

RARE_NAME = "䶮𠮷"  # not in the code page of many consoles


@pytest.fixture(autouse=True)
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A log of the test's own; hooks and handlers are put back."""
    monkeypatch.setattr(bug_log, "user_log_path", lambda *_, **__: tmp_path / "log")
    monkeypatch.setattr(cli, "forbid_core_dumps", lambda: None)  # it would hold for all tests that follow
    monkeypatch.setattr(cli, "start_log", lambda: bug_log.start_log(bug_log.log_path()))
    for holder in (sys, threading):
        monkeypatch.setattr(holder, "excepthook", holder.excepthook)
    root, before = logging.getLogger(), list(logging.getLogger().handlers)
    yield tmp_path / "log" / "hallclient.log"
    for handler in [one for one in root.handlers if one not in before]:
        root.removeHandler(handler)
        handler.close()


Said = tuple[int, str, str]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Runs a command as the console script does; returns exit code, standard output and standard error."""

    def run_one(*arguments: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["hallclient", *map(os.fspath, map(str, arguments))])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run_one


def doing(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Puts a command `doctor` that does `act` in the place of the real one."""
    app = typer.Typer()
    app.callback()(lambda: None)
    app.command("doctor")(act)
    monkeypatch.setattr(cli, "_app", lambda _: app)


@pytest.mark.expects_log("bug_log: bug")
def test_success_a_negative_answer_a_failure_and_a_bug(
    run: Callable[..., Said], monkeypatch: pytest.MonkeyPatch, log: Path
) -> None:
    doing(monkeypatch, lambda: answer({"fine": True}, ["fine"], False))
    assert run("doctor") == (0, "fine\n", "")
    doing(monkeypatch, lambda: answer({"fine": False}, [], True, positive=False))
    code, out, err = run("doctor")
    assert (code, json.loads(out), err) == (1, {"fine": False}, "")

    def fail() -> None:
        raise KnownError(FailureCode.DISK_FULL, "store.db")

    doing(monkeypatch, fail)
    code, out, err = run("doctor", "--json")
    assert (code, out) == (2, "")

    def stumble() -> None:
        raise ValueError(RARE_NAME)

    doing(monkeypatch, stumble)
    code, out, err = run("doctor")
    assert (code, out) == (3, "")
    first, remedy, cause, path = err.splitlines()
    assert (remedy, cause) == (FAILURES[FailureCode.INTERNAL_ERROR].remedy, FAILURES[FailureCode.INTERNAL_ERROR].cause)
    assert Path(path) == log
    number = first.removeprefix("internal_error: ").removesuffix(" (ValueError)")
    assert f"bug {number}\nValueError\n" in log.read_text("utf-8")
    assert RARE_NAME not in err + log.read_text("utf-8")


def test_no_room_in_the_computer_is_no_bug(run: Callable[..., Said], monkeypatch: pytest.MonkeyPatch) -> None:
    def open_one_more() -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    doing(monkeypatch, open_one_more)
    code, out, err = run("doctor")
    assert (code, out, err.splitlines()[0]) == (2, "", "computer_exhausted: EMFILE")


def test_a_wrong_use_is_a_bad_input(run: Callable[..., Said]) -> None:
    for arguments in (("verify",), ("verify", "--nonsense"), ("queue", "nonsense"), ("hall", "create")):
        code, out, err = run(*arguments)
        assert (code, out) == (2, ""), arguments
        assert err.startswith("input_invalid"), arguments


@pytest.mark.parametrize("encoding", ["gbk", "ascii", "cp1252"])
def test_a_character_that_the_console_lacks_ends_nothing(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for as_json in (True, False):
        written = io.BytesIO()
        stream = io.TextIOWrapper(written, encoding=encoding)
        monkeypatch.setattr(sys, "stdout", stream)
        monkeypatch.setattr(sys, "argv", ["hallclient", "doctor"])
        doing(monkeypatch, lambda as_json=as_json: answer({"name": RARE_NAME}, [f"name: {RARE_NAME}"], as_json))
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == 0
        text = written.getvalue()
        if as_json:
            assert json.loads(text.decode("utf-8")) == {"name": RARE_NAME}
        else:
            assert text.decode(encoding).startswith("name: ")
            assert "?" in text.decode(encoding)


def test_a_full_disk_behind_the_output_is_said(run: Callable[..., Said], monkeypatch: pytest.MonkeyPatch) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    doing(monkeypatch, lambda: answer({}, ["line"], False))
    full = Path("/dev/full").open("w")  # noqa: SIM115
    monkeypatch.setattr(sys, "stdout", full)
    code, _, err = run("doctor")
    monkeypatch.undo()
    full.close()  # nothing is left in it that cannot be written
    assert code == 2
    assert err.startswith("disk_full")


NO_FILES = ("absent", "folder", "binary", "empty", "inside a file")


def no_file(kind: str, tmp_path: Path) -> Path:
    """What somebody may name by mistake."""
    path = tmp_path / f"{kind}.given"
    if kind == "folder":
        path.mkdir()
    elif kind in ("binary", "empty"):
        path.write_bytes(bytes(range(256)) * 8 if kind == "binary" else b"")
    elif kind == "inside a file":
        path.write_bytes(b"")
        path /= "file"
    return path


# Each option of each command that names a file or a folder; GIVEN is what the test puts there.
HERE = ("--hall", "h", "--channel", "c", "--counter", "3", "--device", "d")
COMMANDS = (
    ("card", "decode", "GIVEN"),
    ("card", "decode", "RECORD", "--portrait", "GIVEN"),
    ("face", "match", "GIVEN", "GIVEN"),
    ("face", "evaluate", "GIVEN"),
    ("face", "liveness", "GIVEN", "--challenges", "blink"),
    ("verify", "GIVEN"),
    ("verify", "FOLDER", "--roots", "GIVEN"),
    ("queue", "status", "--data", "GIVEN", "--staff", "1001"),
    ("queue", "send", "--data", "GIVEN", "--staff", "1001"),
    ("audit", "verify", "--data", "GIVEN", "--staff", "1001"),
    ("hall", "enrol", "GIVEN", "--url", "https://centre.example", "--data", "HALL"),
    ("hall", "invite", "1009", "--role", "administrator", "--word", "GIVEN", "--data", "HALL", "--staff", "9001"),
    ("central", "enrol", "--data", "CENTRE", "--request", "GIVEN", *HERE, "--out", "OUT"),
)
# What a command can do with such a thing after all.
NEGATIVE = {("card", "decode", "RECORD", "--portrait", "GIVEN"): 0, ("verify", "GIVEN"): 1}


@pytest.mark.parametrize("kind", NO_FILES)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_what_is_no_file_is_said_and_never_a_bug(
    command: tuple[str, ...],
    kind: str,
    tmp_path: Path,
    run: Callable[..., Said],
    monkeypatch: pytest.MonkeyPatch,
    ready: Path,
) -> None:
    monkeypatch.setenv("HALLCLIENT_PASSWORD", PASSWORD)
    given = no_file(kind, tmp_path)
    places = {
        "GIVEN": given,
        "FOLDER": ready / "package",
        "RECORD": ready / "record.bin",
        "HALL": ready / "hall",
        "CENTRE": ready / "centre",
        "OUT": tmp_path / "out.json",
    }
    code, out, err = run(*(places.get(word, word) for word in command))
    allowed = {2, NEGATIVE.get(command, 2)}
    assert code in allowed, err
    if code == 2:
        assert out == ""
        assert err.split(":")[0].split("\n")[0] in set(FailureCode)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hall, a centre's folder, a card's record and a folder for a package."""
    folder = tmp_path_factory.mktemp("ready")
    create_hall(folder / "hall", PLACE, "device-1", False, FIRST_ADMINISTRATOR, HandClock(), SystemEntropy())
    (folder / "package").mkdir()
    (folder / "record.bin").write_bytes(b" \0" * 128)
    return folder


def test_verify_names_foreign_files_apart_and_a_folder_of_roots(tmp_path: Path) -> None:
    """As the operator's IT runs it."""
    (tmp_path / "Thumbs.db").write_bytes(b"of the system")
    done = subprocess.run(
        (sys.executable, "-m", "hallclient", "verify", tmp_path, "--roots", tmp_path, "--json"),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("trust_roots_missing")
