"""Pictures of nothing, as a camera and a chip give them."""

from functools import lru_cache
from io import BytesIO

import numpy as np
from PIL import Image


@lru_cache
def photo(seed: int = 0, side_px: int = 200) -> bytes:
    """A JPEG of coarse noise that no other seed gives."""
    noise = np.random.default_rng(seed).integers(0, 255, (16, 16, 3), np.uint8)
    data = BytesIO()
    Image.fromarray(noise).resize((side_px, side_px)).save(data, "JPEG", quality=92)
    return data.getvalue()


def commented(jpeg: bytes, comment: bytes = b"another file") -> bytes:
    """The same picture in other bytes."""
    return jpeg[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + jpeg[2:]


@lru_cache
def chip_portrait() -> bytes:
    """1,024 bytes with a WebP of 102x126 in them."""
    data = BytesIO()
    Image.new("RGB", (102, 126), (200, 190, 180)).save(data, "WEBP", quality=50)
    assert len(data.getvalue()) <= 1024
    return data.getvalue().ljust(1024, b"\0")
