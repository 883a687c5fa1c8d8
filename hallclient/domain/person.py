"""A person as any screen may show them: what leaves the services without a reason that is written down."""

from dataclasses import dataclass
from datetime import date

from hallclient.domain.card import CardKind, CardRecord
from hallclient.domain.masking import masked_name, masked_number


@dataclass(frozen=True, slots=True)
class MaskedPerson:
    """What a card says of its holder, masked; for `valid_to` and `long_term` see `CardRecord`."""

    document: CardKind
    name: str
    number: str
    valid_to: date | None
    long_term: bool

    @classmethod
    def of(cls, record: CardRecord) -> "MaskedPerson":
        name, number = masked_name(record.holder_name), masked_number(record.number)
        return cls(record.kind, name, number, record.valid_to, record.long_term)
