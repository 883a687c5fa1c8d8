"""Stored pictures: JPEG for the live photo, decoded back to BGR arrays."""

import cv2
import numpy as np

from hallclient.devices import Image
from hallclient.domain.failures import BugError, FailureCode, KnownError

_JPEG_QUALITY = 92


def encode_photo(picture: Image) -> bytes:
    """A BGR picture as JPEG."""
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    if not done:
        raise BugError("a camera picture could not be encoded")
    return data.tobytes()


def decode_photo(data: bytes) -> Image:
    """The BGR picture of `encode_photo`. Raises evidence_damaged."""
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise KnownError(FailureCode.EVIDENCE_DAMAGED, "live photo")
    return np.asarray(picture, np.uint8)
