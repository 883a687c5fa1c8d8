import math

import cv2
import numpy as np
import pytest

from drivers.face.analyser import YuNetAnalyser
from drivers.practice.pictures import Scene, live_picture
from hallclient.devices import Image
from hallclient.domain.failures import BugError


@pytest.fixture(scope="module")
def analyser() -> YuNetAnalyser:
    return YuNetAnalyser()


def webcam(scene: Scene) -> Image:
    return cv2.resize(live_picture(scene), (640, 480), interpolation=cv2.INTER_AREA)


def test_the_largest_face_is_seen_where_it_is(analyser: YuNetAnalyser) -> None:
    sight = analyser.look(webcam(Scene.HOLDER))
    assert sight.count == 1
    assert sight.box is not None
    left, top, width, height = sight.box
    assert 220 < left + width / 2 < 420
    assert 100 < top + height / 2 < 320
    assert 80 < width < 250
    assert sight.quality > 0.8


def test_a_huge_picture_shows_the_same_face_at_its_own_scale(analyser: YuNetAnalyser) -> None:
    live = webcam(Scene.HOLDER)
    small = analyser.look(live).box
    huge = analyser.look(cv2.resize(live, None, fx=6, fy=6)).box
    assert small is not None
    assert huge is not None
    assert np.array(huge) / 6 == pytest.approx(np.array(small), abs=10)


def test_two_faces_have_no_quality_and_a_bystander_does_not_count(analyser: YuNetAnalyser) -> None:
    live = webcam(Scene.HOLDER)
    two = analyser.look(np.hstack([live, live]))
    assert (two.count, two.quality) == (2, 0.0)
    live[:96, :128] = cv2.resize(webcam(Scene.STRANGER), (128, 96), interpolation=cv2.INTER_AREA)
    assert analyser.look(live[:96, :128]).count == 1
    assert analyser.look(live).count == 1


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 5000, 3), (5000, 1, 3), (3, 3, 3), (0, 9, 3), (33, 47, 3)])
def test_odd_sizes_show_no_face(analyser: YuNetAnalyser, shape: tuple[int, int, int]) -> None:
    sight = analyser.look(np.full(shape, 77, np.uint8))
    assert (sight.count, sight.box, sight.quality) == (0, None, 0.0)


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((48, 64), np.uint8),
        np.zeros((48, 64, 4), np.uint8),
        np.zeros((48, 64, 3), np.uint16),
        np.full((48, 64, 3), math.nan, np.float32),
    ],
    ids=["grey", "with alpha", "16 bit", "float"],
)
def test_anything_but_bgr_bytes_is_a_bug(analyser: YuNetAnalyser, picture) -> None:
    with pytest.raises(BugError):
        analyser.look(picture)
