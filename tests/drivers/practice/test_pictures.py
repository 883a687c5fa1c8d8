from hashlib import sha256
from importlib import resources

import numpy as np
import pytest

from drivers.practice.idcard.portrait_encoder import PORTRAIT_SIZE
from drivers.practice.pictures import Scene, live_picture, portrait

FOLDER = resources.files("assets") / "practice"


def test_the_portrait_has_a_chips_proportions() -> None:
    picture = portrait()
    assert picture.dtype == np.uint8
    assert picture.shape == (3 * PORTRAIT_SIZE[1], 3 * PORTRAIT_SIZE[0], 3)


@pytest.mark.parametrize("scene", Scene)
def test_a_scene_is_what_a_camera_sees(scene: Scene) -> None:
    picture = live_picture(scene)
    assert picture.dtype == np.uint8
    assert picture.shape == (480, 640, 3)


def test_each_picture_is_another_one() -> None:
    assert len({sha256(picture.tobytes()).digest() for picture in map(live_picture, Scene)}) == len(Scene)


def test_nothing_lies_there_that_is_not_used_and_told() -> None:
    said = (FOLDER / "README.md").read_text("utf-8")
    pictures = {file.name for file in FOLDER.iterdir()} - {"README.md"}
    assert pictures == {"guo_card.png", *(scene.value for scene in Scene)}
    assert all(name in said for name in pictures)
    assert "CC0" in said
    assert sum(len((FOLDER / name).read_bytes()) for name in pictures) < 400_000
