"""What the application and its recorder process say to each other, in `drivers.framing` frames both ways.

To the process, over its stdin: START comes first, then PICTURE and SOUND in any order, then STOP. From the process:
READY, an empty RESULT when the file is begun; an empty one when it begins to finish and each second in which it waits
for the disk; one with the report, as JSON, when the file is whole; FAILED when it knows why it ends.

The data key goes this way and no other: arguments, the environment and files can be read by others.
"""

import os
import struct
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import numpy as np

from drivers.framing import Payload
from hallclient.devices import Frame, Sound
from hallclient.domain.aead_stream import DATA_KEY_BYTES, RANDOM_BYTES
from hallclient.domain.failures import BugError

_PICTURE = struct.Struct(">dII")  # time in seconds, height, width; then height x width x 3 bytes of BGR
_SOUND = struct.Struct(">d")  # time in seconds; then int16 samples in the machine's byte order
_SESSION_BYTES = 36  # a UUID as text
_START = struct.Struct(
    f">I{DATA_KEY_BYTES}s{RANDOM_BYTES}s{_SESSION_BYTES}s"
)  # rate in Hz, key, random, the session's id; then the path as the system encodes it


class Kind(IntEnum):
    """The first byte of a frame."""

    START = 1
    PICTURE = 2
    SOUND = 3
    STOP = 4


@dataclass(frozen=True, slots=True, repr=False)
class StartOrder:
    """Begin a file: where, under which key and random (see `SealedWriter`), the sound's rate, the session."""

    path: Path
    data_key: bytes
    random: bytes
    rate_hz: int
    session: str

    def to_payload(self) -> bytes:
        session = self.session.encode()
        lengths = (len(self.data_key), len(self.random), len(session))
        if lengths != (DATA_KEY_BYTES, RANDOM_BYTES, _SESSION_BYTES):
            raise BugError("a key, a random or a session's id of another length would be padded or cut in silence")
        return _START.pack(self.rate_hz, self.data_key, self.random, session) + os.fsencode(self.path)

    @staticmethod
    def from_payload(payload: bytes) -> "StartOrder":
        rate_hz, data_key, random, session = _START.unpack_from(payload)
        path = Path(os.fsdecode(payload[_START.size :]))
        return StartOrder(path, data_key, random, rate_hz, session.decode())


def picture_payload(frame: Frame) -> tuple[Payload, ...]:
    """The payload of a PICTURE, in parts, so that the picture is not copied."""
    height, width = frame.image.shape[:2]
    return _PICTURE.pack(frame.time_s, height, width), np.ascontiguousarray(frame.image).data.cast("B")


def picture_from(payload: bytes) -> Frame:
    """The picture of a PICTURE's payload; it shares the payload's memory."""
    time_s, height, width = _PICTURE.unpack_from(payload)
    image = np.frombuffer(payload, np.uint8, offset=_PICTURE.size)
    return Frame(time_s, image.reshape(height, width, 3))


def sound_payload(block: Sound) -> tuple[Payload, ...]:
    """The payload of a SOUND, in parts."""
    return _SOUND.pack(block.time_s), np.ascontiguousarray(block.samples).tobytes()


def sound_from(payload: bytes) -> Sound:
    """The block of a SOUND's payload; it shares the payload's memory."""
    return Sound(_SOUND.unpack_from(payload)[0], np.frombuffer(payload, np.int16, offset=_SOUND.size))
