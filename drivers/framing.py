"""What crosses the pipes between the application and a process of its own.

A frame is its kind (1 byte), its length (4, big-endian), its payload. No pickle: what comes out of a frame is bytes,
whatever the other side became.
"""

import os
import struct
import sys
from typing import BinaryIO

_HEADER = struct.Struct(">BI")

Payload = bytes | memoryview


def send(stream: BinaryIO, kind: int, *parts: Payload) -> None:
    """Write one frame to an unbuffered stream, which may take it in pieces. Raises BrokenPipeError."""
    for part in (_HEADER.pack(kind, sum(len(part) for part in parts)), *parts):
        rest = memoryview(part)
        while rest:
            rest = rest[stream.write(rest) :]


def receive(stream: BinaryIO, most_bytes: int | None = None) -> tuple[int, bytes]:
    """Read one frame from a buffered stream.

    Raises EOFError when the other side is gone, ValueError when a payload of more than `most_bytes` is announced.
    """
    kind, length = _HEADER.unpack(_exactly(stream, _HEADER.size))
    if most_bytes is not None and length > most_bytes:
        raise ValueError("a frame is too long")
    return kind, _exactly(stream, length)


def private_stdout() -> BinaryIO:
    """The pipe of a process's answers, for its frames alone: whatever a library prints goes to stderr."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers


def _exactly(stream: BinaryIO, length: int) -> bytes:
    data = stream.read(length)
    if len(data) != length:
        raise EOFError
    return data
