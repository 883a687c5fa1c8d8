"""`hallclient audit`: the hall's audit log."""

import typer

from hallclient.cli.login import DataOption, StaffOption, opened_hall
from hallclient.cli.output import JsonOption, answer
from hallclient.storage.audit import first_broken_link, head

app = typer.Typer(no_args_is_help=True, help="The hall's audit log.")


@app.callback()
def group() -> None:
    """Keep `verify` a command of its own while it is the only one."""


@app.command()
def verify(data: DataOption = None, staff: StaffOption = None, as_json: JsonOption = False) -> None:
    """Check the chain of digests from its first row. Exits with 1 when it is broken."""
    with opened_hall(data, staff) as hall, hall.database.reading() as tables:
        broken = first_broken_link(tables)
        last = head(tables)
    document = {"holds": broken is None, "events": last.sequence, "head": last.head, "broken_at": broken}
    answer(document, [f"{name}: {value}" for name, value in document.items()], as_json, positive=broken is None)
