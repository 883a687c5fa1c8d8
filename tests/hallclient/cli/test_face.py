"""`hallclient face match` and `hallclient face evaluate`."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow
from typer.testing import CliRunner

from drivers.face.dlib_encoder import DLIB_SHA256
from drivers.face.models import MODEL_SHA256
from drivers.practice.idcard.portrait_encoder import encode_portrait
from drivers.practice.pictures import Scene, live_picture, portrait
from hallclient import settings
from hallclient.cli.face import app
from hallclient.devices import Image
from hallclient.domain.failures import FailureCode, KnownError

THRESHOLDS = """engine = "sface"
match = {match}
doubt = 0.01
false_accept_rate = 0.01
dataset = "a test"
measured_on = "2026-11-22"
"""


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def printed(*arguments: object) -> tuple[int, dict[str, Any]]:
    result = run(*arguments, "--json")
    assert result.exit_code in {0, 1}, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return result.exit_code, document


def refusal(*arguments: object) -> KnownError:
    error = run(*arguments).exception
    assert isinstance(error, KnownError)
    return error


def encoded(picture: Image, form: str = "PNG", **options: object) -> bytes:
    data = BytesIO()
    Pillow.fromarray(picture[:, :, ::-1]).save(data, form, **options)
    return data.getvalue()


def seen(scene: Scene) -> Image:
    return np.asarray(cv2.resize(live_picture(scene), (640, 480), interpolation=cv2.INTER_AREA), np.uint8)


@pytest.fixture
def card(tmp_path: Path) -> Path:
    path = tmp_path / "card.bin"
    path.write_bytes(encode_portrait(portrait()))
    return path


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    path.write_bytes(encoded(seen(Scene.HOLDER)))
    return path


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    """An index of two people: one with a card and two photos, one with a card and the picture it was cut from."""
    stranger = live_picture(Scene.STRANGER)
    pictures = {
        ("one", "card", "one.webp"): encode_portrait(portrait()),
        ("one", "photo", "one_a.png"): encoded(seen(Scene.HOLDER)),
        ("one", "photo", "one_b.png"): encoded(seen(Scene.HOLDER_ELSEWHERE)),
        ("two", "card", "two.webp"): encode_portrait(stranger[:, 200:790]),
        ("two", "photo-of-card", "two.png"): encoded(seen(Scene.STRANGER)),
    }
    path = tmp_path / "index.csv"
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(("group", "identity", "role", "file"))
        for (person, role, name), data in pictures.items():
            (tmp_path / name).write_bytes(data)
            table.writerow(("practice", person, role, name))
    return path


@pytest.mark.parametrize(("engine", "models"), [("sface", MODEL_SHA256), ("dlib", DLIB_SHA256)])
def test_the_holder_and_a_stranger(card: Path, photo: Path, engine: str, models: dict[str, str]) -> None:
    _, holder = printed("match", card, photo, "--engine", engine)
    assert (holder["engine"], holder["model"]) == (engine, models)
    assert set(holder["thresholds"]) == {"match", "doubt", "false_accept_rate", "dataset", "measured_on"}
    photo.write_bytes(encoded(seen(Scene.STRANGER)))
    code, stranger = printed("match", card, photo, "--engine", engine)
    assert (code, stranger["decision"]) == (1, "mismatched")
    assert stranger["score"] < holder["score"] - 0.1


def test_a_match_ends_with_0_and_plain_lines(card: Path, photo: Path) -> None:
    result = run("match", card, photo)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == "decision: matched"
    assert printed("match", card, photo)[0] == 0


def test_a_card_may_be_a_picture_of_any_size(card: Path, photo: Path) -> None:
    card.write_bytes(encoded(portrait(), "JPEG", quality=90))
    assert printed("match", card, photo) == (0, printed("match", card, photo)[1])


@pytest.mark.parametrize("data", [bytes(1024), b"WLf\0" + bytes(1020)], ids=["without a portrait", "WLT, no library"])
def test_a_chip_without_a_usable_portrait(card: Path, photo: Path, data: bytes) -> None:
    card.write_bytes(data)
    code, document = printed("match", card, photo)
    assert (code, document["decision"], document["score"]) == (1, "no_portrait", None)


def rgba(picture: Image) -> bytes:
    return encoded_as(picture, "RGBA")


def encoded_as(picture: Image, mode: str, form: str = "PNG") -> bytes:
    data = BytesIO()
    Pillow.fromarray(picture[:, :, ::-1]).convert(mode).save(data, form)
    return data.getvalue()


def sixteen_bit(picture: Image) -> bytes:
    data = BytesIO()
    Pillow.fromarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.uint16) * 257).save(data, "PNG")
    return data.getvalue()


def turned(picture: Image) -> bytes:
    exif = Pillow.Exif()
    exif[0x0112] = 6  # turn by 90 degrees to see it upright
    return encoded(np.ascontiguousarray(np.rot90(picture)), "JPEG", exif=exif, quality=95)


@pytest.mark.parametrize(
    "kind",
    [
        rgba,
        lambda picture: encoded_as(picture, "L"),
        lambda picture: encoded_as(picture, "P"),
        lambda picture: encoded_as(picture, "CMYK", "JPEG"),
        sixteen_bit,
        turned,
        lambda picture: encoded(cv2.resize(picture, (1920, 1440), interpolation=cv2.INTER_CUBIC), "JPEG"),
    ],
    ids=["RGBA", "grey", "palette", "CMYK", "16 bit", "EXIF", "large"],
)
def test_odd_pictures_of_the_holder_still_match(card: Path, photo: Path, kind: Callable[[Image], bytes]) -> None:
    photo.write_bytes(kind(seen(Scene.HOLDER)))
    assert printed("match", card, photo)[1]["decision"] == "matched"


@pytest.mark.parametrize(
    ("picture", "decision"),
    [
        (lambda: np.full((480, 640, 3), 90, np.uint8), "no_face"),
        (lambda: np.zeros((1, 1, 3), np.uint8), "no_face"),
        (lambda: np.hstack([seen(Scene.HOLDER), seen(Scene.STRANGER)]), "several_faces"),
        (lambda: np.vstack([np.hstack([cv2.resize(seen(Scene.HOLDER), (320, 240))] * 5)] * 4), "several_faces"),
    ],
    ids=["none", "one pixel", "two", "twenty"],
)
def test_photos_without_one_face(card: Path, photo: Path, picture: Callable[[], Image], decision: str) -> None:
    photo.write_bytes(encoded(picture()))
    code, document = printed("match", card, photo)
    assert (code, document["decision"], document["score"]) == (1, decision, None)


def test_pictures_that_cannot_be_read(card: Path, photo: Path, tmp_path: Path) -> None:
    whole = photo.read_bytes()
    broken = tmp_path / "broken"
    for data in (b"", b"no picture", whole[: len(whole) // 2], bytes(5000)):
        broken.write_bytes(data)
        assert refusal("match", card, broken).code is FailureCode.PICTURE_UNREADABLE
        assert refusal("match", broken, photo).code is FailureCode.PICTURE_UNREADABLE
    for wrong, words in (("CARD", (tmp_path / "missing.png", photo)), ("PHOTO", (card, tmp_path / "missing.png"))):
        assert str(refusal("match", *words)) == f"file_missing: {wrong}: No such file or directory"
    for path in (tmp_path, Path("/dev/zero")):
        assert refusal("match", card, path).code is FailureCode.PICTURE_UNREADABLE
        assert refusal("match", path, photo).code is FailureCode.PICTURE_UNREADABLE
    broken.write_bytes(encode_portrait(portrait())[:300])
    assert refusal("match", broken, photo).code is FailureCode.PORTRAIT_UNREADABLE


def test_thresholds_of_ones_own(card: Path, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "face" / "sface.toml"
    own.parent.mkdir()
    own.write_text(THRESHOLDS.format(match=0.99))
    code, document = printed("match", card, photo, "--thresholds", own)
    assert (code, document["decision"], document["thresholds"]["match"]) == (1, "doubtful", 0.99)
    # The same file where an administrator would put it.
    monkeypatch.setattr(settings, "ADMINISTRATORS_FOLDER", tmp_path)
    monkeypatch.setattr(settings, "_ROOT_UID", os.getuid())
    for path in (tmp_path, own.parent, own):
        path.chmod(path.stat().st_mode & ~0o022)
    assert printed("match", card, photo)[1] == document
    own.write_text(THRESHOLDS.format(match="nan"))
    assert refusal("match", card, photo).code is FailureCode.THRESHOLDS_INVALID
    assert refusal("match", card, photo, "--thresholds", tmp_path / "no.toml").code is FailureCode.FILE_MISSING


@pytest.mark.attack(
    "T6", "XDG_CONFIG_DIRS with a threshold of -0.99", answer="decided as before: not by these thresholds"
)
def test_a_users_environment_decides_nothing(
    card: Path, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T6: with a threshold of -0.99 a stranger was the holder."""
    before = printed("match", card, photo)
    own = tmp_path / "hallclient" / "face" / "sface.toml"
    own.parent.mkdir(parents=True)
    own.write_text(THRESHOLDS.format(match=-0.99))
    for variable in ("XDG_CONFIG_DIRS", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    assert printed("match", card, photo) == before


def test_an_engine_that_is_not_here(card: Path, photo: Path, faces: Path) -> None:
    assert refusal("match", card, photo, "--engine", "another").code is FailureCode.FACE_ENGINE_MISSING
    assert refusal("evaluate", faces, "--engine", "another").code is FailureCode.FACE_ENGINE_MISSING


def test_a_command_fails_with_2_and_its_code_on_stderr_alone(card: Path, photo: Path, tmp_path: Path) -> None:
    path = tmp_path / "Somebody_Known.png"
    path.write_bytes(b"no picture")
    done = subprocess.run(
        (sys.executable, "-m", "hallclient", "face", "match", os.fspath(card), os.fspath(path), "--json"),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("picture_unreadable")
    assert "Somebody" not in done.stderr


def test_evaluating_every_engine(faces: Path) -> None:
    code, document = printed("evaluate", faces, "--rounds", 20)
    assert code == 0
    assert [result["engine"] for result in document["results"]] == ["sface", "dlib"]
    assert document["engines"]["sface"]["model"] == MODEL_SHA256
    for result in document["results"]:
        assert (result["group"], result["pictures"], result["no_face"]) == ("practice", 5, 0)
        # One card meets its two photos; both cards meet all of the other person's; no card meets its own picture.
        assert (result["genuine"], result["impostor"]) == (2, 3)
        assert (result["auc"], result["eer"]) == (1, 0)
        for power in ("1e-2", "1e-3", "1e-4"):
            assert result[f"fnmr_at_fmr_{power}"] == 0
            assert -1 <= result[f"threshold_at_fmr_{power}"] <= 1
        assert result["fmr_resolution"] == pytest.approx(1 / 3)
        assert result["beyond_resolution"] == ["1e-2", "1e-3", "1e-4"]


def test_one_engine_and_one_group_in_plain_lines(faces: Path) -> None:
    lines = run("evaluate", faces, "--engine", "sface", "--group", "practice", "--rounds", 0).stdout.splitlines()
    assert lines[0] == "practice, sface: 2 genuine and 3 impostor pairs"
    assert any(line.split() == ["auc", "1.0000"] for line in lines)
    assert "too few impostor pairs" in lines[-1]
    assert refusal("evaluate", faces, "--group", "another").code is FailureCode.INPUT_INVALID


def test_a_picture_without_a_face_is_counted(faces: Path) -> None:
    (faces.parent / "one_a.png").write_bytes(encoded(np.full((480, 640, 3), 90, np.uint8)))
    (result,) = printed("evaluate", faces, "--engine", "sface", "--rounds", 0)[1]["results"]
    assert (result["no_face"], result["genuine_without_face"], result["impostor_without_face"]) == (1, 1, 1)
    assert result["fnmr_at_fmr_1e-3"] == 0.5
    assert result["auc_interval"] is None


def test_bad_indexes(faces: Path) -> None:
    lines = faces.read_text().splitlines()

    def code_of(*rows: str) -> tuple[FailureCode, str]:
        faces.write_text("\n".join(rows) + "\n")
        error = refusal("evaluate", faces, "--engine", "sface")
        return error.code, error.detail

    assert code_of(*lines[:2], *lines[4:]) == (FailureCode.INPUT_INVALID, "group practice: no genuine pairs")
    assert code_of(*lines[:2]) == (FailureCode.INPUT_INVALID, "group practice: no photo")
    assert code_of(lines[0], lines[2]) == (FailureCode.INPUT_INVALID, "group practice: no card")
    assert code_of(*lines[:4]) == (FailureCode.INPUT_INVALID, "group practice: no impostor pairs")
    assert code_of(lines[0]) == (FailureCode.INPUT_INVALID, "INDEX: the index is empty")
    for path in faces.parent.glob("*.*"):
        if path != faces:
            path.write_bytes(b"no picture")
    assert code_of(*lines) == (FailureCode.PICTURE_UNREADABLE, "group practice: no row is a picture, from row 2")


def test_a_bad_picture_is_counted_with_its_row_and_the_others_are_measured(faces: Path) -> None:
    (faces.parent / "one_a.png").write_bytes(b"no picture")
    code, document = printed("evaluate", faces, "--engine", "sface", "--rounds", 0)
    (result,) = document["results"]
    assert (code, result["unreadable"], result["no_face"], result["pictures"]) == (0, [3], 1, 5)
    assert result["genuine_without_face"] == 1
    (faces.parent / "one.webp").write_bytes(bytes(1024))  # a chip without a portrait
    done = run("evaluate", faces, "--engine", "sface", "--rounds", 0)
    assert "  no picture in the rows 2, 3" in done.stdout.splitlines()
