"""A security module and the card on it, without any I/O: what a real pair would answer, and how it can go wrong."""

import struct
from enum import StrEnum
from functools import reduce
from operator import xor

from drivers.idcard import sam
from drivers.idcard.sam import Command, Status
from drivers.practice.idcard.practice_card import PracticeCard

SAM_NUMBER = struct.pack("<HHIII", 5, 99, 20200101, 1, 1)  # 05.99-20200101-…: no maker has the number 99


def _atr(historical: bytes) -> bytes:
    # PC/SC part 3: a contactless card's ATR is 3B, 8n, 80 01, n historical bytes, and the XOR of all but the first.
    body = bytes((0x80 | len(historical), 0x80, 0x01)) + historical
    return b"\x3b" + body + bytes((reduce(xor, body),))


ATR = _atr(bytes.fromhex("D103860000000000"))  # 3B 88 80 01 D1 03 86: a PRC resident card


class Trouble(StrEnum):
    """What goes wrong with the next card, until it is removed."""

    REMOVED_MID_READ = "removed_mid_read"
    CHECKSUM_WRONG = "checksum_wrong"
    READ_REFUSED = "read_refused"
    SAM_MISSING = "sam_missing"
    SILENT = "silent"
    GARBAGE_FIRST = "garbage_first"
    UNPLUGGED_MID_READ = "unplugged_mid_read"  # serial readers only


_GARBAGE = bytes.fromhex("00FF AAAA AAAA96 AAAA")  # half a preamble, and bytes that end like the beginning of one


class VirtualSam:
    """One reader's security module.

    Attributes:
        card: what lies on the reader; None when nothing does.
        trouble: what goes wrong with it.
    """

    def __init__(self) -> None:
        self.card: PracticeCard | None = None
        self.trouble: Trouble | None = None
        self._step: Command | None = None

    def insert(self, card: PracticeCard, trouble: Trouble | None) -> None:
        """Put a card down in place of whatever lay there."""
        self.card = card
        self.trouble = trouble
        self._step = None

    def remove(self) -> None:
        """Take the card away; harmless when there is none."""
        self.card = self.trouble = self._step = None

    def exchange(self, frame: bytes) -> bytes:
        """The answer to one frame; empty when the bytes are none."""
        try:
            parser = sam.FrameParser()
            parser.feed(frame)
            body = parser.next_body()
        except sam.FrameLengthError:
            return sam.encode_reply(Status.LENGTH_WRONG)
        except sam.FrameChecksumError:
            return sam.encode_reply(Status.CHECKSUM_WRONG)
        return b"" if body is None else self.answer(body)

    def answer(self, body: bytes) -> bytes:
        """The answer to the body of one frame."""
        garbage = _GARBAGE if self.trouble is Trouble.GARBAGE_FIRST else b""
        try:
            command = Command(body)
        except ValueError:
            return garbage + sam.encode_reply(Status.COMMAND_UNKNOWN)
        return garbage + self._answer(command)

    def _answer(self, command: Command) -> bytes:
        match command:
            case Command.SAM_NUMBER:
                return sam.encode_reply(Status.OK, SAM_NUMBER)
            case Command.FIND:
                return self._find()
            case Command.SELECT:
                return self._select()
            case Command.READ:
                return self._read()
            case Command.READ_NEW_ADDRESS:
                return self._read_new_address()
            case _:  # reset, status, and the baud rate, which only a serial reader has
                return sam.encode_reply(Status.OK)

    def _find(self) -> bytes:
        # Like a real module, it finds a card that it has read only after the card has left.
        if self.card is None or self._step is Command.READ:
            return sam.encode_reply(Status.FIND_FAILED)
        self._step = Command.FIND
        return sam.encode_reply(Status.FOUND, bytes(4))

    def _select(self) -> bytes:
        if self.card is None or self._step is not Command.FIND:
            return sam.encode_reply(Status.SELECT_FAILED)
        self._step = Command.SELECT
        return sam.encode_reply(Status.OK, bytes(8))

    def _read(self) -> bytes:
        if self.trouble is Trouble.REMOVED_MID_READ:
            self.remove()
        if self.card is None or self._step is not Command.SELECT or self.trouble is Trouble.READ_REFUSED:
            return sam.encode_reply(Status.READ_FAILED)
        self._step = Command.READ
        lengths = struct.pack(">HH", len(self.card.text), len(self.card.portrait))
        reply = sam.encode_reply(Status.OK, lengths + self.card.text + self.card.portrait)
        if self.trouble is Trouble.CHECKSUM_WRONG:
            reply = reply[:-1] + bytes((reply[-1] ^ 0xFF,))
        return reply

    def _read_new_address(self) -> bytes:
        if self.card is None or not self.card.new_address:
            return sam.encode_reply(Status.NO_SUCH_ITEM)
        if self._step is not Command.READ:
            return sam.encode_reply(Status.READ_FAILED)
        return sam.encode_reply(Status.OK, self.card.new_address)
