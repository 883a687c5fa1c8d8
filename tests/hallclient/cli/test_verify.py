"""`hallclient verify` has words for every question, says whose root it trusts, and reads no more than it must."""

import datetime as dt
import json
import os
import shutil
import time
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from PIL import Image as Pillow

from hallclient.domain.failures import KnownError
from hallclient.domain.inspection_question import Question
from hallclient.domain.revocations import sign_revocations
from hallclient.services.access import OpenHall, iso
from hallclient.storage import sessions
from hallclient.storage.sessions import StoredSession
from tests.clock import HandClock
from tests.command_line import hallclient
from tests.hallclient.cli.given_package import given_package
from tests.halls import PLACE, make_hall, open_hall
from tests.packages import NOW, CountedEntropy, build_package, make_authority
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


def test_what_the_hall_knows_to_be_revoked_or_a_list_that_is_given_decides(tmp_path: Path) -> None:
    entropy = CountedEntropy()
    root = make_authority(entropy)
    centre_key = X25519PrivateKey.from_private_bytes(entropy.token(32)).public_key()
    device = root.device(entropy)
    package = build_package(tmp_path / "package", device, centre_key, entropy).folder
    hall = tmp_path / "hall"
    hall.mkdir()
    roots = hall / "roots.pem"
    roots.write_bytes(root.certificate.public_bytes(Encoding.PEM))

    def listed(name: Path, number: int, at: dt.datetime) -> None:
        serials = {device.certificate.serial_number: at}
        name.write_bytes(sign_revocations(root.issuer, root.issuer_key, serials, number, NOW).to_pem())

    def said(*options: str) -> dict[str, Any]:
        done = hallclient("verify", str(package), "--json", *options)
        found: dict[str, Any] = json.loads(done.stdout)
        assert done.returncode == (0 if found["holds"] else 1)
        return found

    by_hall, by_roots = ("--data", str(hall)), ("--roots", str(roots))
    assert (said(*by_hall)["holds"], said(*by_hall)["revocations"]) == (True, None)
    listed(hall / "revocations.crl", 7, NOW - dt.timedelta(days=1))
    listed(tmp_path / "later.crl", 8, NOW + dt.timedelta(days=1))
    found = said(*by_hall)
    assert [(row["file"], row["question"]) for row in found["checks"] if not row["holds"]] == [
        ("manifest.sig", "signers_not_revoked")
    ]
    assert found["revocations"] == {"file": str(hall / "revocations.crl"), "number": 7, "issued_at": iso(NOW)}
    assert said(*by_roots)["holds"]  # it is the hall's roots that its list belongs to
    assert not said(*by_roots, "--revocations", str(hall / "revocations.crl"))["holds"]
    assert said(*by_hall, "--revocations", str(tmp_path / "later.crl"))["revocations"]["number"] == 8


@pytest.mark.parametrize(("content", "code"), [(b"rubbish", "evidence_damaged"), (None, "input_invalid")])
def test_a_list_that_nobody_vouches_for_is_refused(
    content: bytes | None, code: str, given: tuple[Path, Path], tmp_path: Path
) -> None:
    stranger = make_authority(CountedEntropy("stranger"))
    foreign = sign_revocations(stranger.issuer, stranger.issuer_key, {}, 1, NOW).to_pem()
    path = tmp_path / "given.crl"
    path.write_bytes(foreign if content is None else content)
    package, roots = given
    done = hallclient("verify", str(package), "--roots", str(roots), "--revocations", str(path), "--json")
    assert done.returncode == 2
    assert f"{code}: --revocations: " in done.stderr


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


def test_of_too_many_files_beside_a_package_it_says_that_they_are_the_cause(
    given: tuple[Path, Path], tmp_path: Path
) -> None:
    package, roots = given
    crowded = tmp_path / package.name
    shutil.copytree(package, crowded)
    for number in range(10_001):
        (crowded / f"beside-{number}").touch()
    done = hallclient("verify", str(crowded), "--roots", str(roots))
    assert done.returncode != 0
    assert "more than 10000 files: foreign ones, to be taken out; nothing was looked at" in done.stderr
    for path in crowded.glob("beside-*"):
        path.unlink()
    assert hallclient("verify", str(crowded), "--roots", str(roots)).returncode == 0
