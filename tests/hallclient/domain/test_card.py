"""The rules of a card's record (GB 11643-1999)."""

import datetime as dt
import json
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallclient.domain.card import CardKind, CardReading, CardRecord, Finding, ReaderIdentity
from hallclient.domain.card_document import card_from_json, card_to_json
from hallclient.domain.card_number import check_character
from hallclient.domain.person import MaskedPerson

TODAY = dt.date(2026, 11, 22)


def record(**changes: object) -> CardRecord:
    values: dict[str, object] = {
        "kind": CardKind.RESIDENT,
        "name": "演练客户",
        "sex_code": "1",
        "nation_code": "01",
        "birth": dt.date(1949, 12, 31),
        "address": "演练路 1 号",
        "number": "11010519491231002X",  # the example of GB 11643 is a woman's: 17th digit 2
        "authority": "演练公安局",
        "valid_from": dt.date(2020, 1, 1),
        "valid_to": dt.date(2040, 1, 1),
        "long_term": False,
        "raw": bytes(256),
    }
    return CardRecord(**{**values, "sex_code": "2", **changes})  # type: ignore[arg-type]


def numbered(first_17: str) -> str:
    return first_17 + check_character(first_17)


@pytest.mark.parametrize(
    ("changes", "findings"),
    [
        ({}, []),
        ({"number": "110105194912310021"}, [Finding.CHECK_DIGIT_WRONG]),
        ({"number": "11010519491231002x"}, []),
        ({"number": "1101051949123100"}, [Finding.NUMBER_MALFORMED]),
        ({"number": "１１０１０５１９４９１２３１００２X"}, [Finding.NUMBER_MALFORMED]),
        ({"birth": dt.date(1949, 12, 30)}, [Finding.BIRTH_DIFFERS_FROM_NUMBER]),
        ({"birth": None}, [Finding.BIRTH_DIFFERS_FROM_NUMBER]),
        ({"sex_code": "1"}, [Finding.SEX_DIFFERS_FROM_NUMBER]),
        ({"sex_code": "9"}, []),
        ({"sex_code": "0"}, []),
        ({"sex_code": "3"}, [Finding.SEX_CODE_UNKNOWN]),
        ({"sex_code": ""}, [Finding.SEX_CODE_UNKNOWN]),
        ({"nation_code": "56"}, []),
        ({"nation_code": "57"}, [Finding.NATION_CODE_UNKNOWN]),
        ({"nation_code": ""}, [Finding.NATION_CODE_UNKNOWN]),
        ({"valid_from": None}, [Finding.VALIDITY_MALFORMED]),
        ({"valid_to": None}, [Finding.VALIDITY_MALFORMED]),
        ({"valid_to": None, "long_term": True}, []),
        ({"valid_to": TODAY}, []),
        ({"valid_to": TODAY - dt.timedelta(days=1)}, [Finding.EXPIRED]),
        ({"valid_from": TODAY + dt.timedelta(days=1)}, [Finding.NOT_YET_VALID]),
        ({"valid_from": dt.date(2040, 1, 1), "valid_to": dt.date(2020, 1, 1)}, [Finding.VALIDITY_MALFORMED]),
        ({"number": numbered("11010520991231002"), "birth": dt.date(2099, 12, 31)}, [Finding.BIRTH_IN_FUTURE]),
        ({"number": numbered("81000019491231002")}, [Finding.NUMBER_OF_OTHER_KIND]),
        ({"number": numbered("83000019491231002")}, [Finding.NUMBER_OF_OTHER_KIND]),
        ({"number": numbered("91184019491231002")}, [Finding.NUMBER_OF_OTHER_KIND]),
        ({"number": numbered("99000019491231002")}, []),  # nobody's: GB/T 2260 is not checked
    ],
)
def test_findings(changes: dict[str, object], findings: list[Finding]) -> None:
    assert list(record(**changes).findings(TODAY)) == findings


