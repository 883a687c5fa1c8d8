"""What the application and the practice camera's process say to each other, in `drivers.framing` frames both ways.

To the process, over its stdin: START once, with who is to be shown; PERFORM with the name of a challenge. From it:
READY once it can draw, then a RESULT, a picture, whenever one is due; FAILED ends it.
"""

import struct
from enum import IntEnum

import numpy as np

from drivers.framing import Payload
from hallclient.devices import Frame, Image

# Of START: stops after so many seconds, or NaN. Of a picture: monotonic seconds. Then height, width, their BGR bytes.
_HEAD = struct.Struct(">dII")


class Order(IntEnum):
    """The kind of a frame to the process."""

    START = 1
    PERFORM = 2


def start_payload(still: Image, stops_after_s: float | None) -> tuple[Payload, Payload]:
    """Who is shown (contiguous BGR), and when the camera is to fail."""
    seconds = float("nan") if stops_after_s is None else stops_after_s
    return _HEAD.pack(seconds, *still.shape[:2]), still.data.cast("B")


def start_from(payload: bytes) -> tuple[Image, float | None]:
    """As `start_payload` was given it. Raises struct.error, ValueError when it is cut off."""
    seconds, image = _number_and_image(payload)
    return image, None if np.isnan(seconds) else seconds


def picture_payload(time_s: float, image: Image) -> tuple[Payload, Payload]:
    """A picture that was due at `time_s`."""
    return _HEAD.pack(time_s, *image.shape[:2]), np.ascontiguousarray(image).data.cast("B")


def frame_from(payload: bytes) -> Frame:
    """The picture of a payload; it shares its memory. Raises struct.error, ValueError when it is cut off."""
    return Frame(*_number_and_image(payload))


def _number_and_image(payload: bytes) -> tuple[float, Image]:
    number, height, width = _HEAD.unpack_from(payload)
    image = np.frombuffer(payload, np.uint8, height * width * 3, _HEAD.size).reshape(height, width, 3)
    return number, image
