"""The four layouts of a chip's text record."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.idcard import record
from drivers.idcard.chip_text import decode_text
from drivers.idcard.record_layouts import FLAGS, KIND_FLAG, KIND_FLAG_AT, LAYOUTS, RESERVED
from drivers.practice.idcard.people import (
    PRACTICE_FOREIGNER_2017,
    PRACTICE_FOREIGNER_2023,
    PRACTICE_HMT_RESIDENT,
    PRACTICE_PEOPLE,
    PRACTICE_PERSON,
)
from hallclient.domain.card import CardKind, CardRecord
from hallclient.domain.failures import FailureCode, KnownError

RARE_NAMES = [
    "𠮷野",
    "欧阳\U00030edd",
    "\U000f0001某",
    "\ue865某",  # a private code that no standard assigns
    "A B",
    "一二三四五六七八九十一二三四五",
]
# Where each field stands, as the sources say it: independent of the tables in the code.
PLACES = [
    (PRACTICE_PERSON, 0, PRACTICE_PERSON.name),
    (PRACTICE_PERSON, 30, "1"),
    (PRACTICE_PERSON, 32, "01"),
    (PRACTICE_PERSON, 36, "19900101"),
    (PRACTICE_PERSON, 52, PRACTICE_PERSON.address),
    (PRACTICE_PERSON, 122, PRACTICE_PERSON.number),
    (PRACTICE_PERSON, 158, "演练公安局"),
    (PRACTICE_PERSON, 188, "20200101"),
    (PRACTICE_PERSON, 204, "20400101"),
    (PRACTICE_PERSON, 248, " "),
    (PRACTICE_HMT_RESIDENT, 122, PRACTICE_HMT_RESIDENT.number),
    (PRACTICE_HMT_RESIDENT, 220, "H00000000"),
    (PRACTICE_HMT_RESIDENT, 238, "01"),
    (PRACTICE_HMT_RESIDENT, 248, "J"),
    (PRACTICE_FOREIGNER_2017, 0, PRACTICE_FOREIGNER_2017.english_name),
    (PRACTICE_FOREIGNER_2017, 120, "1"),
    (PRACTICE_FOREIGNER_2017, 122, PRACTICE_FOREIGNER_2017.number),
    (PRACTICE_FOREIGNER_2017, 152, "XXX"),
    (PRACTICE_FOREIGNER_2017, 158, "演练外宾"),
    (PRACTICE_FOREIGNER_2017, 188, "20200101"),
    (PRACTICE_FOREIGNER_2017, 204, "20400101"),
    (PRACTICE_FOREIGNER_2017, 220, "19920304"),
    (PRACTICE_FOREIGNER_2017, 236, "01"),
    (PRACTICE_FOREIGNER_2017, 240, "0000"),
    (PRACTICE_FOREIGNER_2017, 248, "I"),
    (PRACTICE_FOREIGNER_2023, 0, "演练外宾"),
    (PRACTICE_FOREIGNER_2023, 30, "2"),
    (PRACTICE_FOREIGNER_2023, 32, "00"),
    (PRACTICE_FOREIGNER_2023, 36, "19930405"),
    (PRACTICE_FOREIGNER_2023, 52, PRACTICE_FOREIGNER_2023.english_name[:35]),
    (PRACTICE_FOREIGNER_2023, 122, PRACTICE_FOREIGNER_2023.number),
    (PRACTICE_FOREIGNER_2023, 188, "20231201"),
    (PRACTICE_FOREIGNER_2023, 204, "20401201"),
    (PRACTICE_FOREIGNER_2023, 220, PRACTICE_FOREIGNER_2023.english_name[35:]),
    (PRACTICE_FOREIGNER_2023, 242, "XXX"),
    (PRACTICE_FOREIGNER_2023, 248, "Y"),
    (PRACTICE_FOREIGNER_2023, 250, "000"),
]


def utf16(text: str) -> bytes:
    return text.encode("utf-16-le")


def patched(at: int, patch: bytes, person: CardRecord = PRACTICE_PERSON) -> bytes:
    raw = record.encode(person)
    return raw[:at] + patch + raw[at + len(patch) :]


def outcome(raw: bytes) -> FailureCode | None:
    try:
        assert record.decode(raw).raw == raw
    except KnownError as error:
        return error.code
    return None


def per_kind(people: tuple[CardRecord, ...] = PRACTICE_PEOPLE) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("person", people, ids=[person.kind for person in people])


@pytest.mark.parametrize("kind", CardKind)
def test_each_layout_is_whole(kind: CardKind) -> None:
    widths = [width for _, width in LAYOUTS[kind]]
    names = [name for name, _ in LAYOUTS[kind]]
    assert sum(widths) == 256
    assert all(width % 2 == 0 for width in widths)
    assert sum(widths[: names.index(KIND_FLAG)]) == KIND_FLAG_AT
    known = {field.name for field in fields(CardRecord)} | {KIND_FLAG, RESERVED}
    assert set(names) <= known
    assert kind in FLAGS


@per_kind()
def test_every_kind_reads_back(person: CardRecord) -> None:
    raw = record.encode(person)
    assert len(raw) == 256
    assert record.decode(raw) == replace(person, raw=raw)


@pytest.mark.parametrize(("person", "at", "text"), PLACES)
def test_fields_stand_where_the_sources_put_them(person: CardRecord, at: int, text: str) -> None:
    assert record.encode(person)[at:].startswith(utf16(text))


@per_kind()
def test_long_term(person: CardRecord) -> None:
    read = record.decode(record.encode(replace(person, valid_to=None, long_term=True)))
    assert read.long_term
    assert read.valid_to is None


@per_kind()
@pytest.mark.parametrize("name", RARE_NAMES)
def test_rare_characters_and_inner_blanks_survive(person: CardRecord, name: str) -> None:
    raw = record.encode(replace(person, name=name))
    assert record.decode(raw).name == name
    assert utf16(name) in record.decode(raw).raw


@pytest.mark.parametrize("name", ["A" * 34 + "\U00030edd" + "B", "N" * 46, "N" * 35, "N" * 34 + " B", "N" * 35 + " B"])
def test_the_english_name_of_2023_goes_on_at_its_second_place(name: str) -> None:
    raw = record.encode(replace(PRACTICE_FOREIGNER_2023, english_name=name))
    assert record.decode(raw).english_name == name
    assert (raw[52:122] + raw[220:242]).decode("utf-16-le").rstrip() == name


@per_kind((PRACTICE_FOREIGNER_2017, PRACTICE_FOREIGNER_2023))
def test_a_foreigner_may_have_one_name_only(person: CardRecord) -> None:
    english = record.decode(record.encode(replace(person, name="")))
    assert (english.name, english.holder_name) == ("", person.english_name)
    assert outcome(record.encode(replace(person, english_name=""))) is None
    assert outcome(record.encode(replace(person, name="", english_name=""))) is FailureCode.CARD_UNREADABLE


@per_kind()
def test_without_a_number_it_is_nobodys(person: CardRecord) -> None:
    assert outcome(record.encode(replace(person, number=""))) is FailureCode.CARD_UNREADABLE


def test_zeros_are_padding_too() -> None:
    assert record.decode(patched(248, b"\0\0")).kind is CardKind.RESIDENT
    person = PRACTICE_HMT_RESIDENT
    assert record.decode(patched(220, bytes(22), person)).pass_number == ""
    assert record.decode(patched(8, bytes(22), person)).name == person.name


@pytest.mark.parametrize("flag", [*(utf16(flag) for flag in "ABKQZj1Ｊ居"), b"\x00\xd8", b"\xff\xff"])
def test_an_unknown_kind_is_not_called_unreadable(flag: bytes) -> None:
    """Wiping the card never helps: another kind of card, or another way to be served, does."""
    assert outcome(patched(248, flag)) is FailureCode.CARD_KIND_UNSUPPORTED


@pytest.mark.parametrize("flag", [" ", "\0", "\u3000"])
def test_a_blank_flag_is_a_residents(flag: str) -> None:
    assert record.decode(patched(248, utf16(flag))).kind is CardKind.RESIDENT


@pytest.mark.parametrize("written", ["测试", "测试\0残渣", "  测试", "测试\u3000", "\u3000 测试 \u3000", "测试\0\0"])
def test_padding_and_what_a_zero_cuts_off_are_no_text(written: str) -> None:
    assert record.decode(patched(0, utf16(written.ljust(15)))).name == "测试"


@pytest.mark.parametrize("padding", [" ", "\0", "\u3000"])
def test_long_term_with_any_padding(padding: str) -> None:
    read = record.decode(patched(204, utf16("长期".ljust(8, padding))))
    assert (read.long_term, read.valid_to) == (True, None)


def test_old_and_new_characters_of_one_name_are_one_name() -> None:
    """Each character by itself: tests/hallclient/domain/test_standard_characters.py."""
    old, new = (record.decode(patched(0, utf16(name.ljust(15)))) for name in ("\ue863某", "䶮某"))
    assert old.name == new.name == "䶮某"
    assert old.raw[:2] == b"\x63\xe8"


def test_a_small_x_is_the_same_number() -> None:
    number = "11010519491231002X"
    person = replace(PRACTICE_PERSON, number=number.lower())
    assert record.decode(record.encode(person)).number == number


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        bytes(255),
        bytes(256),
        bytes(257),
        utf16(" ") * 128,
        patched(0, b"\x00\xd8"),  # half a surrogate pair
        patched(28, b"\x42\xd8"),  # a pair that the field cuts in two
        patched(122, utf16(" " * 18)),
        *(
            patched(30 if person.kind is CardKind.FOREIGN_2023 else 120, b"\x00\xd8", person)
            for person in PRACTICE_PEOPLE
        ),
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


@given(st.binary(max_size=600))
def test_arbitrary_bytes_raise_only_known_errors(raw: bytes) -> None:
    assert outcome(raw) in DECLARED


@given(raw=st.binary(min_size=256, max_size=256), flag=st.sampled_from(sorted(FLAGS.values())))
def test_arbitrary_bytes_of_a_kind_raise_only_card_unreadable(raw: bytes, flag: str) -> None:
    raw = raw[:248] + utf16(flag or " ") + raw[250:]
    assert outcome(raw) in (None, FailureCode.CARD_UNREADABLE)


@given(person=st.sampled_from(PRACTICE_PEOPLE), at=st.integers(0, 255), patch=st.binary(max_size=40))
def test_damaged_records_raise_only_known_errors(person: CardRecord, at: int, patch: bytes) -> None:
    assert outcome(patched(at, patch, person)[:256]) in DECLARED


def text(width: int, required: bool = False) -> st.SearchStrategy[str]:
    """Whatever fits into `width` bytes, without padding and private codes of old; lone surrogates are no text."""
    characters = st.characters(exclude_categories=["Cs"])
    return st.text(characters, min_size=int(required), max_size=width // 2).filter(
        lambda written: len(utf16(written)) <= width and decode_text(utf16(written), "") == written
    )


@st.composite
def records(draw: st.DrawFn) -> CardRecord:
    """A record of any kind, with anything in the fields that its layout has."""
    person = draw(st.sampled_from(PRACTICE_PEOPLE))
    widths: dict[str, int] = {}
    for name, width in LAYOUTS[person.kind]:
        widths[name] = widths.get(name, 0) + width
    texts = {
        name: draw(text(width, required=name in ("name", "number")))
        for name, width in widths.items()
        if isinstance(getattr(person, name, None), str)
    }
    days = {name: draw(st.dates() | st.none()) for name in ("birth", "valid_from", "valid_to")}
    long_term = draw(st.booleans())
    if long_term:
        days["valid_to"] = None
    return replace(person, **texts, **days, long_term=long_term)


@given(records())
def test_what_is_encoded_is_decoded(written: CardRecord) -> None:
    raw = record.encode(written)
    assert len(raw) == 256
    assert record.decode(raw) == replace(written, raw=raw)


@given(st.binary(min_size=256, max_size=256) | records().map(record.encode))
def test_what_is_decoded_is_encoded(raw: bytes) -> None:
    if outcome(raw) is None:
        read = record.decode(raw)
        assert replace(record.decode(record.encode(read)), raw=raw) == read


@pytest.mark.parametrize(
    ("person", "field", "value"),
    [
        (PRACTICE_PERSON, "name", "字" * 16),
        (PRACTICE_PERSON, "number", "1" * 19),
        (PRACTICE_PERSON, "name", "\ud800"),
        (PRACTICE_HMT_RESIDENT, "pass_number", "H" * 10),
        (PRACTICE_FOREIGNER_2017, "number", "1" * 18),
        (PRACTICE_FOREIGNER_2017, "english_name", "N" * 61),
        (PRACTICE_FOREIGNER_2023, "english_name", "N" * 47),
    ],
)
def test_what_does_not_fit_is_named_and_not_shown(person: CardRecord, field: str, value: str) -> None:
    with pytest.raises(KnownError) as caught:
        record.encode(replace(person, **{field: value}))
    assert caught.value.code is FailureCode.INPUT_INVALID
    assert field in caught.value.detail
    assert value not in str(caught.value)


def test_a_refusal_shows_nothing_of_the_record() -> None:
    with pytest.raises(KnownError) as caught:
        record.decode(patched(28, b"\x42\xd8"))
    assert caught.value.detail == "name is no UTF-16"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
