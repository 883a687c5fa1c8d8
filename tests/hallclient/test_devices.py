import numpy as np
import pytest

from hallclient.devices import is_bgr


@pytest.mark.parametrize(
    ("image", "holds"),
    [
        (np.zeros((480, 640, 3), np.uint8), True),
        (np.zeros((1, 1, 3), np.uint8), True),
        (np.zeros((0, 640, 3), np.uint8), True),
        (np.zeros((480, 640, 4), np.uint8), False),
        (np.zeros((480, 640), np.uint8), False),
        (np.zeros((1, 480, 640, 3), np.uint8), False),
        (np.zeros((480, 640, 3), np.float32), False),
        (np.zeros((480, 640, 3), np.int8), False),
        ([[[0, 0, 0]]], False),
        (b"\0\0\0", False),
        (None, False),
    ],
)
def test_a_picture_is_height_by_width_by_three_bytes(image: object, holds: bool) -> None:
    assert is_bgr(image) is holds
