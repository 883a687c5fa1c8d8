"""What is said to a security module to read one card. Knows frames, but not how they travel."""

import struct
from dataclasses import dataclass
from typing import Protocol

from drivers.idcard import record, sam
from drivers.idcard.sam import Command, Status
from hallclient.domain.card import CardRecord
from hallclient.domain.failures import FailureCode, KnownError

# What the card did; every other status is the reader's or ours.
_CARD_STATUSES = frozenset(
    {
        Status.CARD_REFUSES_READER,
        Status.READER_REFUSES_CARD,
        Status.VERIFICATION_FAILED,
        Status.CARD_WRONG,
        Status.READ_FAILED,
        Status.FIND_FAILED,
        Status.SELECT_FAILED,
        Status.NO_SUCH_ITEM,
    }
)


class Connection(Protocol):
    """A way to a security module."""

    def exchange(self, frame: bytes) -> bytes:
        """Send one frame and return the bytes of the answer. Raises KnownError for what the environment did."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class ChipContents:
    """One card as read: the text, the portrait's 1,024 bytes, and the module that opened the card."""

    record: CardRecord
    portrait: bytes
    sam_number: str

    def __repr__(self) -> str:
        return f"<ChipContents {self.record.kind}>"


class SamSession:
    """Reads a card through a connection that stays open for as long as the session is used."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def sam_number(self) -> str:
        """The module's number. Raises KnownError: reader_failed, and what the connection raises."""
        data = self._ask(Command.SAM_NUMBER)
        try:
            return sam.format_sam_number(data)
        except sam.FrameError as error:
            raise KnownError(FailureCode.READER_FAILED, f"SAM number: {error}") from None

    def read(self, *, perhaps_read: bool) -> ChipContents:
        """Find, select and read the card that lies on the reader.

        A module finds a card once: after a good read it refuses until the card has left the field. `perhaps_read` says
        that this may be such a card; otherwise a refusal means that it cannot be read.

        Raises KnownError: card_needs_lifting, card_unreadable, card_kind_unsupported, reader_failed, and what the
        connection raises.
        """
        sam_number = self.sam_number()
        self._find(perhaps_read)
        self._ask(Command.SELECT)
        text, portrait = self._split(self._ask(Command.READ))
        return ChipContents(record.decode(text), portrait, sam_number)

    def _find(self, perhaps_read: bool) -> None:
        reply = self._exchange(Command.FIND)
        if reply.status == Status.FIND_FAILED and perhaps_read:
            raise KnownError(FailureCode.CARD_NEEDS_LIFTING)
        if reply.status != Status.FOUND:
            raise _refusal(Command.FIND, reply.status)

    def _ask(self, command: Command) -> bytes:
        reply = self._exchange(command)
        if reply.status != Status.OK:
            raise _refusal(command, reply.status)
        return reply.data

    def _exchange(self, command: Command) -> sam.Reply:
        answer = self._connection.exchange(sam.encode_command(command))
        try:
            return sam.decode_reply(answer)
        except sam.FrameError as error:
            raise KnownError(FailureCode.READER_FAILED, f"{command.name}: {error}") from None

    @staticmethod
    def _split(data: bytes) -> tuple[bytes, bytes]:
        if len(data) == 4 + sam.TEXT_LENGTH + sam.PORTRAIT_LENGTH:
            lengths = struct.unpack_from(">HH", data)
            if lengths == (sam.TEXT_LENGTH, sam.PORTRAIT_LENGTH):
                return data[4 : 4 + sam.TEXT_LENGTH], data[4 + sam.TEXT_LENGTH :]
        raise KnownError(FailureCode.READER_FAILED, f"READ: {len(data)} bytes")


def _refusal(command: Command, status: int) -> KnownError:
    code = FailureCode.CARD_UNREADABLE if status in _CARD_STATUSES else FailureCode.READER_FAILED
    return KnownError(code, f"{command.name}: SW3 {status:02X}")
