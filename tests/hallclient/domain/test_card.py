"""The rules of a card's record (GB 11643-1999)."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallclient.domain.card import CardKind, CardReading, CardRecord, Finding, ReaderIdentity, check_character
from hallclient.domain.card_document import card_from_json, card_to_json

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


@pytest.mark.parametrize(
    ("changes", "findings"),
    [
        ({}, []),
        ({"number": "110105194912310021"}, [Finding.CHECK_DIGIT_WRONG]),
        ({"number": "11010519491231002x"}, [Finding.CHECK_DIGIT_WRONG]),
        ({"number": "1101051949123100"}, [Finding.NUMBER_MALFORMED]),
        ({"number": "１１０１０５１９４９１２３１００２X"}, [Finding.NUMBER_MALFORMED]),
        ({"birth": dt.date(1949, 12, 30)}, [Finding.BIRTH_DIFFERS_FROM_NUMBER]),
        ({"birth": None}, [Finding.BIRTH_DIFFERS_FROM_NUMBER]),
        ({"sex_code": "1"}, [Finding.SEX_DIFFERS_FROM_NUMBER]),
        ({"sex_code": "9"}, []),
        ({"valid_to": None}, [Finding.VALIDITY_MALFORMED]),
        ({"valid_to": None, "long_term": True}, []),
        ({"valid_to": TODAY}, []),
        ({"valid_to": TODAY - dt.timedelta(days=1)}, [Finding.EXPIRED]),
        ({"valid_from": TODAY + dt.timedelta(days=1)}, [Finding.NOT_YET_VALID]),
    ],
)
def test_findings(changes: dict[str, object], findings: list[Finding]) -> None:
    assert list(record(**changes).findings(TODAY)) == findings


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
    assert record().masked_name == "演***"
    assert record().masked_number == "1101**********002X"


@given(
    st.text(min_size=1, max_size=15).filter(lambda name: not any("\ud800" <= c <= "\udfff" for c in name)),
    st.binary(min_size=256, max_size=256),
)
def test_a_kept_card_comes_back_as_it_was(name: str, raw: bytes) -> None:
    reading = CardReading(record(name=name, raw=raw), b"picture", "05.01", ReaderIdentity("r", "p", "serial", False))
    kept = card_from_json(card_to_json(reading, bytes(32)), b"picture")
    assert kept == reading
