"""What is said of a wrong word on the command line fits it: which option or argument, what is wrong, what to do."""

import os
from pathlib import Path

import pytest
from PIL import Image as Pillow

from hallclient.domain.failures import FAILURES, FailureCode
from hallclient.domain.liveness import Challenge
from hallclient.system import SystemClock, SystemEntropy
from hallclient.wiring.practice_hall import practice_hall
from tests.command_line import hallclient
from tests.hallclient.cli.given_package import given_package

HERE = ("--hall", "h", "--channel", "c", "--counter", "3", "--device", "d")
NOTHING = "No such file or directory"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one good thing of each kind, and with bad ones."""
    folder = tmp_path_factory.mktemp("place")
    (folder / "made").mkdir()
    package, roots = given_package(folder / "made")
    package.rename(folder / "package")
    roots.rename(folder / "roots.pem")
    (folder / "practice").mkdir()
    practice_hall(folder / "practice", SystemClock(), SystemEntropy()).rename(folder / "hall")
    Pillow.new("RGB", (64, 64)).save(folder / "picture.png")
    (folder / "bad.bin").write_bytes(bytes(99))
    (folder / "empty").mkdir()
    (folder / "other").mkdir()
    (folder / "other" / "letter.txt").touch()
    return folder


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("card decode no.bin", f"file_missing: RECORD: {NOTHING}"),
        ("card decode bad.bin", "input_invalid: RECORD: record of 99 bytes instead of 256"),
        ("face match no.png picture.png", f"file_missing: CARD: {NOTHING}"),
        ("face match picture.png no.png", f"file_missing: PHOTO: {NOTHING}"),
        ("face match picture.png bad.bin", "picture_unreadable: PHOTO: JPEG/PNG/WEBP/AVIF/BMP: UnidentifiedImageError"),
        ("face match picture.png picture.png --thresholds no.toml", f"file_missing: no.toml: {NOTHING}"),
        ("face liveness no.mp4 --challenges nod", f"file_missing: VIDEO: {NOTHING}"),
        (
            "face liveness bad.bin --challenges blink,blink",
            f"input_invalid: --challenges: one or two different of {', '.join(Challenge)}, with commas",
        ),
        ("face liveness bad.bin --challenges nod", "input_invalid: VIDEO: the video file cannot be decoded"),
        ("face evaluate no.csv", f"file_missing: INDEX: {NOTHING}"),
        ("verify package --roots no.pem", f"file_missing: --roots: no.pem: {NOTHING}"),
        ("verify package --roots bad.bin", "trust_roots_missing: --roots: no certificate in the file"),
        ("verify package --data no", "hall_missing: no hall.json in no"),
        ("verify package --data bad.bin", "hall_missing: no hall.json in bad.bin"),
        ("verify no --roots roots.pem", "package_missing: no"),
        ("verify bad.bin --roots roots.pem", "package_missing: bad.bin"),
        ("verify empty --roots roots.pem", "package_missing: empty"),
        ("verify other --roots roots.pem", "package_missing: other"),
        ("queue status --data no", "hall_missing: no hall.json in no"),
        ("audit verify --data empty", "hall_missing: no hall.json in empty"),
        ("run --data no", "hall_missing: no hall.json in no"),
        (
            "queue status --data hall --staff 1001",
            "input_invalid: no password: set HALLCLIENT_PASSWORD or use a terminal",
        ),
        ("hall enrol no.json --url https://c.example --data hall", f"file_missing: ANSWER_FILE no.json: {NOTHING}"),
        (
            "central enrol --data c --request no.pem --hall h --channel c --counter 3 --device d --out o.json",
            f"file_missing: --request no.pem: {NOTHING}",
        ),
    ],
)
def test_what_is_wrong_is_said(command: str, said: str, place: Path) -> None:
    environment = os.environ | {"HALLCLIENT_PASSWORD": "", "QT_QPA_PLATFORM": "offscreen"}
    done = hallclient(*command.split(), folder=place, environment=environment)
    first, remedy, cause = done.stderr.splitlines()
    failure = FAILURES[FailureCode(said.partition(":")[0])]
    assert (done.returncode, done.stdout, first) == (2, "", said)
    assert (remedy, cause) == (failure.remedy, failure.cause)
    assert not (place / "c").exists()


def test_a_word_of_the_centre_that_is_not_there(place: Path) -> None:
    invite = ("hall", "invite", "9002", "--role", "administrator", "--data", "hall", "--staff", "9001")
    done = hallclient(*invite, "--word", "no.json", folder=place)
    assert (done.returncode, done.stderr.splitlines()[0]) == (2, f"file_missing: --word no.json: {NOTHING}")


@pytest.mark.parametrize(
    "command",
    [
        ("card", "decode", ""),
        ("card", "decode", "picture.png", "--portrait", ""),
        ("face", "match", "", "picture.png"),
        ("face", "match", "picture.png", "picture.png", "--thresholds", ""),
        ("face", "evaluate", ""),
        ("face", "liveness", "", "--challenges", "nod"),
        ("verify", "package", "--roots", ""),
        ("hall", "enrol", "", "--url", "https://c.example"),
        ("hall", "invite", "1009", "--role", "clerk", "--word", ""),
        ("central", "enrol", "--data", "c", "--request", "", *HERE, "--out", "o"),
        ("central", "enrol", "--data", "c", "--request", "r", *HERE, "--out", ""),
    ],
    ids=" ".join,
)
def test_an_empty_path_is_none(command: tuple[str, ...], place: Path) -> None:
    done = hallclient(*command, folder=place)
    assert (done.returncode, done.stderr.splitlines()[0]) == (2, "input_invalid: an empty path")


def test_a_package_that_lost_its_manifest_does_not_hold_and_is_one(place: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in (place / "package").iterdir():
        if path.name != "manifest.json":
            (copy / path.name).write_bytes(path.read_bytes())
    assert hallclient("verify", str(copy), "--roots", str(place / "roots.pem")).returncode == 1


@pytest.mark.parametrize(
    ("command", "hints"),
    [
        (
            ("rehearse",),
            [
                "用法：hallclient rehearse --out PATH",
                "写法：--out PATH  Folder for the practice hall, its centre and what comes out.  [required]",
                "全部写法：hallclient rehearse --help",
            ],
        ),
        (
            ("central", "enrol", "--data", "c", "--request", "r", *HERE),
            [
                (
                    "用法：hallclient central enrol --data PATH --request PATH --hall <str> --channel <str>"
                    " --counter <str> --device <str> --out PATH"
                ),
                "写法：--out PATH  Where to write the answer for the hall.  [required]",
                "全部写法：hallclient central enrol --help",
            ],
        ),
        (("verify", "--wrong"), ["用法：hallclient verify PACKAGE", "全部写法：hallclient verify --help"]),
        (("queue", "wrong"), ["用法：hallclient queue COMMAND", "全部写法：hallclient queue --help"]),
        (("wrong",), ["用法：hallclient COMMAND", "全部写法：hallclient --help"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_how_a_command_is_typed(command: tuple[str, ...], hints: list[str]) -> None:
    done = hallclient(*command)
    first, _, _, *said = done.stderr.splitlines()
    assert first.startswith("input_invalid: ")
    assert (done.returncode, done.stdout, said) == (2, "", hints)


@pytest.mark.parametrize("command", [(), ("queue",), ("card",)], ids=repr)
def test_a_command_that_has_others_behind_it_says_which_and_nothing_else(command: tuple[str, ...]) -> None:
    done = hallclient(*command)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.rstrip() == hallclient(*command, "--help").stdout.rstrip()
    assert "Usage: " in done.stdout
