"""The frames of a reader's security module (SAM_A), as pure bytes. Source: GA/T 467, and 11 published frames.

    AA AA AA 96 69 | LEN, 2 bytes, big-endian | body | XOR

LEN counts the body and the XOR byte; XOR covers LEN and the body. A command's body is `CMD PARA data`, a reply's is
`SW1 SW2 SW3 data`.

Fingerprints are never asked for: their command (30 10) has no name here, so nobody can send it.
"""

import struct
from dataclasses import dataclass
from enum import Enum, IntEnum

PREAMBLE = bytes.fromhex("AAAAAA9669")
TEXT_LENGTH = 256
PORTRAIT_LENGTH = 1024
PORTRAIT_LENGTHS = (PORTRAIT_LENGTH, 0)  # a chip may hold no portrait
NEW_ADDRESS_LENGTH = 70

_SHORTEST_LENGTH = 3  # CMD PARA XOR
_FINGERPRINT_LENGTH = 1024
# SW1-3, three 16-bit lengths, text, portrait, fingerprints, XOR: no reply is longer, and one that another program asked
# for may still be in the line. Without a limit one damaged length would swallow the next 64 KiB.
_LONGEST_LENGTH = 3 + 6 + TEXT_LENGTH + PORTRAIT_LENGTH + _FINGERPRINT_LENGTH + 1


class Command(Enum):
    """CMD and PARA of what a SAM can be asked."""

    RESET = b"\x10\xff"
    STATUS = b"\x11\xff"
    SAM_NUMBER = b"\x12\xff"
    FIND = b"\x20\x01"
    SELECT = b"\x20\x02"
    READ = b"\x30\x01"
    READ_NEW_ADDRESS = b"\x30\x03"
    BAUD_115200 = b"\x60\x00"
    BAUD_57600 = b"\x60\x01"
    BAUD_38400 = b"\x60\x02"
    BAUD_19200 = b"\x60\x03"
    BAUD_9600 = b"\x60\x04"


# Bits per second that each command orders. READ: these five rates and the parameters 00 to 04 (wenku.csdn.net/doc/
# 60or7iqp7z); BELIEF: that they come in this order, from the fastest to the slowest.
BAUD_RATES: dict[Command, int] = {
    Command.BAUD_115200: 115_200,
    Command.BAUD_57600: 57_600,
    Command.BAUD_38400: 38_400,
    Command.BAUD_19200: 19_200,
    Command.BAUD_9600: 9_600,
}


class Status(IntEnum):
    """SW3 of a reply."""

    OK = 0x90
    FOUND = 0x9F
    CHECKSUM_WRONG = 0x10
    LENGTH_WRONG = 0x11
    COMMAND_WRONG = 0x21
    COMMAND_UNKNOWN = 0x24
    CARD_REFUSES_READER = 0x31
    READER_REFUSES_CARD = 0x32
    VERIFICATION_FAILED = 0x33
    CARD_WRONG = 0x40
    READ_FAILED = 0x41
    RANDOM_FAILED = 0x47
    SELF_TEST_FAILED = 0x60
    UNAUTHORISED = 0x66
    FIND_FAILED = 0x80
    SELECT_FAILED = 0x81
    NO_SUCH_ITEM = 0x91


class FrameError(Exception):
    """Bytes that are no frame. Never carries the bytes: they may be a person's."""


class FrameLengthError(FrameError):
    """LEN, or a length inside the body, cannot be right. `length` is what it says."""

    def __init__(self, length: int) -> None:
        super().__init__(f"length {length}")
        self.length = length


class FrameChecksumError(FrameError):
    """The XOR byte does not fit."""

    def __init__(self) -> None:
        super().__init__("checksum")


class FrameIncompleteError(FrameError):
    """The bytes end before a whole frame was seen."""

    def __init__(self) -> None:
        super().__init__("incomplete")


@dataclass(frozen=True, slots=True, repr=False)
class Reply:
    """What a SAM answered. `status` is a plain number when it is none of `Status`."""

    status: int
    data: bytes

    def __repr__(self) -> str:  # the data may be a person's
        return f"<Reply {self.status:02X}, {len(self.data)} bytes>"


