"""What the application and its face process say to each other, in `drivers.framing` frames both ways.

To the process, over its stdin, one at a time: LOOK with one picture and the numbers of pictures, COMPARE with the
portrait and the live pictures, LIKENESS with the pictures, RELIEF with the face at rest and moved, WATCH with the
glances at all pictures since the last WATCH (WATCH_ANEW: with all that are to be known, by a process that knows none or
others). From the process: READY once the models are loaded, then a RESULT to each question, as JSON, or FAILED in its
place.

A picture that was looked at has a number, and the process remembers what the look found of it for as long as LOOK
gives that number. COMPARE_KNOWN, LIKENESS_KNOWN and RELIEF_KNOWN name pictures by it in place of sending them again.
Where one is not remembered, as by a process that was started since, the RESULT is `UNKNOWN`, and the pictures are sent.

FORGET and PREPARE have no answer, so that nobody need wait for them. After FORGET the process knows nothing of anybody
it has seen; PREPARE names pictures that it will be asked to compare.

Pictures go through the pipe and not through shared memory: 1.0 ms against 0.05 ms for 640x480, 3.1 against 0.1 ms for
1280x720 (medians of 100, a 2-core machine), which is little beside the 20 to 40 ms that looking takes. A pipe needs no
name under /dev/shm, and whoever is killed leaves nothing behind.
"""

import struct
from collections.abc import Sequence
from enum import IntEnum

import numpy as np
from pydantic import TypeAdapter

from drivers.framing import Payload
from hallclient.devices import FaceSight, Glance, Image
from hallclient.domain.comparison import Comparison, Thresholds
from hallclient.domain.liveness import Relief
from hallclient.domain.repetition import Repetition

_SIZE = struct.Struct(">II")  # height, width; then height x width x 3 bytes of BGR
_COUNT = struct.Struct(">I")  # of numbers; then as many of `_NUMBER`
_NUMBER = struct.Struct(">Q")
_GLANCE = struct.Struct(">dI")  # seconds, bytes; then as many samples

UNKNOWN = b""
"""The answer to a question about a picture that is not remembered."""

SIGHT = TypeAdapter(FaceSight)
COMPARISON = TypeAdapter(Comparison)
LIKENESS = TypeAdapter(float | None)
RELIEFS: TypeAdapter[tuple[Relief | None, ...]] = TypeAdapter(tuple[Relief | None, ...])
THRESHOLDS = TypeAdapter(Thresholds)
REPETITION = TypeAdapter(Repetition | None)


class Request(IntEnum):
    """The kind of a frame to the process."""

    LOOK = 1
    COMPARE = 2
    LIKENESS = 3
    RELIEF = 4
    WATCH = 5
    WATCH_ANEW = 6
    COMPARE_KNOWN = 7
    LIKENESS_KNOWN = 8
    RELIEF_KNOWN = 9
    FORGET = 10
    PREPARE = 11


def pictures_payload(images: Sequence[Image]) -> list[Payload]:
    """BGR pictures in parts, so that a picture is not copied."""
    parts: list[Payload] = []
    for image in images:
        parts += (_SIZE.pack(*image.shape[:2]), np.ascontiguousarray(image).data.cast("B") if image.size else b"")
    return parts


def pictures_from(payload: Payload) -> list[Image]:
    """The pictures of a payload; they share its memory. Raises struct.error, ValueError when it is cut off."""
    images: list[Image] = []
    at = 0
    while at < len(payload):
        height, width = _SIZE.unpack_from(payload, at)
        at += _SIZE.size
        images.append(np.frombuffer(payload, np.uint8, height * width * 3, at).reshape(height, width, 3))
        at += height * width * 3
    return images


def numbers_payload(numbers: Sequence[int]) -> bytes:
    """Numbers of pictures."""
    return _COUNT.pack(len(numbers)) + b"".join(_NUMBER.pack(number) for number in numbers)


def numbers_from(payload: bytes) -> tuple[list[int], memoryview]:
    """The numbers that a payload begins with, and the rest of it. Raises struct.error when it is cut off."""
    (count,) = _COUNT.unpack_from(payload)
    end = _COUNT.size + count * _NUMBER.size
    numbers = [_NUMBER.unpack_from(payload, at)[0] for at in range(_COUNT.size, end, _NUMBER.size)]
    return numbers, memoryview(payload)[end:]


def glances_payload(glances: Sequence[Glance]) -> list[Payload]:
    """Glances in parts."""
    return [_GLANCE.pack(glance.time_s, len(glance.samples)) + glance.samples for glance in glances]


def glances_from(payload: bytes) -> list[Glance]:
    """The glances of a payload. Raises struct.error when it is cut off."""
    glances: list[Glance] = []
    at = 0
    while at < len(payload):
        time_s, length = _GLANCE.unpack_from(payload, at)
        at += _GLANCE.size
        glances.append(Glance(time_s, payload[at : at + length]))
        at += length
    return glances
