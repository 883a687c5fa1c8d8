"""Puts a picture onto a practice card, in an open format within the chip's 1,024 bytes."""

from functools import lru_cache
from io import BytesIO

import numpy as np
from PIL import Image as Pillow
from PIL import ImageOps

from drivers.idcard.sam import PORTRAIT_LENGTH
from hallclient.devices import Image
from hallclient.domain.failures import BugError, FailureCode, KnownError

PORTRAIT_SIZE = (102, 126)  # width, height in pixels, as on a real chip (GA/T 490)


def encode_portrait(picture: Image) -> bytes:
    """`picture` (BGR) as 102x126 WebP of the best quality that fits, padded with zeros to 1,024 bytes.

    The middle of the picture is kept where its shape differs. Raises KnownError: input_invalid for an empty picture.
    """
    if picture.size == 0:
        raise KnownError(FailureCode.INPUT_INVALID, "empty portrait")
    rgb = Pillow.fromarray(np.ascontiguousarray(picture[:, :, ::-1]))
    small = ImageOps.fit(rgb, PORTRAIT_SIZE, Pillow.Resampling.LANCZOS)
    return _fitting(small.tobytes())


@lru_cache(maxsize=8)  # few people practise, and each card of theirs has the same picture
def _fitting(rgb: bytes) -> bytes:
    small = Pillow.frombytes("RGB", PORTRAIT_SIZE, rgb)
    # From the best downwards, not by halving: the length does not grow evenly with the quality.
    for quality in range(100, -1, -1):
        webp = BytesIO()
        small.save(webp, "WEBP", quality=quality, method=6)
        if webp.tell() <= PORTRAIT_LENGTH:
            return webp.getvalue().ljust(PORTRAIT_LENGTH, b"\0")
    raise BugError("even the worst quality is too long")  # noise fits at the worst quality
