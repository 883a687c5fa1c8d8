"""The form in which a card's record is kept: canonical JSON with the raw chip bytes, for the evidence."""

import json
from datetime import date

from hallclient.domain.card import CardKind, CardReading, CardRecord, ReaderIdentity
from hallclient.domain.documents import canonical

SALT_BYTES = 32  # so that the digest in the manifest tells nothing about a guessed record

_TEXTS = ("name", "sex_code", "nation_code", "address", "number", "authority")
# Missing in documents that were kept before permits and foreigners' cards were read.
_LATER_TEXTS = ("english_name", "country", "pass_number", "issue_count", "version", "old_number_reference")


def card_to_json(reading: CardReading, salt: bytes, session: str) -> bytes:
    """`reading` without its portrait, which is a file of its own, as it belongs to `session`."""
    record, reader = reading.record, reading.reader
    return canonical(
        {
            "session": session,
            "salt": salt.hex(),
            "kind": record.kind.value,
            **{field: getattr(record, field) for field in (*_TEXTS, *_LATER_TEXTS)},
            "birth": _date_text(record.birth),
            "valid_from": _date_text(record.valid_from),
            "valid_to": _date_text(record.valid_to),
            "long_term": record.long_term,
            "raw": record.raw.hex(),
            "sam_number": reading.sam_number,
            "new_address": reading.new_address,
            "new_address_unreadable": reading.new_address_unreadable,
            "reader": {
                "name": reader.name,
                "profile": reader.profile,
                "transport": reader.transport,
                "practice": reader.practice,
            },
        }
    )


def card_from_json(data: bytes, portrait: bytes) -> CardReading:
    """The reading that `card_to_json` kept."""
    values = json.loads(data)
    record = CardRecord(
        kind=CardKind(values["kind"]),
        **{field: values[field] for field in _TEXTS},
        **{field: values.get(field, "") for field in _LATER_TEXTS},
        birth=_date(values["birth"]),
        valid_from=_date(values["valid_from"]),
        valid_to=_date(values["valid_to"]),
        long_term=values["long_term"],
        raw=bytes.fromhex(values["raw"]),
    )
    return CardReading(
        record,
        portrait,
        values["sam_number"],
        ReaderIdentity(**values["reader"]),
        values.get("new_address"),
        values.get("new_address_unreadable", False),
    )


def _date_text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
