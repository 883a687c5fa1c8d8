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

# How a file begins and ends. A decoder would fill what is missing at the end with grey.
_MARKS = {
    "JPEG": (b"\xff\xd8\xff", b"\xff\xd9"),
    "PNG": (b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"),
}


class OpenPortraitDecoder:
    """Fulfils `hallclient.devices.PortraitDecoder` for WebP, JPEG and PNG, padded with zeros or not."""

    def decode(self, portrait: bytes) -> Image | None:
        """BGR picture; None for every other format. Raises KnownError: portrait_unreadable for a damaged picture."""
        if portrait[:4] == b"RIFF" and portrait[8:12] == b"WEBP":
            # The container knows its length; what follows is padding.
            return _decode(portrait[: 8 + unpack_from("<I", portrait, 4)[0]], "WEBP")
        for form, (start, end) in _MARKS.items():
            if portrait.startswith(start):
                whole = portrait.rstrip(b"\0")
                if not whole.endswith(end):
                    raise KnownError(FailureCode.PORTRAIT_UNREADABLE, f"{form}: cut off")
                return _decode(whole, form)
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
