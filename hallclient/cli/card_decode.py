"""`hallclient card decode`: a chip's 256 bytes in words."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from drivers.idcard.portrait_format import portrait_facts
from drivers.idcard.record import decode as decode_record
from hallclient.cli.given_file import about, given_path, read_given
from hallclient.cli.output import JsonOption, answer
from hallclient.domain.card import CardRecord
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.hall_time import hall_date
from hallclient.services.code_names import nation_name, sex_name
from hallclient.system import SystemClock

_LONG_TERM = "long-term"


def decode(
    record: Annotated[
        Path,
        typer.Argument(
            parser=given_path, metavar="RECORD", help="File with the 256 bytes of text as they stand on the chip."
        ),
    ],
    portrait: Annotated[
        Path | None, typer.Option(parser=given_path, metavar="PATH", help="File with the chip's portrait.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a chip's record holds. Shows personal data in full, on purpose: it is for the operator's IT."""
    with about("RECORD"):  # and not by its name, which may be a person's
        document = record_document(_decoded(read_given(record)))
    if portrait is not None:
        with about("--portrait"):
            facts = portrait_facts(read_given(portrait))
        document["portrait"] = {"format": facts.format.value, "width": facts.width, "height": facts.height}
    answer(document, [f"{field}: {_words(value)}" for field, value in document.items()], as_json)


def _decoded(data: bytes) -> CardRecord:
    """The record in a file. Raises input_invalid for bytes that are none: there is no card to lift and to wipe."""
    try:
        return decode_record(data)
    except KnownError as error:
        if error.code is not FailureCode.CARD_UNREADABLE:
            raise
        raise KnownError(FailureCode.INPUT_INVALID, error.detail) from None


def record_document(record: CardRecord) -> dict[str, Any]:
    """What is printed; null for what the kind does not have and what the chip leaves blank."""
    return {
        "kind": record.kind.value,
        "name": record.name or None,
        "english_name": record.english_name or None,
        "sex": sex_name(record.sex_code) or None,
        "nation": nation_name(record.nation_code) or None,
        "birth": _iso(record.birth),
        "address": record.address or None,
        "number": record.number,
        "authority": record.authority or None,
        "valid_from": _iso(record.valid_from),
        "valid_to": _LONG_TERM if record.long_term else _iso(record.valid_to),
        "pass_number": record.pass_number or None,
        "issue_count": record.issue_count or None,
        "country": record.country or None,
        "version": record.version or None,
        "old_number_reference": record.old_number_reference or None,
        "findings": [finding.value for finding in record.findings(today())],
    }


def today() -> date:
    """The day at the counter."""
    return hall_date(SystemClock().now())


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_words(part)}" for name, part in value.items())
    if isinstance(value, list):
        return ", ".join(value) or "-"
    return "-" if value is None else str(value)
