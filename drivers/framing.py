"""What crosses the pipes between the application and a process of its own.

A frame is its kind (1 byte), its length (4, big-endian), its payload. No pickle: what comes out of a frame is bytes,
whatever the other side became. Each process has its own kinds of what it is told; what it says, over its stdout, is
`Said` by all of them.
"""

import os
import struct
import sys
from collections.abc import Callable
from enum import IntEnum
from types import TracebackType
from typing import BinaryIO

from hallclient.domain.failures import KnownError

_HEADER = struct.Struct(">BI")

Payload = bytes | memoryview


class Said(IntEnum):
    """The kind of a frame from a process."""

    READY = 1  # once, first of all
    RESULT = 2  # what it is there for
    FAILED = 3  # a failure code, and after a space the detail; in place of either
    CRASHED = 4  # the type of an error of ours; the process ends


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


def say_failed(stream: BinaryIO, error: KnownError) -> None:
    """Name a failure to the application."""
    send(stream, Said.FAILED, f"{error.code} {error.detail}".encode())


def crash_teller(stream: BinaryIO) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    """The `sys.excepthook` of a process of ours: it tells the type of an error and nothing else, and ends.

    The text of an error may hold data. The end comes without any clean-up: what failed must not look complete.
    """

    def tell(kind: type[BaseException], _error: BaseException, _trace: TracebackType | None) -> None:
        try:
            send(stream, Said.CRASHED, kind.__name__.encode())
        finally:  # nobody may be listening any more
            os._exit(1)

    return tell


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
