"""`hallclient central renew-archive` and `notice`: what proves signed notices for decades."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from hallclient.cli.given_file import about, given_path, usable
from hallclient.cli.output import JsonOption, answer
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.system import SystemClock, SystemEntropy

CentreData = Annotated[Path, typer.Option("--data", parser=given_path, metavar="PATH", help="The centre's folder.")]
_PATIENCE_S = 30.0  # nobody stands and waits


def renew_archive(
    data: CentreData,
    all_notices: Annotated[bool, typer.Option("--all", help="Also those that are not due yet.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Give every notice that was received what proves it for longer: certificates, revocations, and a new timestamp.

    Run it every month: a notice is due when it has no archive timestamp, or half of the time is over for which the
    newest one is good. Ends with 1 when one could not be renewed; the answer says which, and why.
    """
    from hallclient.central.centre import Centre  # noqa: PLC0415  # a counter lacks the extra `central`
    from hallclient.central.notice_archive import Became, NoticeArchive  # noqa: PLC0415
    from hallclient.sync.timestamp_client import TimestampClient  # noqa: PLC0415

    clock, entropy = SystemClock(), SystemEntropy()
    with usable(data):
        centre = Centre.open(data, clock, entropy)
        settings = centre.settings.timestamps
        if settings is None:
            raise KnownError(FailureCode.INPUT_INVALID, "no timestamp service: see `hallclient central settings`")
        client = TimestampClient(settings, entropy, clock.monotonic, _PATIENCE_S)
        archive = NoticeArchive(data, centre.keys, clock, entropy)
        told = list(archive.renew(settings, client.stamp, centre.revocations(), also_not_due=all_notices))
    counted = Counter(each.became.value for each in told)
    failed = [each for each in told if each.became in (Became.NOT_VALID, Became.UNREADABLE)]
    rows = [{"session": it.session, "file": it.file, "became": it.became.value, "why": list(it.why)} for it in failed]
    document = {**{became.value: counted[became.value] for became in Became}, "failed": rows}
    lines = [f"{became.value} {counted[became.value]}" for became in Became]
    lines += [f"{it.session} {it.file}: {it.became.value}: {', '.join(it.why)}" for it in failed]
    answer(document, lines, as_json, positive=not failed)


def notice(
    data: CentreData,
    session: Annotated[str, typer.Argument(help="The session's id.")],
    out: Annotated[Path, typer.Option(parser=given_path, metavar="PATH", help="Where to write the PDF, in the clear.")],
    as_json: JsonOption = False,
) -> None:
    """Write a session's signed notice in its newest form, for whoever has a right to it; see `hallclient verify`."""
    from hallclient.central.centre import Centre  # noqa: PLC0415  # a counter lacks the extra `central`
    from hallclient.central.durable import write_new  # noqa: PLC0415
    from hallclient.central.notice_archive import NoticeArchive  # noqa: PLC0415

    clock, entropy = SystemClock(), SystemEntropy()
    with usable(data):
        centre = Centre.open(data, clock, entropy)
        pdf = NoticeArchive(data, centre.keys, clock, entropy).notice(session)
    with about("--out"), usable(out):
        write_new(out, [pdf], f"{entropy.token(8).hex()}.tmp")  # nobody else can read it
    answer({"session": session, "out": str(out)}, [str(out)], as_json)
