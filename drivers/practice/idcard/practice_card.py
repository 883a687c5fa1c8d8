"""A card to put onto the virtual reader."""

from dataclasses import asdict, dataclass
from typing import Self

from drivers.idcard.record import encode_resident
from drivers.idcard.sam import PORTRAIT_LENGTH
from drivers.practice.idcard.people import PRACTICE_PERSON, PracticePerson
from drivers.practice.idcard.portrait_encoder import encode_portrait
from hallclient.devices import Image

NO_PORTRAIT = bytes(PORTRAIT_LENGTH)


@dataclass(frozen=True, slots=True, repr=False)
class PracticeCard:
    """The files of a chip: 256 bytes of text, 1,024 bytes of portrait, and 70 bytes of new address or none."""

    text: bytes
    portrait: bytes = NO_PORTRAIT
    new_address: bytes = b""

    @classmethod
    def resident(cls, picture: Image | None = None, person: PracticePerson = PRACTICE_PERSON) -> Self:
        """A resident card of `person` with `picture` (BGR) as its portrait. Raises KnownError: input_invalid."""
        portrait = NO_PORTRAIT if picture is None else encode_portrait(picture)
        return cls(encode_resident(**asdict(person)), portrait)

    def __repr__(self) -> str:
        return "<PracticeCard>"
