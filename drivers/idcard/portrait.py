"""The chip's portrait as a picture, where its format is an open one.

Real chips hold WLT, a closed format that only a vendor's library decodes (`vendor_portrait`). Practice cards hold an
open one. The data's own signature decides.
"""

from struct import unpack_from

from drivers.idcard.portrait_format import PortraitFormat, portrait_format
from hallclient.devices import Image, PortraitDecoder
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.picture_decoding import decode_picture

# A portrait is 102x126. Far beyond that, 1,024 bytes describe nothing but a way to fill the memory.
_LARGEST_SIDE_PX = 1024

# How a file ends. A decoder would fill what is missing at the end with grey.
_ENDS = {PortraitFormat.JPEG: b"\xff\xd9", PortraitFormat.PNG: b"IEND\xaeB`\x82"}


class PortraitDecoders:
    """Fulfils `hallclient.devices.PortraitDecoder` with several: the first that knows the format."""

    def __init__(self, *decoders: PortraitDecoder) -> None:
        self._decoders = decoders

    def decode(self, portrait: bytes) -> Image | None:
        """As the protocol's; a chip without a portrait (all zeros) is nobody's format."""
        if not any(portrait):
            return None
        pictures = (decoder.decode(portrait) for decoder in self._decoders)
        return next((picture for picture in pictures if picture is not None), None)


class OpenPortraitDecoder:
    """Fulfils `hallclient.devices.PortraitDecoder` for WebP, JPEG, PNG, AVIF and BMP, padded with zeros or not."""

    def decode(self, portrait: bytes) -> Image | None:
        """BGR picture; None for every other format. Raises KnownError: portrait_unreadable for a damaged picture."""
        match portrait_format(portrait):
            case PortraitFormat.WEBP as form:
                # The container knows its length; what follows is padding.
                return _decode(portrait[: 8 + unpack_from("<I", portrait, 4)[0]], form)
            case PortraitFormat.BMP as form:
                # Its length stands in its header, but many programs write 0 there.
                (length,) = unpack_from("<I", portrait, 2)
                if length > len(portrait):
                    raise KnownError(FailureCode.PORTRAIT_UNREADABLE, f"{form}: cut off")
                return _decode(portrait, form)
            case PortraitFormat.AVIF as form:
                return _decode(_without_padding(portrait), form)
            case (PortraitFormat.JPEG | PortraitFormat.PNG) as form:
                whole = portrait.rstrip(b"\0")
                if not whole.endswith(_ENDS[form]):
                    raise KnownError(FailureCode.PORTRAIT_UNREADABLE, f"{form}: cut off")
                return _decode(whole, form)
            case _:
                return None


def _without_padding(boxes: bytes) -> bytes:
    """The boxes of an ISO base media file (ISO/IEC 14496-12); padding reads as a box of size 0, "to the end"."""
    at = 0
    while at + 8 <= len(boxes):
        (size,) = unpack_from(">I", boxes, at)
        if size == 0 and not any(boxes[at:]):
            break
        if size < 8 or at + size > len(boxes):
            raise KnownError(FailureCode.PORTRAIT_UNREADABLE, "AVIF: cut off")
        at += size
    return boxes[:at]


def _decode(data: bytes, form: PortraitFormat) -> Image:
    return decode_picture(data, FailureCode.PORTRAIT_UNREADABLE, (form.upper(),), _LARGEST_SIDE_PX)
