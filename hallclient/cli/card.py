"""`hallclient card`: the card readers of this computer."""

import time
from typing import Annotated, Any

import typer

from hallclient.cli.card_decode import decode, record_document, today
from hallclient.cli.output import JsonOption, answer
from hallclient.devices import ReaderStatus
from hallclient.domain.card import CardReading
from hallclient.domain.failures import FAILURES
from hallclient.domain.person import MaskedPerson
from hallclient.system import SystemClock
from hallclient.wiring.card_readers import opened_readers

app = typer.Typer(no_args_is_help=True, help="Identity cards and their readers.")
app.command("decode")(decode)

PracticeOption = Annotated[bool, typer.Option("--practice", help="The practice reader, with the practice card on it.")]

_FIRST_LOOK_S = 3.0


def as_document(status: ReaderStatus) -> dict[str, Any]:
    """One reader for a JSON document."""
    reader = status.reader
    failure = FAILURES[status.failure] if status.failure is not None else None
    return {
        "name": reader.name if reader else None,
        "profile": reader.profile if reader else None,
        "transport": reader.transport if reader else None,
        "practice": reader.practice if reader else None,
        "state": status.state.value,
        "failure": status.failure.value if status.failure is not None else None,
        "remedy": failure.remedy if failure is not None else None,
    }


@app.command("list")
def list_readers(practice: PracticeOption = False, as_json: JsonOption = False) -> None:
    """The readers that are plugged in. Exits with 1 when there is none."""
    with opened_readers(SystemClock(), practice=practice) as readers:
        documents = [as_document(status) for status in readers.readers(_FIRST_LOOK_S)]
    lines = [f"{one['name']}: {one['profile']}, {one['transport']}, {one['state']}" for one in documents]
    answer({"readers": documents}, lines, as_json, positive=bool(documents))


@app.command()
def read(
    reader: Annotated[str | None, typer.Option("--reader", help="Its name, as `card list` prints it.")] = None,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for a card.")] = 30.0,
    show: Annotated[bool, typer.Option("--show", help="Print what the card says, not masked.")] = False,
    practice: PracticeOption = False,
    as_json: JsonOption = False,
) -> None:
    """Read one card. Name and number are masked, and everything else personal is left out, unless --show is given."""
    with opened_readers(SystemClock(), practice=practice) as readers:
        readers.readers(_FIRST_LOOK_S)  # without a service no card can come: whoever waits for one is told at once
        began = time.monotonic()
        reading = readers.read(timeout, reader)
        seconds = time.monotonic() - began
    document = _fields(reading, show) | {
        "sam_number": reading.sam_number,
        "reader": reading.reader.name,
        "profile": reading.reader.profile,
        "transport": reading.reader.transport,
        "practice": reading.reader.practice,
        "portrait": any(reading.portrait),
        "seconds": round(seconds, 4),
    }
    answer(document, [f"{name}: {value}" for name, value in document.items()], as_json)


def _fields(reading: CardReading, show: bool) -> dict[str, Any]:
    record = reading.record
    # With what was missed while reading: a file with a record knows nothing of it.
    whole = record_document(record) | {"findings": [finding.value for finding in reading.findings(today())]}
    if show:
        return whole | {"new_address": reading.new_address, "masked": False}
    person = MaskedPerson.of(record)
    masked = {"kind": person.document.value, "name": person.name, "number": person.number}
    return masked | {"masked": True, "findings": whole["findings"]}
