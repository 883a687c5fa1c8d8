"""Stored pictures: JPEG for the live photo, decoded back to BGR arrays."""

import cv2

from hallclient.devices import Image
from hallclient.domain.failures import BugError, FailureCode
from hallclient.picture_decoding import decode_picture

_JPEG_QUALITY = 92


def encode_photo(picture: Image) -> bytes:
    """A BGR picture as JPEG."""
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    if not done:
        raise BugError("a camera picture could not be encoded")
    return data.tobytes()


def decode_photo(data: bytes) -> Image:
    """The BGR picture of `encode_photo`. Raises evidence_damaged."""
    return decode_picture(data, FailureCode.EVIDENCE_DAMAGED, ("JPEG",))
