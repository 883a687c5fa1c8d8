"""What is said to a security module to read one card. Knows frames, but not how they travel."""

import logging
import struct
from dataclasses import replace

from drivers.idcard import record, sam
from drivers.idcard.chip_text import decode_text
from drivers.idcard.sam import Command, Status
from drivers.idcard.session import ChipContents, Connection
from hallclient.domain.failures import FailureCode, KnownError

_LENGTHS = struct.Struct(">HH")  # of text and portrait, before them in the reply

_log = logging.getLogger(__name__)

# Every status that is not here is the reader's failure or ours: reader_failed. The statuses are READ (eastcoms,
# softs.im); that "wrong card" (40) means a kind of card that this module is too old for is BELIEF.
_FAILURES: dict[int, FailureCode] = {
    Status.CARD_REFUSES_READER: FailureCode.CARD_UNREADABLE,
    Status.READER_REFUSES_CARD: FailureCode.CARD_UNREADABLE,
    Status.VERIFICATION_FAILED: FailureCode.CARD_UNREADABLE,
    Status.CARD_WRONG: FailureCode.READER_TOO_OLD,
    Status.READ_FAILED: FailureCode.CARD_UNREADABLE,
    Status.FIND_FAILED: FailureCode.CARD_UNREADABLE,
    Status.SELECT_FAILED: FailureCode.CARD_UNREADABLE,
    Status.NO_SUCH_ITEM: FailureCode.CARD_UNREADABLE,
}


class SamSession:
    """Reads a card through a connection that stays open for as long as the session is used."""

    def __init__(self, connection: Connection, *, presence_known: bool = True, new_address: bool = False) -> None:
        """Use `connection`, which its owner closes.

        Args:
            connection: the way to the module.
            presence_known: the transport tells when a card lies on the reader (PC/SC). Otherwise (serial) the module's
                own search decides whether a card is there.
            new_address: also read the new address (30 03).
        """
        self._connection = connection
        self._presence_known = presence_known
        self._new_address = new_address
        self._number: str | None = None

    def sam_number(self) -> str:
        """The module's number. Raises KnownError: reader_failed, and what the connection raises."""
        data = self._ask(Command.SAM_NUMBER)
        try:
            return sam.format_sam_number(data)
        except sam.FrameError as error:
            raise KnownError(FailureCode.READER_FAILED, f"SAM number: {error}") from None

    def find(self, *, perhaps_read: bool) -> None:
        """Find the card; see `Session.find`.

        A module finds a card once: after a good read it refuses until the card has left the field. `perhaps_read` says
        that this may be such a card; otherwise a refusal means that it cannot be read or, where nobody knows the
        presence, that there is none.
        """
        if self._number is None:
            self._number = self.sam_number()
        reply = self._exchange(Command.FIND)
        if reply.status == Status.FIND_FAILED and perhaps_read:
            raise KnownError(FailureCode.CARD_NEEDS_LIFTING)
        if reply.status == Status.FIND_FAILED and not self._presence_known:
            raise KnownError(FailureCode.CARD_MISSING)
        if reply.status != Status.FOUND:
            raise _refusal(Command.FIND, reply.status)

    def read(self) -> ChipContents:
        """Select and read the card that was found; see `Session.read`."""
        try:
            self._ask(Command.SELECT)
            text, portrait = self._split(self._ask(Command.READ))
        except KnownError as error:
            if error.code is FailureCode.CARD_UNREADABLE and self._has_left():
                raise KnownError(FailureCode.CARD_REMOVED, error.detail) from None
            raise
        contents = ChipContents(record.decode(text), portrait, self._number or self.sam_number())
        if not self._new_address:
            return contents
        try:
            return replace(contents, new_address=self._read_new_address())
        except KnownError as error:
            # Optional: many modules do not know the command, and whatever happens to it, the card itself is read.
            _log.info("no new address: %s", error)
            return replace(contents, new_address_unreadable=True)

    def _has_left(self) -> bool:
        """Whether a card that was found, and not read, is no longer found.

        The service would tell it, too, but only when it has looked again, and on a busy computer that is late: the card
        would be called unreadable. BELIEF: a module finds a card again that it could not read.
        """
        return self._exchange(Command.FIND).status == Status.FIND_FAILED

    def _read_new_address(self) -> str | None:
        """READ: 70 bytes; that they are padded UTF-16LE, like the text record, is BELIEF."""
        reply = self._exchange(Command.READ_NEW_ADDRESS)
        if reply.status == Status.NO_SUCH_ITEM:
            return None
        if reply.status != Status.OK:
            raise _refusal(Command.READ_NEW_ADDRESS, reply.status)
        if len(reply.data) != sam.NEW_ADDRESS_LENGTH:
            raise KnownError(FailureCode.READER_FAILED, f"READ_NEW_ADDRESS: {len(reply.data)} bytes")
        return decode_text(reply.data, "new address") or None

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
        if len(data) >= _LENGTHS.size:
            text_length, portrait_length = _LENGTHS.unpack_from(data)
            whole = len(data) == _LENGTHS.size + text_length + portrait_length
            if whole and text_length == sam.TEXT_LENGTH and portrait_length in sam.PORTRAIT_LENGTHS:
                portrait_at = _LENGTHS.size + sam.TEXT_LENGTH
                return data[_LENGTHS.size : portrait_at], data[portrait_at:]
        raise KnownError(FailureCode.READER_FAILED, f"READ: {len(data)} bytes")


def _refusal(command: Command, status: int) -> KnownError:
    return KnownError(_FAILURES.get(status, FailureCode.READER_FAILED), f"{command.name}: SW3 {status:02X}")
