"""The form in which a card's record is kept: canonical JSON with the raw chip bytes, for the evidence."""

import json

from pydantic import TypeAdapter

from hallclient.domain.card import CardReading, CardRecord, ReaderIdentity
from hallclient.domain.documents import canonical

SALT_BYTES = 32  # so that the digest in the manifest tells nothing about a guessed record

_RECORD, _READING = TypeAdapter(CardRecord), TypeAdapter(CardReading)


def card_to_json(reading: CardReading, salt: bytes, session: str) -> bytes:
    """`reading` without its portrait, which is a file of its own, as it belongs to `session`."""
    values = _READING.dump_python(reading, mode="json", exclude={"portrait"})
    return canonical({"session": session, "salt": salt.hex(), **values.pop("record"), **values})


def card_from_json(data: bytes, portrait: bytes) -> CardReading:
    """The reading that `card_to_json` kept. Documents from before permits and foreigners' cards lack their fields."""
    values = json.loads(data)
    return CardReading(
        _RECORD.validate_json(data),
        portrait,
        values["sam_number"],
        ReaderIdentity(**values["reader"]),
        values.get("new_address"),
        values.get("new_address_unreadable", False),
    )
