"""`hallclient audit`: the hall's audit log."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from hallclient.cli.hall_in_use import HallInUse
from hallclient.cli.login import DataOption, StaffOption, opened_hall
from hallclient.cli.output import JsonOption, answer, remark
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.storage.audit import events, first_broken_link, head

app = typer.Typer(no_args_is_help=True, help="The hall's audit log.")


@app.command()
def verify(data: DataOption = None, staff: StaffOption = None, as_json: JsonOption = False) -> None:
    """Check the chain of digests from its first row. Exits with 1 when it is broken."""
    with opened_hall(data, staff, only_reads=True) as hall, hall.database.reading() as tables:
        broken = first_broken_link(tables)
        last, in_use = head(tables), HallInUse.of(hall)
    document = {"holds": broken is None, "events": last.sequence, "head": last.head, "broken_at": broken}
    lines = [in_use.line, *(f"{name}: {value}" for name, value in document.items())]
    answer({"hall": in_use.row} | document, lines, as_json, positive=broken is None)


@app.command()
def show(
    session: Annotated[str | None, typer.Option(help="Only this session's events, by its id.")] = None,
    data: DataOption = None,
    staff: StaffOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the events in order, reasons and findings as the codes that stand there. Checks nothing: see `verify`.

    Exits with 1 when nothing is known of the session.
    """
    with opened_hall(data, staff, only_reads=True) as hall, hall.database.reading() as tables:
        listed = [{"sequence": sequence, **asdict(event)} for sequence, event in events(tables, session)]
        in_use = HallInUse.of(hall)
    lines = [
        in_use.line,
        *(
            f"{row['sequence']}  {row['at']}  {row['actor']}  {row['event']}  {row['session'] or '-'}  "
            + json.dumps(row["detail"], ensure_ascii=False, sort_keys=True)
            for row in listed
        ),
    ]
    known = session is None or bool(listed)
    if not known:
        unknown = KnownError(FailureCode.SESSION_UNKNOWN, "the audit log of this hall has no event of it")
        remark(str(unknown), unknown.failure.cause)
    answer({"hall": in_use.row, "events": listed}, lines, as_json, positive=known)
