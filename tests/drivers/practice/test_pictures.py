from pathlib import Path

import numpy as np
import pytest

from drivers.practice.pictures import PICTURE_SHA256, Scene, live_picture, portrait
from hallclient.domain.failures import FailureCode, KnownError


def test_the_portrait_has_a_chips_proportions() -> None:
    picture = portrait()
    assert picture.dtype == np.uint8
    assert picture.shape == (544, 440, 3)
    assert picture.shape[1] / picture.shape[0] == pytest.approx(102 / 126, abs=0.002)


@pytest.mark.parametrize("scene", Scene)
def test_a_scene_is_whole_and_as_wide_as_a_camera_sees(scene: Scene) -> None:
    picture = live_picture(scene)
    assert picture.shape == (scene.value.height, scene.value.width, 3)
    assert picture.shape[1] / picture.shape[0] == pytest.approx(4 / 3, abs=0.003)


@pytest.mark.parametrize("content", [None, b"another picture"])
def test_a_picture_that_is_missing_or_another_is_told(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        for name in PICTURE_SHA256:
            (tmp_path / name).write_bytes(content)
    for use in (portrait, lambda folder: live_picture(Scene.STRANGER, folder)):
        with pytest.raises(KnownError) as caught:
            use(tmp_path)
        assert caught.value.code is FailureCode.PRACTICE_INPUT_MISSING
