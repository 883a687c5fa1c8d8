"""The people on the practice cards, one for each kind. Nobody: their names say so.

The area code 990000 is not assigned (GB/T 2260); nobody has the sequence number 000 (GB 11643); XXX is no country
(ICAO 9303).
"""

from datetime import date

from hallclient.domain.card import CardKind, CardRecord
from hallclient.domain.card_number import check_character, foreign_2017_check_digit


def _number_2017(first_14: str) -> str:
    return first_14 + foreign_2017_check_digit(first_14)


def _number(first_17: str) -> str:
    return first_17 + check_character(first_17)


PRACTICE_PERSON = CardRecord(
    kind=CardKind.RESIDENT,
    name="演练客户",
    sex_code="1",
    nation_code="01",
    birth=date(1990, 1, 1),
    address="演练省演练市演练区演练路1号",
    number=_number("99000019900101001"),
    authority="演练公安局",
    valid_from=date(2020, 1, 1),
    valid_to=date(2040, 1, 1),
    long_term=False,
    raw=b"",
)
PRACTICE_HMT_RESIDENT = CardRecord(
    kind=CardKind.HMT_PERMIT,
    name="演练居民",
    sex_code="2",
    nation_code="",
    birth=date(1991, 2, 3),
    address="演练省演练市演练区演练路2号",
    number=_number("81000019910203000"),
    authority="演练公安局",
    valid_from=date(2020, 1, 1),
    valid_to=date(2040, 1, 1),
    long_term=False,
    raw=b"",
    pass_number="H00000000",  # noqa: S106  # a travel permit's
    issue_count="01",
)
PRACTICE_FOREIGNER_2017 = CardRecord(
    kind=CardKind.FOREIGN_2017,
    name="演练外宾",
    sex_code="1",
    nation_code="",
    birth=date(1992, 3, 4),
    address="",
    number=_number_2017("XXX00009203040"),
    authority="0000",
    valid_from=date(2020, 1, 1),
    valid_to=date(2040, 1, 1),
    long_term=False,
    raw=b"",
    english_name="PRACTICE, PERSON OF TWO THOUSAND SEVENTEEN",
    country="XXX",
    version="01",
)
PRACTICE_FOREIGNER_2023 = CardRecord(
    kind=CardKind.FOREIGN_2023,
    name="演练外宾",
    sex_code="2",
    nation_code="",
    birth=date(1993, 4, 5),
    address="",
    number=_number("90000019930405000"),
    authority="",
    valid_from=date(2023, 12, 1),
    valid_to=date(2040, 12, 1),
    long_term=False,
    raw=b"",
    english_name="PRACTICE, PERSON OF TWENTY TWENTY-THREE",  # 39 characters: 35 stand together on the chip
    country="XXX",
    issue_count="00",
    old_number_reference="000",
)
PRACTICE_PEOPLE = (PRACTICE_PERSON, PRACTICE_HMT_RESIDENT, PRACTICE_FOREIGNER_2017, PRACTICE_FOREIGNER_2023)
