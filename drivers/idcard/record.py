"""The 256-byte text record of a chip (GA/T 490-2019), UTF-16LE in fields of fixed width, padded with spaces."""

from datetime import date
from itertools import accumulate

from hallclient.domain.card import CardKind, CardRecord
from hallclient.domain.failures import FailureCode, KnownError

RECORD_LENGTH = 256
LONG_TERM = "长期"

_KIND_FLAG_AT = 248
_BLANK_FLAGS = ("", "\0")  # padding is stripped; some issuers write zeros
_OTHER_KINDS = {"J": CardKind.HMT_PERMIT, "I": CardKind.FOREIGN_2017, "Y": CardKind.FOREIGN_2023}

# Widths in bytes, in the order of the chip.
_RESIDENT_WIDTHS = {
    "name": 30,
    "sex_code": 2,
    "nation_code": 4,
    "birth": 16,
    "address": 70,
    "number": 36,
    "authority": 30,
    "valid_from": 16,
    "valid_to": 16,
    "rest": 36,
}


def decode(raw: bytes) -> CardRecord:
    """Read a record. Raises KnownError: card_unreadable for bytes that are no record, card_kind_unsupported."""
    if len(raw) != RECORD_LENGTH:
        raise KnownError(FailureCode.CARD_UNREADABLE, f"record of {len(raw)} bytes")
    flag = _text(raw[_KIND_FLAG_AT : _KIND_FLAG_AT + 2], "kind flag")
    if flag in _OTHER_KINDS:
        raise KnownError(FailureCode.CARD_KIND_UNSUPPORTED, _OTHER_KINDS[flag])
    if flag not in _BLANK_FLAGS:
        raise KnownError(FailureCode.CARD_UNREADABLE, "kind flag")
    return _decode_resident(raw)


def encode_resident(
    *,
    name: str,
    sex_code: str,
    nation_code: str,
    birth: date,
    address: str,
    number: str,
    authority: str,
    valid_from: date,
    valid_to: date | None,
) -> bytes:
    """The record of a resident card, for virtual cards; `valid_to` None means long-term.

    Raises KnownError: input_invalid, naming the field that does not fit.
    """
    texts = {
        "name": name,
        "sex_code": sex_code,
        "nation_code": nation_code,
        "birth": _digits(birth),
        "address": address,
        "number": number,
        "authority": authority,
        "valid_from": _digits(valid_from),
        "valid_to": LONG_TERM if valid_to is None else _digits(valid_to),
        "rest": "",
    }
    return b"".join(_padded(texts[field], width, field) for field, width in _RESIDENT_WIDTHS.items())


def _decode_resident(raw: bytes) -> CardRecord:
    ends = accumulate(_RESIDENT_WIDTHS.values())
    fields = {
        field: _text(raw[end - width : end], field)
        for (field, width), end in zip(_RESIDENT_WIDTHS.items(), ends, strict=True)
    }
    # Without a name or a number it identifies nobody. Anything less is a finding, left to `CardRecord.findings`.
    for field in ("name", "number"):
        if not fields[field].strip(" \0"):
            raise KnownError(FailureCode.CARD_UNREADABLE, f"{field} is blank")
    return CardRecord(
        kind=CardKind.RESIDENT,
        name=fields["name"],
        sex_code=fields["sex_code"],
        nation_code=fields["nation_code"],
        birth=_date(fields["birth"]),
        address=fields["address"],
        number=fields["number"],
        authority=fields["authority"],
        valid_from=_date(fields["valid_from"]),
        valid_to=_date(fields["valid_to"]),
        long_term=fields["valid_to"] == LONG_TERM,
        raw=raw,
    )


def _text(raw: bytes, field: str) -> str:
    try:
        text = raw.decode("utf-16-le")
    except UnicodeDecodeError:
        # `from None`: the original error shows the bytes.
        raise KnownError(FailureCode.CARD_UNREADABLE, f"{field} is no UTF-16") from None
    return text.rstrip(" ")


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


def _digits(day: date) -> str:
    return f"{day:%Y%m%d}".zfill(8)
