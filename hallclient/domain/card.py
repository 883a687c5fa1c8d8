"""What a chip says about its holder, and the rules that it must keep."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

# GB 11643-1999: weights of the first 17 digits, and the check character for each remainder (ISO 7064 MOD 11-2).
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"


class CardKind(StrEnum):
    """Which of the published chip layouts a record has (GA/T 490, type flag at byte 248)."""

    RESIDENT = "resident"
    HMT_PERMIT = "hmt_permit"
    FOREIGN_2017 = "foreign_2017"
    FOREIGN_2023 = "foreign_2023"


class Finding(StrEnum):
    """A rule that a record breaks. A finding is shown and stored; it never stops the reading itself."""

    NUMBER_MALFORMED = "number_malformed"
    CHECK_DIGIT_WRONG = "check_digit_wrong"
    BIRTH_DIFFERS_FROM_NUMBER = "birth_differs_from_number"
    SEX_DIFFERS_FROM_NUMBER = "sex_differs_from_number"
    VALIDITY_MALFORMED = "validity_malformed"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, repr=False)
class CardRecord:
    """The text of a chip, as read; never typed by anybody (MIIT notice of 2016-05).

    Attributes:
        kind: the layout.
        name: as on the chip, rare characters untouched.
        sex_code: one character of GB/T 2261.1.
        nation_code: two characters of GB/T 3304.
        birth: None when the chip's eight digits are no date.
        address: empty when the chip has none.
        number: the citizen identity number, 18 characters.
        authority: who issued the card.
        valid_from: None when unreadable.
        valid_to: None for long-term validity (see `long_term`) or when unreadable.
        long_term: the chip says 长期 instead of an end date.
        raw: the 256 bytes themselves, kept because no decoding may lose a rare character.
    """

    kind: CardKind
    name: str
    sex_code: str
    nation_code: str
    birth: date | None
    address: str
    number: str
    authority: str
    valid_from: date | None
    valid_to: date | None
    long_term: bool
    raw: bytes

    def __repr__(self) -> str:  # a record in an exception or a log must not show its holder
        return f"<CardRecord {self.kind}>"

    @property
    def masked_name(self) -> str:
        """The family name with the rest starred: what a screen shows without a reason given."""
        return self.name[:1] + "*" * max(1, len(self.name) - 1)

    @property
    def masked_number(self) -> str:
        """First four and last four of the number, the rest starred."""
        return self.number[:4] + "*" * max(0, len(self.number) - 8) + self.number[-4:]

    def findings(self, today: date) -> tuple[Finding, ...]:
        """The rules broken on `today` (the day at the counter), in the order of `Finding`."""
        return tuple(_findings(self, today))


@dataclass(frozen=True, slots=True)
class ReaderIdentity:
    """Which device read a card; goes into the evidence.

    Attributes:
        name: as the operating system calls it.
        profile: the declared reader profile that was used.
        transport: how the bytes travelled ("pcsc-escape").
        practice: the reader is simulated, and so is everything it reads.
    """

    name: str
    profile: str
    transport: str
    practice: bool


@dataclass(frozen=True, slots=True, repr=False)
class CardReading:
    """One successful read of one card.

    Attributes:
        record: the text.
        portrait: the portrait's bytes as on the chip (1,024), in whatever format the card carries.
        sam_number: the number of the security module that opened the card.
        reader: the device.
    """

    record: CardRecord
    portrait: bytes
    sam_number: str
    reader: ReaderIdentity

    def __repr__(self) -> str:
        return f"<CardReading {self.record.kind} by {self.reader.profile}>"


def check_character(number: str) -> str:
    """The 18th character for the first 17 digits of `number` (GB 11643-1999, ISO 7064 MOD 11-2)."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[:17], strict=True))
    return _CHECK_CHARACTERS[total % 11]


def _findings(record: CardRecord, today: date) -> list[Finding]:
    found: list[Finding] = []
    number = record.number
    well_formed = len(number) == 18 and number[:17].isascii() and number[:17].isdigit()
    if not well_formed:
        found.append(Finding.NUMBER_MALFORMED)
    else:
        if check_character(number) != number[17]:
            found.append(Finding.CHECK_DIGIT_WRONG)
        if record.birth is None or number[6:14] != record.birth.strftime("%Y%m%d"):
            found.append(Finding.BIRTH_DIFFERS_FROM_NUMBER)
        # GB 11643: the 17th digit is odd for men, even for women.
        if record.sex_code in ("1", "2") and record.sex_code != ("1" if int(number[16]) % 2 else "2"):
            found.append(Finding.SEX_DIFFERS_FROM_NUMBER)
    if record.valid_from is None or (record.valid_to is None and not record.long_term):
        found.append(Finding.VALIDITY_MALFORMED)
    if record.valid_from is not None and today < record.valid_from:
        found.append(Finding.NOT_YET_VALID)
    if record.valid_to is not None and today > record.valid_to:
        found.append(Finding.EXPIRED)
    return found
