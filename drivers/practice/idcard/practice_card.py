"""A card to put onto the virtual reader."""

from dataclasses import dataclass
from typing import Self

from drivers.idcard.record import encode
from drivers.idcard.sam import PORTRAIT_LENGTH
from drivers.practice.idcard.people import (
    PRACTICE_FOREIGNER_2017,
    PRACTICE_FOREIGNER_2023,
    PRACTICE_HMT_RESIDENT,
    PRACTICE_PERSON,
)
from drivers.practice.idcard.portrait_encoder import encode_portrait
from hallclient.devices import Image
from hallclient.domain.card import CardRecord

NO_PORTRAIT = bytes(PORTRAIT_LENGTH)


@dataclass(frozen=True, slots=True, repr=False)
class PracticeCard:
    """The files of a chip: 256 bytes of text, 1,024 bytes of portrait, and 70 bytes of new address or none."""

    text: bytes
    portrait: bytes = NO_PORTRAIT
    new_address: bytes = b""

    @classmethod
    def of(cls, person: CardRecord, picture: Image | None = None) -> Self:
        """The card of `person`, of their kind, with `picture` (BGR) as portrait. Raises KnownError: input_invalid."""
        return cls(encode(person), NO_PORTRAIT if picture is None else encode_portrait(picture))

    @classmethod
    def resident(cls, picture: Image | None = None, person: CardRecord = PRACTICE_PERSON) -> Self:
        """A resident's card."""
        return cls.of(person, picture)

    @classmethod
    def hmt_permit(cls, picture: Image | None = None, person: CardRecord = PRACTICE_HMT_RESIDENT) -> Self:
        """A residence permit for residents of Hong Kong, Macau and Taiwan."""
        return cls.of(person, picture)

    @classmethod
    def foreign_2017(cls, picture: Image | None = None, person: CardRecord = PRACTICE_FOREIGNER_2017) -> Self:
        """A foreign permanent resident's card of 2017."""
        return cls.of(person, picture)

    @classmethod
    def foreign_2023(cls, picture: Image | None = None, person: CardRecord = PRACTICE_FOREIGNER_2023) -> Self:
        """A foreign permanent resident's card of 2023."""
        return cls.of(person, picture)

    def __repr__(self) -> str:
        return "<PracticeCard>"
