import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.face.detector import DetectedFace
from drivers.face.quality import face_quality
from hallclient.devices import Image


def face_at(left: float, top: float, width: float, nose_off: float = 0.0) -> DetectedFace:
    """A face whose height is 1.3 times its width; `nose_off` in eye distances."""
    middle, eyes = left + width / 2, width / 2
    points = [
        (middle - eyes / 2, top + width * 0.5),
        (middle + eyes / 2, top + width * 0.5),
        (middle + nose_off * eyes, top + width * 0.8),
        (middle - eyes / 3, top + width),
        (middle + eyes / 3, top + width),
    ]
    return DetectedFace(np.array([left, top, width, width * 1.3, *np.ravel(points), 0.9], np.float32))


def noise(mean: int = 128) -> Image:
    random = np.random.default_rng(3)
    return np.clip(random.normal(mean, 40, (480, 640, 3)), 0, 255).astype(np.uint8)


GOOD = face_quality(noise(), face_at(245, 140, 150))


def test_a_good_face_is_near_one() -> None:
    assert 0.9 < GOOD <= 1


@pytest.mark.parametrize(
    ("image", "face"),
    [
        (noise(), face_at(310, 200, 40)),
        (noise(), face_at(10, 10, 150)),
        (noise(), face_at(245, 140, 150, nose_off=0.3)),
        (cv2.GaussianBlur(noise(), (0, 0), 8), face_at(245, 140, 150)),
        (noise(20), face_at(245, 140, 150)),
        (noise(250), face_at(245, 140, 150)),
    ],
    ids=["far", "in the corner", "turned", "blurred", "dark", "glaring"],
)
def test_each_fault_lowers_it(image: Image, face: DetectedFace) -> None:
    assert face_quality(image, face) < GOOD - 0.05


@given(
    st.tuples(st.integers(1, 60), st.integers(1, 60)),
    st.floats(-200, 200),
    st.floats(-200, 200),
    st.floats(0, 400),
    st.floats(-3, 3),
)
def test_it_is_between_zero_and_one_wherever_the_face_lies(
    size: tuple[int, int], left: float, top: float, width: float, nose_off: float
) -> None:
    image = np.full((*size, 3), 128, np.uint8)
    assert 0 <= face_quality(image, face_at(left, top, width, nose_off)) <= 1
