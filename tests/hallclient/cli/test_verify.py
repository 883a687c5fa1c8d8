"""`hallclient verify` has words for every question, says whose root it trusts, and reads no more than it must."""

import json
import os
import shutil
import time
import tomllib
from importlib import resources
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from PIL import Image as Pillow

from hallclient.domain.failures import KnownError
from hallclient.domain.inspection_question import Question
from hallclient.services.access import OpenHall, iso
from hallclient.storage import sessions
from hallclient.storage.sessions import StoredSession
from tests.clock import HandClock
from tests.command_line import hallclient
from tests.hallclient.cli.given_package import given_package
from tests.halls import PLACE, make_hall, open_hall
from tests.plans import todays_plan

HUGE_BYTES = 10 * 2**30


def test_every_question_has_its_words() -> None:
    words = tomllib.loads((resources.files("assets") / "commands.toml").read_text("utf-8"))["questions"]
    assert words.keys() == {question.value for question in Question}
    assert len(set(words.values())) == len(words)


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A package that holds, and the root that it holds under."""
    return given_package(tmp_path_factory.mktemp("given"))


@pytest.mark.attack("minor", "verify with roots that are not named")
def test_the_hall_named_with_data_lends_its_roots_and_the_answer_says_which(
    given: tuple[Path, Path], tmp_path: Path
) -> None:
    package, roots = given
    centre = make_hall(tmp_path / "hall", HandClock())
    (tmp_path / "own").mkdir()
    shutil.copy(roots, tmp_path / "own" / "roots.pem")
    expected = {
        tmp_path / "own": (0, x509.load_pem_x509_certificate(roots.read_bytes())),
        tmp_path / "hall": (1, centre.root),
    }
    for hall, (code, root) in expected.items():
        done = hallclient("verify", str(package), "--data", str(hall), "--json")
        assert done.returncode == code
        sha256 = root.fingerprint(SHA256()).hex()
        said = json.loads(done.stdout)
        assert said["roots"] == {"file": str(hall / "roots.pem"), "sha256": [sha256]}
        assert said["hall"] == {"folder": str(hall.resolve()), "name": None if code == 0 else PLACE.hall}
        lines = hallclient("verify", str(package), "--data", str(hall)).stdout
        assert str(hall / "roots.pem") in lines
        assert sha256 in lines
        assert f"使用的营业厅: {'-' if code == 0 else PLACE.hall}, {hall.resolve()}" in lines
    with_roots = hallclient("verify", str(package), "--roots", str(roots), "--data", str(tmp_path / "hall"), "--json")
    assert json.loads(with_roots.stdout)["hall"] is None  # none was used


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sig", "receipt.json", "receipt.sig", "recording.enc"])
@pytest.mark.attack("T13", "a sparse file of many GB")
def test_a_huge_file_does_not_hold_and_is_not_read(name: str, given: tuple[Path, Path], tmp_path: Path) -> None:
    package, roots = given
    copy = shutil.copytree(package, tmp_path / "package")
    if name == "receipt.sig":
        (copy / "receipt.json").write_bytes(b"{}")
    with (copy / name).open("ab") as file:
        file.truncate(HUGE_BYTES)
    if (copy / name).stat().st_blocks * 512 > HUGE_BYTES // 2:
        pytest.skip("no sparse files here")
    begun_s = time.process_time()
    done = hallclient("verify", str(copy), "--roots", str(roots), "--json")
    assert done.returncode == 1, done.stderr
    assert name in json.loads(done.stdout)["failed"]
    assert time.process_time() - begun_s < 5  # 10 GiB alone take longer than that to be digested


def test_a_destroyed_key_is_no_damage(tmp_path: Path) -> None:
    clock = HandClock()
    make_hall(tmp_path / "hall", clock)
    hall: OpenHall = open_hall(tmp_path / "hall", clock)
    with pytest.raises(KnownError, match="session_unknown"):
        hall.data_key("019c0000-0000-7000-8000-000000000000")
    stored = StoredSession("s", todays_plan(), "13800000021", "1001", iso(clock.now()))
    with hall.database.transaction() as tables:
        sessions.insert(tables, stored, b"wrapped")
        sessions.destroy_data_key(tables, "s")
    with pytest.raises(KnownError, match="data_key_destroyed"):
        hall.data_key("s")
    hall.close()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("card", "decode", "FIFO"), "input_invalid"),
        (("verify", "PACKAGE", "--roots", "FIFO"), "trust_roots_missing"),
        (("face", "match", "FIFO", "FIFO"), "picture_unreadable"),
        (("face", "match", "PICTURE", "PICTURE", "--thresholds", "FIFO"), "thresholds_invalid"),
        (("face", "liveness", "FIFO", "--challenges", "blink"), "input_invalid"),
        (("face", "evaluate", "FIFO"), "input_invalid"),
        (("hall", "enrol", "FIFO", "--url", "https://centre.example", "--data", "HALL"), "input_invalid"),
        (("queue", "status", "--data", "PIPED"), "store_unreadable"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_a_pipe_is_refused_at_once(
    command: tuple[str, ...], code: str, given: tuple[Path, Path], tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "piped").mkdir()
    os.mkfifo(tmp_path / "piped" / "hall.json")
    Pillow.new("RGB", (64, 64)).save(tmp_path / "picture.png")
    places = {
        "FIFO": tmp_path / "fifo",
        "PIPED": tmp_path / "piped",
        "PICTURE": tmp_path / "picture.png",
        "PACKAGE": given[0],
        "HALL": tmp_path / "hall",
    }
    done = hallclient(*(str(places.get(word, word)) for word in command))
    assert done.returncode == 2
    assert done.stderr.startswith(code)
