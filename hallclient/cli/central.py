"""`hallclient central`: the receiving system, for the operator's IT."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hallclient.cli.given_file import about, given_path, read_given, usable
from hallclient.cli.output import JsonOption, answer
from hallclient.domain.equipment import Place, Workstation
from hallclient.system import SystemClock, SystemEntropy

if TYPE_CHECKING:
    from hallclient.central.centre import Centre

app = typer.Typer(no_args_is_help=True, help="The central system (needs the extra `central`).")

CentreData = Annotated[Path, typer.Option("--data", parser=given_path, metavar="PATH", help="The centre's folder.")]


def _founded_centre(data: Path, name: str, practice: bool, hosts: tuple[str, ...]) -> "Centre":
    """The centre in `data`; an empty or missing folder becomes a new one."""
    # Here and not above: a counter has no use for the extra `central`.
    from hallclient.central.centre import Centre  # noqa: PLC0415

    clock, entropy = SystemClock(), SystemEntropy()
    with usable(data):
        if data.is_dir() and any(data.iterdir()):
            return Centre.open(data, clock, entropy)
        return Centre.create(data, name, practice, clock, entropy, hosts)


def _opened_centre(data: Path) -> "Centre":
    """The centre in `data`; a folder that somebody mistyped becomes none. Raises input_invalid."""
    # Here and not above: see `_founded_centre`.
    from hallclient.central.centre import Centre  # noqa: PLC0415

    with usable(data):
        return Centre.open(data, SystemClock(), SystemEntropy())


@app.command()
def serve(
    data: CentreData,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8443,
    name: Annotated[str, typer.Option(help="Of a new centre.")] = "centre",
    host_name: Annotated[list[str] | None, typer.Option(help="Further names of a new centre's server.")] = None,
    practice: Annotated[bool, typer.Option(help="A new centre is for rehearsals only.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Receive packages until stopped; the first start makes the keys. Prints its address once it listens."""
    from hallclient.central.server import serve as run_server  # noqa: PLC0415
    from hallclient.wiring.centre_faces import centre_faces  # noqa: PLC0415

    _founded_centre(data, name, practice, tuple(host_name or ()))

    def on_ready(url: str) -> None:
        answer({"url": url, "data": str(data)}, [url], as_json)

    with centre_faces() as engine:
        run_server(data, host, port, SystemClock(), SystemEntropy(), on_ready, engine)


@app.command()
def enrol(
    data: CentreData,
    request: Annotated[
        Path,
        typer.Option(parser=given_path, metavar="PATH", help="The hall's request: PEM from `hallclient hall create`."),
    ],
    hall: Annotated[str, typer.Option(help="The hall, as in its set-up.")],
    channel: Annotated[str, typer.Option(help="The hall's channel, as in its set-up.")],
    counter: Annotated[str, typer.Option(help="The counter, as in its set-up.")],
    device: Annotated[str, typer.Option(help="The counter's computer, as in its set-up.")],
    out: Annotated[
        Path, typer.Option(parser=given_path, metavar="PATH", help="Where to write the answer for the hall.")
    ],
    as_json: JsonOption = False,
) -> None:
    """Certify a hall's device; carry the answer to the hall and run `hallclient hall enrol` there."""
    with about(f"--request {request.name}"):
        asked = read_given(request)
    enrolment = _opened_centre(data).enrol(asked, Workstation(Place(hall, channel, counter), device))
    with about("--out"), usable(out):
        out.write_text(enrolment.model_dump_json(indent=2), "utf-8")
    answer({"centre": enrolment.centre, "practice": enrolment.practice, "out": str(out)}, [str(out)], as_json)