HMT = {"kind": CardKind.HMT_PERMIT, "nation_code": "", "number": numbered("81000019491231002")}
# The number of road.md, whose check digit is right.
FOREIGN_2017 = {
    "kind": CardKind.FOREIGN_2017,
    "nation_code": "",
    "number": "USA110080010111",
    "birth": dt.date(1980, 1, 1),
    "country": "USA",
}
FOREIGN_2023 = {
    "kind": CardKind.FOREIGN_2023,
    "nation_code": "",
    "number": numbered("91184019491231002"),
    "country": "USA",
}


@pytest.mark.parametrize(
    ("kind", "changes", "findings"),
    [
        (HMT, {}, []),
        (HMT, {"number": numbered("82000019491231002")}, []),
        (HMT, {"number": numbered("83000019491231002")}, []),
        (HMT, {"number": numbered("84000019491231002")}, [Finding.NUMBER_OF_OTHER_KIND]),
        (HMT, {"number": "81000019491231002"}, [Finding.NUMBER_MALFORMED]),
        (HMT, {"number": HMT["number"][:17] + "?"}, [Finding.CHECK_DIGIT_WRONG]),
        (HMT, {"sex_code": "1"}, [Finding.SEX_DIFFERS_FROM_NUMBER]),
        (HMT, {"birth": dt.date(1950, 1, 1)}, [Finding.BIRTH_DIFFERS_FROM_NUMBER]),
        (HMT, {"nation_code": "01"}, []),
        (HMT, {"nation_code": "99"}, [Finding.NATION_CODE_UNKNOWN]),
        (FOREIGN_2017, {}, []),
        (FOREIGN_2017, {"sex_code": "1"}, []),  # its number carries none by a published rule
        (FOREIGN_2017, {"number": "USA11008001011"}, [Finding.NUMBER_MALFORMED]),
        (FOREIGN_2017, {"number": "usa110080010111"}, [Finding.NUMBER_MALFORMED]),
        (FOREIGN_2017, {"number": "USA１10080010111"}, [Finding.NUMBER_MALFORMED]),
        (FOREIGN_2017, {"number": "USA110080010112"}, [Finding.CHECK_DIGIT_WRONG]),
        (FOREIGN_2017, {"birth": None}, [Finding.BIRTH_DIFFERS_FROM_NUMBER]),
        (FOREIGN_2017, {"birth": dt.date(1980, 1, 2)}, [Finding.BIRTH_DIFFERS_FROM_NUMBER]),
        (FOREIGN_2017, {"number": "USA110000991231"}, [Finding.CHECK_DIGIT_WRONG, Finding.BIRTH_DIFFERS_FROM_NUMBER]),
        (FOREIGN_2017, {"country": "FRA"}, [Finding.COUNTRY_DIFFERS_FROM_NUMBER]),
        (FOREIGN_2017, {"country": ""}, []),
        (FOREIGN_2017, {"number": HMT["number"]}, [Finding.NUMBER_MALFORMED]),
        (FOREIGN_2017, {"sex_code": "F"}, [Finding.SEX_CODE_UNKNOWN]),
        (FOREIGN_2017, {"valid_to": dt.date(2026, 1, 1)}, [Finding.EXPIRED]),
        (FOREIGN_2023, {}, []),
        (FOREIGN_2023, {"number": FOREIGN_2017["number"]}, [Finding.NUMBER_MALFORMED]),
        (FOREIGN_2023, {"number": HMT["number"]}, [Finding.NUMBER_OF_OTHER_KIND]),
        (FOREIGN_2023, {"number": FOREIGN_2023["number"][:17] + "?"}, [Finding.CHECK_DIGIT_WRONG]),
        (FOREIGN_2023, {"sex_code": "1"}, [Finding.SEX_DIFFERS_FROM_NUMBER]),
        (FOREIGN_2023, {"birth": dt.date(1949, 12, 30)}, [Finding.BIRTH_DIFFERS_FROM_NUMBER]),
        (FOREIGN_2023, {"country": "FRA"}, [Finding.COUNTRY_DIFFERS_FROM_NUMBER]),
        (FOREIGN_2023, {"country": "XXA"}, []),  # no country has these letters: nothing to compare
        (FOREIGN_2023, {"valid_to": None, "long_term": True}, []),
        (FOREIGN_2023, {"valid_from": dt.date(2027, 1, 1)}, [Finding.NOT_YET_VALID]),
    ],
)
def test_findings_of_the_other_kinds(
    kind: dict[str, object], changes: dict[str, object], findings: list[Finding]
) -> None:
    assert list(record(**kind | changes).findings(TODAY)) == findings


