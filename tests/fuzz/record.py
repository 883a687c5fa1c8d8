"""Fuzz the record decoder: `python -m tests.fuzz.record --runs N`."""

import datetime as dt
from dataclasses import replace

import atheris

with atheris.instrument_imports(include=["drivers.idcard.record", "hallclient.domain"]):
    from drivers.idcard import record
    from hallclient.domain.card import CardReading, ReaderIdentity
    from hallclient.domain.card_document import card_from_json, card_to_json

from drivers.idcard.record_layouts import RECORD_LENGTH
from drivers.practice.idcard.people import PRACTICE_PEOPLE
from hallclient.domain.failures import FailureCode, KnownError
from tests.fuzz.campaign import run

_DAY = dt.date(2026, 11, 22)
_READER = ReaderIdentity("reader", "profile", "pcsc-escape", practice=True)
_DECLARED = (FailureCode.CARD_UNREADABLE, FailureCode.CARD_KIND_UNSUPPORTED)


def decode(data: bytes) -> None:
    """Bytes of any length are a record or a declared error; a record survives every way that we keep it."""
    raw = data if len(data) % 16 == 1 else data[:RECORD_LENGTH].ljust(RECORD_LENGTH, b" ")
    try:
        read = record.decode(raw)
    except KnownError as error:
        assert error.code in _DECLARED
        return
    assert read.raw == raw
    read.findings(_DAY)
    again = record.decode(record.encode(read))
    assert replace(again, raw=raw) == read
    reading = CardReading(read, b"", "05.01", _READER)
    assert card_from_json(card_to_json(reading, b"", ""), b"") == reading


if __name__ == "__main__":
    run(decode, [record.encode(person) for person in PRACTICE_PEOPLE], RECORD_LENGTH + 1)
