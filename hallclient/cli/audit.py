"""`hallclient audit`: the hall's audit log."""

import json
import tomllib
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer
from cryptography import x509

from hallclient.cli.given_file import about, given_path, read_given, read_given_text, usable
from hallclient.cli.hall_in_use import HallInUse
from hallclient.cli.login import DataOption, StaffOption, opened_hall
from hallclient.cli.output import JsonOption, answer, remark
from hallclient.domain.audit_fault import AuditFinding
from hallclient.domain.certificates import load_roots
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.timestamp_settings import TimestampSettings
from hallclient.services.audit_check import check_audit
from hallclient.services.audit_checkpoint import take_checkpoint
from hallclient.storage.audit import events
from hallclient.sync.timestamp_client import TimestampClient

_COUNTED = ("events", "head", "manifests", "receipts", "checkpoints")

TimestampRootsOption = Annotated[
    Path | None,
    typer.Option(parser=given_path, metavar="PATH", help="PEM file of the roots of the timestamp service."),
]

app = typer.Typer(no_args_is_help=True, help="The hall's audit log.")


@app.command()
def verify(
    online: Annotated[
        bool | None,
        typer.Option(
            "--online/--offline", help="The centre has to answer, or is not asked. Else: asked if it answers."
        ),
    ] = None,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(parser=given_path, metavar="PATH", help="A checkpoint that was carried elsewhere."),
    ] = None,
    timestamp_roots: TimestampRootsOption = None,
    data: DataOption = None,
    staff: StaffOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare the log with its own chain, the manifests and receipts that are kept, and what the centre remembers.

    Also with every checkpoint, by the roots of the enrolment's timestamp service and those in --timestamp-roots.
    Names each row or session that was changed, cut off, written anew or deleted. Exits with 1 when there is one.
    """
    roots = [] if timestamp_roots is None else _roots(timestamp_roots)
    with opened_hall(data, staff, only_reads=True) as hall:
        report = check_audit(hall, online=online, checkpoints=checkpoint or (), timestamp_roots=roots)
        in_use = HallInUse.of(hall)
    words = tomllib.loads((resources.files("assets") / "commands.toml").read_text("utf-8"))["audit"]
    document = {
        "hall": in_use.row,
        "holds": report.holds,
        "events": report.events,
        "head": report.head,
        "manifests": report.manifests,
        "receipts": report.receipts,
        "checkpoints": report.checkpoints,
        "centre": {"sessions": report.known_to_centre, "unasked": report.unasked and report.unasked.value},
        "findings": [asdict(finding) for finding in report.findings],
    }
    lines = [in_use.line, *(f"{name}: {document[name]}" for name in _COUNTED)]
    asked = report.known_to_centre
    lines.append(f"centre: {asked if asked is not None else words['not_asked']}")
    if report.unasked is not None:
        lines[-1] += f" ({report.unasked})"
    lines += [_line(finding, words) for finding in report.findings]
    lines.append(words["holds" if report.holds else "does_not_hold"])
    answer(document, lines, as_json, positive=report.holds)


def _line(finding: AuditFinding, words: dict[str, str]) -> str:
    said = f"{finding.fault.value}  {finding.place}  {words[finding.fault.value]}"
    return f"{said} ({' '.join(part for part in (finding.witness, finding.detail) if part)})"


@app.command()
def checkpoint(
    service: Annotated[str, typer.Option(metavar="URL", help="The timestamp service (RFC 3161).")],
    timestamp_roots: Annotated[
        Path, typer.Option(parser=given_path, metavar="PATH", help="PEM file of the roots of that service.")
    ],
    out: Annotated[
        Path | None, typer.Option(parser=given_path, metavar="PATH", help="Where to write a copy to be carried away.")
    ] = None,
    data: DataOption = None,
    staff: StaffOption = None,
    as_json: JsonOption = False,
) -> None:
    """Have a timestamp service sign where the log stands now; `verify` compares every such checkpoint."""
    try:
        settings = TimestampSettings(url=service, roots=read_given_text(timestamp_roots))
    except ValueError:
        raise KnownError(FailureCode.INPUT_INVALID, "--service: not an address of the web, or no roots") from None
    with opened_hall(data, staff) as hall:
        stamp = TimestampClient(settings, hall.entropy, hall.clock.monotonic).stamp
        path, taken = take_checkpoint(hall, stamp)
        in_use = HallInUse.of(hall)
    if out is not None:
        with about("--out"), usable(out):
            out.write_bytes(taken.canonical())
    document = {"hall": in_use.row, "file": str(path), "sequence": taken.audit.sequence, "head": taken.audit.head}
    answer(document, [in_use.line, *(f"{name}: {document[name]}" for name in ("file", "sequence", "head"))], as_json)


def _roots(path: Path) -> list[x509.Certificate]:
    with about("--timestamp-roots"):
        return load_roots(read_given(path))


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