@given(
    kind=st.sampled_from(CardKind),
    texts=st.fixed_dictionaries({name: st.text(max_size=20) for name in ("number", "sex_code", "nation_code")}),
    birth=st.none() | st.dates(),
    valid_from=st.none() | st.dates(),
    valid_to=st.none() | st.dates(),
    today=st.dates(),
)
def test_no_record_makes_the_rules_fail(today: dt.date, texts: dict[str, str], **values: object) -> None:
    found = record(**values, **texts).findings(today)
    order = list(Finding)
    assert sorted(found, key=order.index) == list(found)
    assert len(set(found)) == len(found)


@given(st.text("0123456789", min_size=17, max_size=17), st.integers(0, 16))
def test_the_check_character_finds_every_single_wrong_digit(digits: str, place: int) -> None:
    wrong = digits[:place] + str((int(digits[place]) + 1) % 10) + digits[place + 1 :]
    assert check_character(digits) != check_character(wrong)


def test_neither_record_nor_reading_shows_its_holder() -> None:
    reading = CardReading(record(), bytes(1024), "05.01", ReaderIdentity("reader", "profile", "pcsc-escape", True))
    for text in (repr(reading), str(reading), repr(reading.record), f"{reading.record}"):
        assert reading.record.name not in text
        assert reading.record.number not in text


def test_masks() -> None:
    assert (MaskedPerson.of(record()).name, MaskedPerson.of(record()).number) == ("演***", "1101**********002X")
    foreigner = record(name="", english_name="PRACTICE")
    assert (foreigner.holder_name, MaskedPerson.of(foreigner).name) == ("PRACTICE", "P*******")


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=15)
# Of every field, whatever its type allows: a field that the document forgets fails here.
records = st.builds(
    CardRecord,
    **{field.name: texts for field in fields(CardRecord) if field.type is str},
    kind=st.sampled_from(CardKind),
    birth=st.none() | st.dates(),
    valid_from=st.none() | st.dates(),
    valid_to=st.none() | st.dates(),
    long_term=st.booleans(),
    raw=st.binary(min_size=256, max_size=256),
)
READER = ReaderIdentity("r", "p", "serial", False)


@given(records, st.none() | texts, st.booleans())
def test_a_kept_card_comes_back_as_it_was(kept: CardRecord, new_address: str | None, unreadable: bool) -> None:
    reading = CardReading(kept, b"picture", "05.01", READER, new_address, unreadable)
    assert card_from_json(card_to_json(reading, bytes(32), "s"), b"picture") == reading


def test_a_card_kept_before_the_other_kinds_were_read() -> None:
    reading = CardReading(record(), b"picture", "05.01", READER)
    document = json.loads(card_to_json(reading, bytes(32), "s"))
    for field in ("english_name", "country", "pass_number", "issue_count", "version", "old_number_reference"):
        del document[field]
    del document["new_address_unreadable"], document["session"]
    assert card_from_json(json.dumps(document).encode(), b"picture") == reading


def test_a_new_address_that_could_not_be_read_is_a_finding_of_the_reading() -> None:
    reading = CardReading(record(birth=None), b"", "05.01", READER, new_address_unreadable=True)
    assert reading.findings(TODAY) == (Finding.BIRTH_DIFFERS_FROM_NUMBER, Finding.NEW_ADDRESS_UNREADABLE)
