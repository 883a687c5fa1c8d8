"""What a chip says about its holder, and the rules that it must keep."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pydantic import ConfigDict

from hallclient.domain.card_number import (
    birth_digits,
    check_character,
    country_digits_inside,
    foreign_2017_birth_digits,
    foreign_2017_check_digit,
    foreign_2017_country,
    is_citizen_shaped,
    is_foreign_2017,
    is_of_other_than_residents,
    sex_code,
)
from hallclient.domain.country_code import country_digits


class CardKind(StrEnum):
    """Which of the published chip layouts a record has (GA/T 490, type flag at byte 248)."""

    RESIDENT = "resident"
    HMT_PERMIT = "hmt_permit"
    FOREIGN_2017 = "foreign_2017"
    FOREIGN_2023 = "foreign_2023"


# How the numbers of a kind begin. A resident's begins with the place (GB/T 2260), of which no list is kept here.
_NUMBER_PREFIXES = {
    CardKind.HMT_PERMIT: ("81", "82", "83"),  # Hong Kong, Macau, Taiwan
    CardKind.FOREIGN_2023: ("9",),
}
_SEX_CODES = frozenset("0129")  # GB/T 2261.1
_NATION_CODES = frozenset({*(f"{code:02d}" for code in range(1, 57)), "97", "98"})  # GB/T 3304


class Finding(StrEnum):
    """A rule that a card breaks. A finding is shown and stored; it never stops the reading itself.

    Which of them forbid to go on with the card is said in `hallclient.domain.card_usability`.
    """

    NUMBER_MALFORMED = "number_malformed"
    NUMBER_OF_OTHER_KIND = "number_of_other_kind"
    CHECK_DIGIT_WRONG = "check_digit_wrong"
    BIRTH_DIFFERS_FROM_NUMBER = "birth_differs_from_number"
    BIRTH_IN_FUTURE = "birth_in_future"
    SEX_DIFFERS_FROM_NUMBER = "sex_differs_from_number"
    COUNTRY_DIFFERS_FROM_NUMBER = "country_differs_from_number"
    SEX_CODE_UNKNOWN = "sex_code_unknown"
    NATION_CODE_UNKNOWN = "nation_code_unknown"
    VALIDITY_MALFORMED = "validity_malformed"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    NEW_ADDRESS_UNREADABLE = "new_address_unreadable"


@dataclass(frozen=True, slots=True, repr=False)
class CardRecord:
    """The text of a chip, as read; never typed by anybody (MIIT notice of 2016-05).

    A field that a kind does not have, or that the chip leaves blank, is empty.

    Attributes:
        kind: the layout.
        name: as on the chip, in standard characters (`standard_characters`). A foreigner's Chinese name may be blank.
        sex_code: one character of GB/T 2261.1.
        nation_code: two characters of GB/T 3304.
        birth: None when the chip's eight digits are no date.
        address: not on foreigners' cards.
        number: the citizen identity number, 18 characters; on the card of 2017 its own 15 characters.
        authority: who issued the card; a code of four characters on the card of 2017, not on that of 2023.
        valid_from: None when unreadable.
        valid_to: None for long-term validity (see `long_term`) or when unreadable.
        long_term: the chip says 长期 instead of an end date.
        raw: the 256 bytes themselves, kept because no decoding may lose a rare character; empty for a record that was
            not read but is to be encoded for a virtual card.
        english_name: on foreigners' cards.
        country: three characters, on foreigners' cards.
        pass_number: of the travel permit behind a residence permit (HMT_PERMIT).
        issue_count: two characters; how often a residence permit was issued, or a card of 2023 reissued.
        version: two characters, of the card of 2017.
        old_number_reference: three characters that tie a card of 2023 to the number of 2017.
    """

    __pydantic_config__ = ConfigDict(ser_json_bytes="hex", val_json_bytes="hex", hide_input_in_errors=True)

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
    english_name: str = ""
    country: str = ""
    pass_number: str = ""
    issue_count: str = ""
    version: str = ""
    old_number_reference: str = ""

    def __repr__(self) -> str:  # a record in an exception or a log must not show its holder
        return f"<CardRecord {self.kind}>"

    @property
    def holder_name(self) -> str:
        """The Chinese name, or the English one of a foreigner who has no other."""
        return self.name or self.english_name

    def findings(self, today: date) -> tuple[Finding, ...]:
        """The rules broken on `today` (the day at the counter), in the order of `Finding`."""
        found = set(_findings(self, today))
        return tuple(finding for finding in Finding if finding in found)


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
        portrait: the portrait's bytes as on the chip (1,024), in whatever format the card carries; empty for a chip
            without one.
        sam_number: the number of the security module that opened the card.
        new_address: written after a move (command 30 03); None where there is none or the reader does not offer it.
        reader: the device.
        new_address_unreadable: it was asked for and could not be read; whether there is one is not known.
    """

    record: CardRecord
    portrait: bytes
    sam_number: str
    reader: ReaderIdentity
    new_address: str | None = None
    new_address_unreadable: bool = False

    def findings(self, today: date) -> tuple[Finding, ...]:
        """The record's findings on `today` (the day at the counter), and what was missed while reading."""
        missed = (Finding.NEW_ADDRESS_UNREADABLE,) if self.new_address_unreadable else ()
        return (*self.record.findings(today), *missed)

    def __repr__(self) -> str:
        return f"<CardReading {self.record.kind} by {self.reader.profile}>"


