from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.idcard import record
from hallclient.domain.card import CardKind
from hallclient.domain.failures import FailureCode, KnownError

RESIDENT: dict[str, Any] = {
    "name": "演练客户",
    "sex_code": "1",
    "nation_code": "01",
    "birth": date(1990, 1, 1),
    "address": "演练省演练市演练路1号",
    "number": "99000019900101001X",
    "authority": "演练公安局",
    "valid_from": date(2020, 1, 1),
    "valid_to": date(2040, 1, 1),
}


def utf16(text: str) -> bytes:
    return text.encode("utf-16-le")


def patched(at: int, patch: bytes) -> bytes:
    raw = record.encode_resident(**RESIDENT)
    return raw[:at] + patch + raw[at + len(patch) :]


def outcome(raw: bytes) -> FailureCode | None:
    try:
        assert record.decode(raw).raw == raw
    except KnownError as error:
        return error.code
    return None


def test_a_resident_record_reads_back() -> None:
    raw = record.encode_resident(**RESIDENT)
    assert len(raw) == 256
    read = record.decode(raw)
    assert (read.kind, read.raw, read.long_term) == (CardKind.RESIDENT, raw, False)
    assert {field: getattr(read, field) for field in RESIDENT} == RESIDENT


def test_fields_stand_where_the_standard_puts_them() -> None:
    raw = record.encode_resident(**RESIDENT)
    for at, text in (
        (0, "演练客户"),
        (30, "1"),
        (32, "01"),
        (36, "19900101"),
        (52, "演练省"),
        (122, "99000019900101001X"),
        (158, "演练公安局"),
        (188, "20200101"),
        (204, "20400101"),
    ):
        assert raw[at:].startswith(utf16(text)), at


def test_long_term() -> None:
    read = record.decode(record.encode_resident(**RESIDENT | {"valid_to": None}))
    assert read.long_term
    assert read.valid_to is None


@pytest.mark.parametrize(
    "name", ["𠮷野", "\ue863某", "欧阳\U00030edd", " 前有空格", "A B", "一二三四五六七八九十一二三四五"]
)
def test_rare_characters_and_inner_blanks_survive(name: str) -> None:
    read = record.decode(record.encode_resident(**RESIDENT | {"name": name}))
    assert read.name == name


@pytest.mark.parametrize("flag", "JIY")
def test_other_kinds_are_recognised(flag: str) -> None:
    assert outcome(patched(248, utf16(flag))) is FailureCode.CARD_KIND_UNSUPPORTED


def test_a_zero_flag_is_blank() -> None:
    assert record.decode(patched(248, b"\0\0")).kind is CardKind.RESIDENT


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        bytes(255),
        bytes(256),
        bytes(257),
        b"\xff" * 256,
        utf16(" ") * 128,
        patched(0, b"\x00\xd8"),  # half a surrogate pair
        patched(28, b"\x42\xd8"),  # a pair that the field cuts in two
        patched(122, utf16(" " * 18)),
        patched(248, utf16("Q")),
    ],
)
def test_bytes_that_are_no_record(raw: bytes) -> None:
    assert outcome(raw) is FailureCode.CARD_UNREADABLE


@pytest.mark.parametrize(
    "digits", ["19901301", "19900230", "00000101", "1990年1月", "１９９００１０１", "        ", "+1990101"]
)
def test_a_date_that_is_none_is_left_to_the_findings(digits: str) -> None:
    read = record.decode(patched(36, utf16(digits)))
    assert read.birth is None
    assert record.decode(patched(204, utf16(digits))).valid_to is None


DECLARED = (None, FailureCode.CARD_UNREADABLE, FailureCode.CARD_KIND_UNSUPPORTED)


@given(st.binary(min_size=256, max_size=256))
def test_arbitrary_bytes_raise_only_known_errors(raw: bytes) -> None:
    assert outcome(raw) in DECLARED


@given(at=st.integers(0, 255), patch=st.binary(max_size=40))
def test_damaged_records_raise_only_known_errors(at: int, patch: bytes) -> None:
    assert outcome(patched(at, patch)[:256]) in DECLARED


# Whatever fits into the name and does not end in padding comes back; lone surrogates are no text.
names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).filter(
    lambda name: len(utf16(name)) <= 30 and not name.endswith(" ")
)


@given(name=names, birth=st.dates(), valid_to=st.none() | st.dates())
def test_what_is_encoded_is_decoded(name: str, birth: date, valid_to: date | None) -> None:
    read = record.decode(record.encode_resident(**RESIDENT | {"name": name, "birth": birth, "valid_to": valid_to}))
    assert (read.name, read.birth, read.valid_to) == (name, birth, valid_to)


@pytest.mark.parametrize(("field", "value"), [("name", "字" * 16), ("number", "1" * 19), ("name", "\ud800")])
def test_what_does_not_fit_is_named_and_not_shown(field: str, value: str) -> None:
    with pytest.raises(KnownError) as caught:
        record.encode_resident(**RESIDENT | {field: value})
    assert caught.value.code is FailureCode.INPUT_INVALID
    assert field in caught.value.detail
    assert value not in str(caught.value)
