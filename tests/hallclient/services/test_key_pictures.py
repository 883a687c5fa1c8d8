"""Key pictures: of which checks they are, and what is kept of the camera's picture."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image as Pillow

from hallclient.devices import Frame, Image
from hallclient.domain.evidence.facts.key_pictures import (
    KEY_PICTURE_FILES,
    KEY_PICTURE_PX,
    MOST_KEY_PICTURE_BYTES,
)
from hallclient.domain.failures import BugError
from hallclient.domain.liveness import UNTOLD, Challenge, Height, Refusal
from hallclient.services.key_pictures import encode_key_picture, key_pictures
from hallclient.services.liveness import LivenessResult
from hallclient.services.pictures import decode_photo
from tests.acted import acted

NOISE = np.random.default_rng(3)


def noise(height: int, width: int) -> Image:
    """What no JPEG makes small: worse than any camera."""
    return NOISE.integers(0, 255, (height, width, 3), np.uint8)


def ended(refusal: Refusal | None) -> LivenessResult:
    """A nod and a turn, of a camera whose clock has run for a while."""
    heights = (
        (Height(Challenge.NOD, 1000.50049, 1001.25, 0.412345), Frame(1001.25, noise(48, 64))),
        (Height(Challenge.TURN_LEFT, 1003.0, 1004.0, 0.2), Frame(1004.0, noise(48, 64))),
    )
    return LivenessResult(refusal is None, refusal, (), 0.9, 0.8, 15.0, heights=heights, begun_s=1000.0)


@pytest.mark.parametrize(
    "picture",
    [noise(480, 640), noise(2160, 3840), noise(1, 1), noise(3000, 20), acted(Challenge.TURN_LEFT)],
    ids=["640x480", "4K", "one pixel", "narrow", "a face"],
)
def test_no_picture_is_larger_than_is_said(picture: Image) -> None:
    data = encode_key_picture(picture)
    assert len(data) <= MOST_KEY_PICTURE_BYTES
    kept = decode_photo(data)
    assert max(kept.shape[:2]) <= min(KEY_PICTURE_PX, max(picture.shape[:2]))
    across, down = kept.shape[1] / picture.shape[1], kept.shape[0] / picture.shape[0]
    assert across == pytest.approx(down, rel=0.2) or min(kept.shape[:2]) < 8  # whole, and of its shape


def test_of_a_camera_it_is_as_sharp_as_it_was_seen() -> None:
    """A face's picture keeps its size, its colours and nearly each of its values."""
    picture = acted(Challenge.TURN_LEFT)
    data = encode_key_picture(picture)
    kept = decode_photo(data)
    assert kept.shape == picture.shape
    assert np.abs(kept.astype(int) - picture).mean() < 2
    assert Pillow.open(BytesIO(data)).format == "JPEG"
    assert len(data) < MOST_KEY_PICTURE_BYTES // 2


@pytest.mark.parametrize("refusal", [None, *Refusal])
def test_only_a_check_that_tells_of_the_person_has_pictures(refusal: Refusal | None) -> None:
    listed, files = key_pictures(ended(refusal), ())
    if refusal in UNTOLD:
        assert (listed, files) == ((), {})
        return
    assert [(one.challenge, one.asked_s, one.at_s, one.amount) for one in listed] == [
        (Challenge.NOD, 0.5, 1.25, 0.4123),
        (Challenge.TURN_LEFT, 3.0, 4.0, 0.2),
    ]
    assert [one.file for one in listed] == list(files) == list(KEY_PICTURE_FILES[:2])


def test_no_file_that_is_listed_is_written_over() -> None:
    """Its facts may still be those that count, if the program ends before the next are kept."""
    listed, files = key_pictures(ended(None), KEY_PICTURE_FILES[:1] + KEY_PICTURE_FILES[2:7])
    assert [one.file for one in listed] == list(files) == [KEY_PICTURE_FILES[1], KEY_PICTURE_FILES[7]]
    with pytest.raises(BugError):
        key_pictures(ended(None), KEY_PICTURE_FILES[:7])