def _findings(record: CardRecord, today: date) -> Iterator[Finding]:
    if record.kind is CardKind.FOREIGN_2017:
        yield from _foreign_2017_number_findings(record)
    else:
        yield from _citizen_number_findings(record)
    if record.birth is not None and record.birth > today:
        yield Finding.BIRTH_IN_FUTURE
    if record.sex_code not in _SEX_CODES:
        yield Finding.SEX_CODE_UNKNOWN
    # Residence permits and foreigners' cards leave it blank.
    blank_is_right = record.kind is not CardKind.RESIDENT and not record.nation_code
    if record.nation_code not in _NATION_CODES and not blank_is_right:
        yield Finding.NATION_CODE_UNKNOWN
    yield from _validity_findings(record, today)


def _validity_findings(record: CardRecord, today: date) -> Iterator[Finding]:
    start, end = record.valid_from, record.valid_to
    if start is not None and end is not None and start > end:
        yield Finding.VALIDITY_MALFORMED  # one of the two is wrong, so neither says anything about today
        return
    if start is None or (end is None and not record.long_term):
        yield Finding.VALIDITY_MALFORMED
    if start is not None and today < start:
        yield Finding.NOT_YET_VALID
    if end is not None and today > end:
        yield Finding.EXPIRED


def _foreign_2017_number_findings(record: CardRecord) -> Iterator[Finding]:
    """What one family of public sources says of the number of 2017; tried on no card."""
    number = record.number
    if not is_foreign_2017(number):
        yield Finding.NUMBER_MALFORMED
        return
    if foreign_2017_check_digit(number) != number[14]:
        yield Finding.CHECK_DIGIT_WRONG
    if record.birth is None or foreign_2017_birth_digits(number) != _eight_digits(record.birth)[2:]:
        yield Finding.BIRTH_DIFFERS_FROM_NUMBER
    if record.country and record.country != foreign_2017_country(number):
        yield Finding.COUNTRY_DIFFERS_FROM_NUMBER


def _citizen_number_findings(record: CardRecord) -> Iterator[Finding]:
    """What GB 11643 says, and what the rules of the permits and of the card of 2023 took over from it."""
    number = record.number
    if not is_citizen_shaped(number):
        yield Finding.NUMBER_MALFORMED
        return
    if not _is_of_its_kind(record):
        yield Finding.NUMBER_OF_OTHER_KIND
    elif record.kind is CardKind.FOREIGN_2023:
        digits = country_digits(record.country)
        if digits is not None and digits != country_digits_inside(number):
            yield Finding.COUNTRY_DIFFERS_FROM_NUMBER
    if check_character(number) != number[17].replace("x", "X"):
        yield Finding.CHECK_DIGIT_WRONG
    if record.birth is None or birth_digits(number) != _eight_digits(record.birth):
        yield Finding.BIRTH_DIFFERS_FROM_NUMBER
    if record.sex_code in ("1", "2") and record.sex_code != sex_code(number):
        yield Finding.SEX_DIFFERS_FROM_NUMBER


def _is_of_its_kind(record: CardRecord) -> bool:
    if record.kind is CardKind.RESIDENT:
        return not is_of_other_than_residents(record.number)
    return record.number.startswith(_NUMBER_PREFIXES[record.kind])


def _eight_digits(day: date) -> str:
    return f"{day:%Y%m%d}".zfill(8)  # strftime writes the year 1 as it likes
