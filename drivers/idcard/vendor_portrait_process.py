"""A vendor's portrait library in a process of its own: `python vendor_portrait_process.py LIBRARY`.

The library is somebody else's native code: it may hang, crash or write beyond its buffer, and then only this process
ends. Run by its path, so that little more than the standard library is loaded. The portrait's bytes come on stdin, the
picture leaves on stdout, both unencrypted and never on the disk:

    1 byte result (0 decoded, 1 the library refused, 2 it cannot be loaded, 3 it wrote too much)
    4 bytes big-endian what the library returned
    on success 38,556 bytes BGR, 126 rows of 102 pixels
"""

import ctypes
import os
import struct
import sys

from hallclient.core_dumps import forbid_attaching, forbid_core_dumps

DECODED, REFUSED, NOT_LOADED, WROTE_TOO_MUCH = range(4)
HEADER = struct.Struct(">Bi")
WIDTH_PX, HEIGHT_PX = 102, 126
PICTURE_LENGTH = WIDTH_PX * HEIGHT_PX * 3
PORTRAIT_LENGTH = 1024

# Some libraries round lines up or add a header. What is written behind the picture is harmless up to here.
_SPARE_LENGTH = 65_536
_GUARD_LENGTH = 65_536
_GUARD = b"\xa5"
_VENDOR = 0
_SUCCESS = 1  # of both functions, as published


def unpack(library: ctypes.CDLL, portrait: bytes) -> tuple[int, int, bytes]:
    """`int unpack(char *src1024, char *dst38556, int vendor)`: result, what the library returned, picture."""
    source = ctypes.create_string_buffer(portrait, PORTRAIT_LENGTH)
    guard_at = PICTURE_LENGTH + _SPARE_LENGTH
    target = ctypes.create_string_buffer(bytes(guard_at) + _GUARD * _GUARD_LENGTH, guard_at + _GUARD_LENGTH)
    library.unpack.restype = ctypes.c_int
    library.unpack.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int)
    returned = int(library.unpack(source, target, _VENDOR))
    if target.raw[guard_at:] != _GUARD * _GUARD_LENGTH:
        return WROTE_TOO_MUCH, returned, b""
    if returned != _SUCCESS:
        return REFUSED, returned, b""
    return DECODED, returned, target.raw[:PICTURE_LENGTH]


def main() -> None:
    """Decode one portrait."""
    forbid_core_dumps()
    forbid_attaching()
    answer_to = os.dup(1)
    os.dup2(2, 1)  # a library that prints must not spoil the answer
    portrait = sys.stdin.buffer.read(PORTRAIT_LENGTH)
    try:
        library = ctypes.CDLL(sys.argv[1])
        library.unpack  # noqa: B018  # raises AttributeError where the library has none
    except (OSError, AttributeError):
        result, returned, picture = NOT_LOADED, 0, b""
    else:
        result, returned, picture = unpack(library, portrait)
    with os.fdopen(answer_to, "wb") as answer:
        answer.write(HEADER.pack(result, returned) + picture)


if __name__ == "__main__":
    main()
