"""The one place where the bytes of a picture from outside become pixels."""

from collections.abc import Sequence
from io import BytesIO

import numpy as np
from PIL import Image as Pillow

from hallclient.devices import Image
from hallclient.domain.failures import FailureCode, KnownError

LARGEST_PIXELS = 50_000_000  # of a photograph: 150 MB once unpacked
LARGEST_BYTES = 64 * 2**20  # of a file

# BMP is what the programs of readers' vendors write beside JPEG.
_FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "BMP")

# What turns a picture upright, by EXIF's orientation (tag 0x0112).
_ORIENTATION_TAG = 0x0112
_TURNS = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT,
    3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM,
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_270,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_90,
}

# What Pillow raises for bytes that it cannot read; a warning only where warnings are errors.
DAMAGE = (
    OSError,
    RuntimeError,  # AVIF
    SyntaxError,
    ValueError,
    EOFError,
    Pillow.DecompressionBombError,
    Warning,
)


def decode_picture(
    data: bytes,
    code: FailureCode = FailureCode.PICTURE_UNREADABLE,
    formats: Sequence[str] = _FORMATS,
    largest_side_px: int | None = None,
) -> Image:
    """The picture in `data` as BGR, height x width x 3, uint8: upright by its EXIF data, on white where transparent.

    16 bits become 8; grey, palette and CMYK become colours; of a sequence it is the first picture.
    Raises KnownError with `code` for what is no whole picture in one of `formats` (as Pillow names them), or is larger
    than `LARGEST_PIXELS` or `largest_side_px`; both are known before anything is unpacked.
    """
    try:
        with Pillow.open(BytesIO(data), formats=tuple(formats)) as picture:
            width, height = picture.size
            if width * height > LARGEST_PIXELS or max(width, height) > (largest_side_px or LARGEST_PIXELS):
                raise KnownError(code, f"{picture.format}: {width}x{height} px")
            rgb = np.asarray(_colours(_upright(picture)))
    except DAMAGE as error:
        raise KnownError(code, f"{'/'.join(formats)}: {type(error).__name__}") from None
    return np.ascontiguousarray(rgb[:, :, ::-1])


def _upright(picture: Pillow.Image) -> Pillow.Image:
    """As `ImageOps.exif_transpose`, which also writes all EXIF data anew and fails at any of it that is damaged."""
    turn = _TURNS.get(picture.getexif().get(_ORIENTATION_TAG, 1))
    return picture if turn is None else picture.transpose(turn)


def _colours(picture: Pillow.Image) -> Pillow.Image:
    if picture.mode.startswith("I"):  # 16-bit grey: Pillow's own conversion would cut it off at 255
        return Pillow.fromarray((np.asarray(picture, np.uint32) >> 8).astype(np.uint8)).convert("RGB")
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        return Pillow.alpha_composite(Pillow.new("RGBA", layer.size, "white"), layer).convert("RGB")
    return picture.convert("RGB")
