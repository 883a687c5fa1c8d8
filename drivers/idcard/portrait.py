"""The chip's portrait as a picture, where its format is an open one.

Real chips hold WLT, a closed format that only a vendor's library decodes. Practice cards hold an open one. The data's
own signature decides.
"""

from io import BytesIO
from struct import unpack_from

import numpy as np
from PIL import Image as Pillow

from hallclient.devices import Image
from hallclient.domain.failures import FailureCode, KnownError

# A portrait is 102x126. Far beyond that, 1,024 bytes describe nothing but a way to fill the memory.
_LARGEST_SIDE_PX = 1024

# What Pillow raises for bytes that it cannot read; the warning only where warnings are errors.
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, Pillow.DecompressionBombError, Pillow.DecompressionBombWarning)

_JPEG_START, _JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
_PNG_START = b"\x89PNG\r\n\x1a\n"


class OpenPortraitDecoder:
    """Fulfils `hallclient.devices.PortraitDecoder` for WebP, JPEG and PNG, padded with zeros or not."""

    def decode(self, portrait: bytes) -> Image | None:
        """BGR picture; None for every other format. Raises KnownError: portrait_unreadable for a damaged picture."""
        if portrait[:4] == b"RIFF" and portrait[8:12] == b"WEBP":
            # The container knows its length; what follows is padding.
            return _decode(portrait[: 8 + unpack_from("<I", portrait, 4)[0]], "WEBP")
        if portrait.startswith(_JPEG_START):
            whole = portrait.rstrip(b"\0")
            if not whole.endswith(_JPEG_END):  # a decoder fills what is missing with grey
                raise KnownError(FailureCode.PORTRAIT_UNREADABLE, "JPEG: cut off")
            return _decode(whole, "JPEG")
        if portrait.startswith(_PNG_START):
            return _decode(portrait, "PNG")
        return None


def _decode(data: bytes, form: str) -> Image:
    try:
        with Pillow.open(BytesIO(data), formats=[form]) as picture:
            if max(picture.size) > _LARGEST_SIDE_PX:  # known before anything is unpacked
                raise KnownError(FailureCode.PORTRAIT_UNREADABLE, f"{form}: {picture.size} px")
            rgb = np.asarray(picture.convert("RGB"))
    except _DAMAGE as error:
        raise KnownError(FailureCode.PORTRAIT_UNREADABLE, f"{form}: {type(error).__name__}") from None
    return np.ascontiguousarray(rgb[:, :, ::-1])
