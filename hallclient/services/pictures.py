"""Stored pictures: JPEG for the live photo, decoded back to BGR arrays."""

from io import BytesIO

from PIL import Image as Pillow

from hallclient.devices import Image
from hallclient.domain.failures import FailureCode
from hallclient.picture_decoding import decode_picture

_JPEG_QUALITY = 92


def encode_photo(picture: Image) -> bytes:
    """A BGR picture as JPEG."""
    data = BytesIO()
    Pillow.fromarray(picture[:, :, ::-1]).save(data, "JPEG", quality=_JPEG_QUALITY)
    return data.getvalue()


def decode_photo(data: bytes) -> Image:
    """The BGR picture of `encode_photo`. Raises evidence_damaged."""
    return decode_picture(data, FailureCode.EVIDENCE_DAMAGED, ("JPEG",))
