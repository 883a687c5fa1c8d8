"""Readers that hand out a decoded card in slices, through pseudo-APDUs that the card itself never sees.

READ in one source only (readinfo), and tried on no hardware: `FF B0 00..05 00 00` returns, slice after slice,

    text length, 2 bytes | portrait length, 2 bytes | text, 256 bytes | portrait, 1,024 bytes

BELIEF: a slice is 256 bytes, because Le is 00 and six of them are needed for 1,284 bytes; the lengths are big-endian,
as in the SAM's own reply. The scheme knows no SAM number.
"""

import math
import struct

from drivers.idcard import record
from drivers.idcard.sam import PORTRAIT_LENGTH, PORTRAIT_LENGTHS, TEXT_LENGTH
from drivers.idcard.session import ChipContents, Connection
from hallclient.domain.failures import FailureCode, KnownError

SLICE_LENGTH = 256
LENGTHS = struct.Struct(">HH")
CONTENTS_LENGTH = LENGTHS.size + TEXT_LENGTH + PORTRAIT_LENGTH
SLICES = math.ceil(CONTENTS_LENGTH / SLICE_LENGTH)
SW_OK = 0x9000

# PC/SC part 3, 3.2.2.1.8 (read binary) and ISO 7816-4: the reader, or its security module, does not know the command.
_NOT_OFFERED = frozenset({0x6981, 0x6986, 0x6A81, 0x6D00, 0x6E00})
# Likewise: the card did not answer, answered too little, or denied access.
_CARD_FAILED = frozenset({0x6281, 0x6282, 0x6300, 0x6982, 0x6A82})


def slice_command(index: int) -> bytes:
    """The APDU that asks for slice `index`, 0 to 5."""
    return bytes((0xFF, 0xB0, index, 0x00, 0x00))


class PseudoApduSession:
    """Reads a card through a connection whose answers are data and two status bytes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._first = b""

    def find(self, *, perhaps_read: bool) -> None:
        """Fetch the first slice; see `Session.find`."""
        self._first = self._slice(0, perhaps_read=perhaps_read)

    def read(self) -> ChipContents:
        """Fetch the other slices; see `Session.read`. The SAM number stays empty."""
        text_length, portrait_length = LENGTHS.unpack_from(self._first)
        if text_length != TEXT_LENGTH or portrait_length not in PORTRAIT_LENGTHS:
            raise KnownError(FailureCode.READER_FAILED, "pseudo-APDU: wrong lengths")
        text_end = LENGTHS.size + TEXT_LENGTH
        end = text_end + portrait_length
        contents = self._first
        for index in range(1, math.ceil(end / SLICE_LENGTH)):
            contents += self._slice(index, end=end)
        return ChipContents(record.decode(contents[LENGTHS.size : text_end]), contents[text_end:end], sam_number="")

    def _slice(self, index: int, *, end: int = CONTENTS_LENGTH, perhaps_read: bool = False) -> bytes:
        """One slice; the last one may be filled up, no other may be short."""
        answer = self._connection.exchange(slice_command(index))
        data, status = answer[:-2], int.from_bytes(answer[-2:], "big")
        if len(answer) < 2 or status != SW_OK:
            raise _refusal(index, status, perhaps_read)
        missing = end - index * SLICE_LENGTH
        if not min(missing, SLICE_LENGTH) <= len(data) <= SLICE_LENGTH:
            raise KnownError(FailureCode.READER_FAILED, f"slice {index}: {len(data)} bytes")
        return data


def _refusal(index: int, status: int, perhaps_read: bool) -> KnownError:
    code = FailureCode.READER_FAILED
    if status in _NOT_OFFERED:
        code = FailureCode.READER_WITHOUT_SAM
    elif status in _CARD_FAILED:
        code = FailureCode.CARD_NEEDS_LIFTING if perhaps_read else FailureCode.CARD_UNREADABLE
    return KnownError(code, f"slice {index}: SW {status:04X}")
