"""`hallclient face liveness`."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from drivers.practice.actor import Pose
from drivers.practice.performance import Performer
from drivers.practice.pictures import Scene
from hallclient.cli.face_liveness import liveness
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.liveness import Challenge
from tests.attacks.kit import actor
from tests.attacks.video_file import halved, write_video

pytestmark = pytest.mark.usefixtures("looked_at_once")

RATE_HZ = 15
NEVER_ASKED = ("blink,blink", "nod, nod", "blink,nod,blink", "nod,blink,turn_left")


def run(*arguments: object) -> Any:
    app = typer.Typer()
    app.command()(liveness)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The holder opens the mouth and then turns to the left."""
    person = Performer(actor(Scene.HOLDER), 11, Pose(scale=0.95))
    person.perform(Challenge.OPEN_MOUTH, 0.6)
    person.perform(Challenge.TURN_LEFT, 3.2)
    pictures = (halved(person.picture(index / RATE_HZ)) for index in range(6 * RATE_HZ))
    return write_video(tmp_path_factory.mktemp("video") / "person.mp4", pictures, RATE_HZ)


def test_a_person_who_does_what_was_asked_is_live(video: Path) -> None:
    result = run(video, "--challenges", "open_mouth, turn_left", "--json")
    document = json.loads(result.stdout)
    assert (result.exit_code, document["live"], document["reason"]) == (0, True, None)
    assert [done["challenge"] for done in document["done"]] == ["open_mouth", "turn_left"]
    assert document["likeness"] > 0.8
    assert 0.5 < document["hint"] <= 1


def test_the_same_video_is_no_answer_to_other_challenges(video: Path) -> None:
    result = run(video, "--challenges", "turn_right,blink", "--json")
    document = json.loads(result.stdout)
    assert (result.exit_code, document["live"]) == (1, False)
    assert document["reason"] == "wrong_movement"
    assert (document["done"], document["likeness"]) == ([], None)


def test_in_words_it_says_the_same(video: Path) -> None:
    result = run(video, "--challenges", "turn_right")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[:2] == ["live: no", "reason: wrong_movement"]


@pytest.mark.parametrize(("seconds", "reason"), [(0.8, "too_slow"), (4.0, "frozen")])
def test_a_still_picture_is_not_live(tmp_path: Path, seconds: float, reason: str) -> None:
    still = actor(Scene.HOLDER).picture(Pose())
    path = write_video(tmp_path / "still.avi", [still] * round(seconds * RATE_HZ), RATE_HZ)
    document = json.loads(run(path, "--challenges", "blink,turn_left", "--json").stdout)
    assert (document["live"], document["reason"]) == (False, reason)


def test_without_a_face_it_is_lost(tmp_path: Path) -> None:
    noise = np.random.default_rng(1)
    pictures = (noise.integers(100, 130, (480, 640, 3), np.uint8) for _ in range(12))
    path = write_video(tmp_path / "wall.mp4", pictures, RATE_HZ)
    assert json.loads(run(path, "--challenges", "nod", "--json").stdout)["reason"] == "face_lost"


@pytest.mark.parametrize("challenges", ["", ",", "blink,", "smile", "BLINK", "blink turn_left", *NEVER_ASKED])
def test_challenges_that_nobody_asks_for_are_refused(video: Path, challenges: str) -> None:
    error = run(video, "--challenges", challenges).exception
    assert isinstance(error, KnownError)
    assert error.code is FailureCode.INPUT_INVALID
    assert "turn_left" in error.detail


def test_what_is_no_video_is_refused(tmp_path: Path, video: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("no video")
    (tmp_path / "cut.mp4").write_bytes(video.read_bytes()[:3000])
    cv2.imwrite(str(tmp_path / "picture.png"), np.zeros((48, 64, 3), np.uint8))
    for name in ("absent.mp4", "empty.mp4", "text.mp4", "cut.mp4", "."):
        error = run(tmp_path / name, "--challenges", "blink").exception
        assert isinstance(error, KnownError), name
        assert error.code is (FailureCode.FILE_MISSING if name == "absent.mp4" else FailureCode.INPUT_INVALID)
        assert error.detail.startswith("VIDEO: ")
        assert name not in error.detail.removeprefix("VIDEO: ") or name == "."
    assert run(tmp_path / "picture.png", "--challenges", "blink").exit_code == 1