def encode_command(command: Command, data: bytes = b"") -> bytes:
    """The frame that asks `command`."""
    return encode_frame(command.value + data)


def encode_reply(status: Status, data: bytes = b"") -> bytes:
    """The frame with which a SAM answers; for virtual readers."""
    return encode_frame(bytes((0, 0, status)) + data)


def encode_frame(body: bytes) -> bytes:
    """The frame around a body."""
    covered = struct.pack(">H", len(body) + 1) + body
    return PREAMBLE + covered + bytes((_xor(covered),))


def decode_reply(raw: bytes) -> Reply:
    """The first frame in `raw` as a reply. Raises FrameError."""
    body = _body_of_one_frame(raw)
    if body is None:
        parser = FrameParser()
        parser.feed(raw)
        body = parser.next_body()
    if body is None:
        raise FrameIncompleteError
    if len(body) < 3:
        raise FrameLengthError(len(body))
    return Reply(body[2], body[3:])


class FrameParser:
    """Finds frames in bytes that arrive in any pieces, after any garbage.

    Feed what arrived, then call `next_body` until it says None. After an error it goes on behind the bad preamble, so
    that a damaged length cannot hide the good frame that follows.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        """Add bytes in the order of their arrival."""
        self._buffer += data

    def next_body(self) -> bytes | None:
        """The body of the next whole frame; None when more bytes are needed. Raises FrameError for a bad frame."""
        start = self._buffer.find(PREAMBLE)
        if start < 0:
            # The last four bytes may be the beginning of a preamble.
            del self._buffer[: max(0, len(self._buffer) - len(PREAMBLE) + 1)]
            return None
        del self._buffer[:start]
        after_preamble = bytes(self._buffer[len(PREAMBLE) :])
        if len(after_preamble) < 2:
            return None
        (length,) = struct.unpack_from(">H", after_preamble)
        if not _SHORTEST_LENGTH <= length <= _LONGEST_LENGTH:
            del self._buffer[: len(PREAMBLE)]
            raise FrameLengthError(length)
        if len(after_preamble) < 2 + length:
            return None
        covered, checksum = after_preamble[: 1 + length], after_preamble[1 + length]
        if _xor(covered) != checksum:
            del self._buffer[: len(PREAMBLE)]
            raise FrameChecksumError
        del self._buffer[: len(PREAMBLE) + 2 + length]
        return covered[2:]

    def give_up(self) -> bool:
        """No more bytes will come: drop the frame that is incomplete, and say whether there was one.

        What stood behind its preamble is looked through again: a damaged length that announces too much must not hide
        the good frame that follows.
        """
        if not self._buffer.startswith(PREAMBLE):
            return False
        del self._buffer[: len(PREAMBLE)]
        return True


def format_sam_number(data: bytes) -> str:
    """The number of a security module as printed on its label, such as `05.01-20120307-0005648362-2513217867`.

    `data` is 16 bytes, little-endian: two of 16 bits, then the date and two serial numbers of 32 bits. Raises
    FrameLengthError.
    """
    if len(data) != 16:
        raise FrameLengthError(len(data))
    kind, maker, day, serial, extension = struct.unpack("<HHIII", data)
    return f"{kind:02d}.{maker:02d}-{day}-{serial:010d}-{extension:010d}"


def _body_of_one_frame(raw: bytes) -> bytes | None:
    """The body when `raw` is one good frame and nothing else, as nearly always: in a third of the parser's time."""
    covered = raw[len(PREAMBLE) :]
    whole = raw.startswith(PREAMBLE) and int.from_bytes(covered[:2], "big") == len(covered) - 2
    if whole and _SHORTEST_LENGTH <= len(covered) - 2 <= _LONGEST_LENGTH and _xor(covered) == 0:
        return covered[2:-1]
    return None


def _xor(data: bytes) -> int:
    # Halves are folded onto each other: 20 times as fast as byte by byte, and every read does it with 1.3 kB.
    folded, length = int.from_bytes(data, "big"), len(data)
    while length > 1:
        length = (length + 1) // 2
        folded = (folded >> 8 * length) ^ (folded & ((1 << 8 * length) - 1))
    return folded
