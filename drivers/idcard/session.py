"""What every protocol offers to whoever reads cards, and what it needs: a session, and a connection below it."""

from dataclasses import dataclass
from typing import Protocol

from hallclient.domain.card import CardRecord


class Connection(Protocol):
    """A way to a reader."""

    def exchange(self, frame: bytes) -> bytes:
        """Send one frame or APDU and return the bytes of the answer.

        Raises KnownError for what the environment did.
        """
        ...


@dataclass(frozen=True, slots=True, repr=False)
class ChipContents:
    """One card as read.

    Attributes:
        record: the text.
        portrait: 1,024 bytes, as on the chip; empty for a chip without one.
        sam_number: the module that opened the card; empty where the protocol cannot tell.
        new_address: the address written after a move (30 03); None when the card has none or it was not asked for.
        new_address_unreadable: it was asked for and could not be read.
    """

    record: CardRecord
    portrait: bytes
    sam_number: str
    new_address: str | None = None
    new_address_unreadable: bool = False

    def __repr__(self) -> str:
        return f"<ChipContents {self.record.kind}>"


class Session(Protocol):
    """An open reader, whatever it speaks: one card is found, then read."""

    def find(self, *, perhaps_read: bool) -> None:
        """Make sure that a card lies on the reader and can be read.

        `perhaps_read` says that this card may have been read before and not left since: then a refusal means that it
        has to be lifted.

        Raises KnownError: card_needs_lifting, card_missing (only where the transport does not know the presence),
        card_removed, card_unreadable, reader_without_sam, reader_failed, and what the connection raises.
        """
        ...

    def read(self) -> ChipContents:
        """Read the card that was found.

        Raises KnownError: card_removed, card_unreadable, card_kind_unsupported, reader_too_old, reader_failed, and what
        the connection raises.
        """
        ...
