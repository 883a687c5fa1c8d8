"""The key pictures of a check for a live face: which are kept, and as what."""

from collections.abc import Collection, Mapping
from io import BytesIO

import numpy as np
from PIL import Image as Pillow

from hallclient.devices import Image
from hallclient.domain.evidence.facts.key_pictures import (
    KEY_PICTURE_FILES,
    KEY_PICTURE_PX,
    MOST_KEY_PICTURE_BYTES,
    KeyPicture,
)
from hallclient.domain.failures import BugError
from hallclient.domain.liveness import UNTOLD
from hallclient.services.liveness import LivenessResult

# Longest side and JPEG quality, the first that is small enough: a camera's picture of a face is with the first.
_SIZES = ((KEY_PICTURE_PX, 85), (KEY_PICTURE_PX, 70), (KEY_PICTURE_PX, 50), (480, 50), (320, 50), (240, 40))


def key_pictures(result: LivenessResult, taken: Collection[str]) -> tuple[tuple[KeyPicture, ...], Mapping[str, bytes]]:
    """What the facts list of a check that is over, and by the names of their files, none `taken`, the JPEG pictures.

    It encodes, some milliseconds for each challenge: for when nobody is looked at any more. None of a check that told
    nothing of the person.
    """
    if result.refusal in UNTOLD:
        return (), {}
    free = [name for name in KEY_PICTURE_FILES if name not in taken]
    listed = tuple(
        KeyPicture(
            file=name,
            challenge=height.challenge,
            asked_s=round(height.asked_s - result.begun_s, 3),
            at_s=round(height.at_s - result.begun_s, 3),
            amount=round(height.amount, 4),
        )
        for name, (height, _) in zip(free, result.heights, strict=False)
    )
    if len(listed) < len(result.heights):
        raise BugError("more key pictures than attempts can have")
    contents = [encode_key_picture(frame.image) for _, frame in result.heights]
    return listed, dict(zip(free, contents, strict=False))


def encode_key_picture(picture: Image) -> bytes:
    """A BGR picture as JPEG, whole, no larger than `KEY_PICTURE_PX` and `MOST_KEY_PICTURE_BYTES`."""
    height, width = picture.shape[:2]
    pixels = np.ascontiguousarray(picture)
    whole = Pillow.frombuffer("RGB", (width, height), pixels, "raw", "BGR", 0, 1)  # a fifth of the time of an array's
    for side_px, quality in _SIZES:
        share = min(1.0, side_px / max(width, height))
        size = max(1, round(width * share)), max(1, round(height * share))
        data = BytesIO()
        whole.resize(size, Pillow.Resampling.BOX).save(data, "JPEG", quality=quality)
        if data.tell() <= MOST_KEY_PICTURE_BYTES:
            return data.getvalue()
    raise BugError("a picture that no JPEG makes small")
