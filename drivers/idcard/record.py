"""The 256-byte text record of a chip (GA/T 490-2019), UTF-16LE in fields of fixed width, padded with spaces."""

from collections.abc import Iterator
from datetime import date

from drivers.idcard.chip_text import decode_text
from drivers.idcard.record_layouts import FLAGS, KIND_FLAG, KIND_FLAG_AT, LAYOUTS, RECORD_LENGTH, RESERVED
from hallclient.domain.card import CardKind, CardRecord
from hallclient.domain.card_number import is_citizen_shaped
from hallclient.domain.failures import FailureCode, KnownError

LONG_TERM = "长期"

_KINDS = {flag: kind for kind, flag in FLAGS.items()}
_BLANK_FLAG = " \0\N{IDEOGRAPHIC SPACE}"  # a resident's


def decode(raw: bytes) -> CardRecord:
    """Read a record.

    Texts are trimmed and in standard characters (`chip_text`); `raw` keeps the bytes as they are.

    Raises KnownError: card_unreadable for bytes that are no record, card_kind_unsupported when none of the four layouts
    has the type flag: wiping the card would not help.
    """
    if len(raw) != RECORD_LENGTH:
        raise KnownError(FailureCode.CARD_UNREADABLE, f"record of {len(raw)} bytes instead of {RECORD_LENGTH}")
    kind = _kind(raw)
    pieces: dict[str, bytes] = {}
    for field, start, end in _places(kind):
        pieces[field] = pieces.get(field, b"") + raw[start:end]
    texts = {field: decode_text(piece, field) for field, piece in pieces.items()}
    record = CardRecord(
        kind=kind,
        name=texts["name"],
        sex_code=texts["sex_code"],
        nation_code=texts.get("nation_code", ""),
        birth=_date(texts["birth"]),
        address=texts.get("address", ""),
        number=_number(texts["number"]),
        authority=texts.get("authority", ""),
        valid_from=_date(texts["valid_from"]),
        valid_to=_date(texts["valid_to"]),
        long_term=texts["valid_to"] == LONG_TERM,
        raw=raw,
        english_name=texts.get("english_name", ""),
        country=texts.get("country", ""),
        pass_number=texts.get("pass_number", ""),
        issue_count=texts.get("issue_count", ""),
        version=texts.get("version", ""),
        old_number_reference=texts.get("old_number_reference", ""),
    )
    # Without a name or a number it identifies nobody. Anything less is a finding, left to `CardRecord.findings`.
    for what, text in (("name", record.holder_name), ("number", record.number)):
        if not text:
            raise KnownError(FailureCode.CARD_UNREADABLE, f"{what} is blank")
    return record


def encode(record: CardRecord) -> bytes:
    """The bytes of `record` in the layout of its kind, for virtual cards; its `raw` is not looked at.

    Raises KnownError: input_invalid, naming the field that does not fit.
    """
    places = tuple(_places(record.kind))
    left: dict[str, bytes] = {}  # of each field, what its first place did not hold
    for field, _, _ in places:
        width = sum(end - start for name, start, end in places if name == field)
        left[field] = _padded(_chip_text(record, field), width, field)
    blank = " ".encode("utf-16-le")
    raw = bytearray(blank * (RECORD_LENGTH // len(blank)))
    for field, start, end in places:
        raw[start:end] = left[field][: end - start]
        left[field] = left[field][end - start :]
    flag = FLAGS[record.kind].encode("utf-16-le")
    raw[KIND_FLAG_AT : KIND_FLAG_AT + len(flag)] = flag
    return bytes(raw)


def _kind(raw: bytes) -> CardKind:
    raw_flag = raw[KIND_FLAG_AT : KIND_FLAG_AT + 2]
    kind = _KINDS.get(raw_flag.decode("utf-16-le", "replace").strip(_BLANK_FLAG))
    if kind is None:
        raise KnownError(FailureCode.CARD_KIND_UNSUPPORTED, f"kind flag U+{int.from_bytes(raw_flag, 'little'):04X}")
    return kind


def _places(kind: CardKind) -> Iterator[tuple[str, int, int]]:
    """Name, start and end of each field that says something about the holder, in the order of the chip."""
    start = 0
    for field, width in LAYOUTS[kind]:
        if field not in (RESERVED, KIND_FLAG):
            yield field, start, start + width
        start += width


def _number(text: str) -> str:
    """A check character is a capital X (GB 11643); some issuers wrote a small one, and the number is the same."""
    return text[:-1] + "X" if is_citizen_shaped(text) and text.endswith("x") else text


def _chip_text(record: CardRecord, field: str) -> str:
    if field == "valid_to" and record.long_term:
        return LONG_TERM
    value: str | date | None = getattr(record, field)
    if value is None:
        return ""
    return value if isinstance(value, str) else f"{value:%Y%m%d}".zfill(8)


def _padded(text: str, width: int, field: str) -> bytes:
    try:
        raw = text.encode("utf-16-le")
    except UnicodeEncodeError:
        raise KnownError(FailureCode.INPUT_INVALID, f"{field} is no text") from None
    if len(raw) > width:
        raise KnownError(FailureCode.INPUT_INVALID, f"{field} is longer than {width} bytes")
    return raw + " ".encode("utf-16-le") * ((width - len(raw)) // 2)


def _date(digits: str) -> date | None:
    """The date in eight digits `YYYYMMDD`; None when they are none."""
    if len(digits) != 8 or not (digits.isascii() and digits.isdigit()):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
