"""The chip's portrait as a picture, where its format is an open one.

Real chips hold WLT, a closed format that only a vendor's library decodes (`vendor_portrait`). Practice cards hold an
open one. The data's own signature decides.
"""

from hallclient.devices import Image, PortraitDecoder
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.portrait_format import portrait_format, without_padding
from hallclient.picture_decoding import decode_picture

# A portrait is 102x126. Far beyond that, 1,024 bytes describe nothing but a way to fill the memory.
_LARGEST_SIDE_PX = 1024


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
        form = portrait_format(portrait)
        if not form.is_open:
            return None
        whole = without_padding(portrait)
        if whole is None:
            raise KnownError(FailureCode.PORTRAIT_UNREADABLE, f"{form}: cut off")
        return decode_picture(whole, FailureCode.PORTRAIT_UNREADABLE, (form.upper(),), _LARGEST_SIDE_PX)
