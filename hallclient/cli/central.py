"""`hallclient central`: the receiving system, for the operator's IT."""

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hallclient.cli import central_archive, central_root
from hallclient.cli.given_file import about, given_path, read_given, usable
from hallclient.cli.output import JsonOption, answer
from hallclient.domain.certificate_issuing import PRACTICE_ISSUER_DAYS
from hallclient.domain.certificate_requests import read_requests
from hallclient.domain.enrolment import LONGEST_IDLE_LOCK_S, SHORTEST_IDLE_LOCK_S, EnrolmentSettings
from hallclient.domain.equipment import Place, Workstation
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.timestamp_settings import TimestampSettings
from hallclient.regular_file import not_read, read_regular
from hallclient.system import SystemClock, SystemEntropy

if TYPE_CHECKING:
    from hallclient.central.centre import Centre

app = typer.Typer(no_args_is_help=True, help="The central system (needs the extra `central`).")

app.add_typer(central_root.app, name="root")
app.command()(central_archive.renew_archive)
app.command()(central_archive.notice)

_LARGEST_LIBRARY_BYTES = 64 * 1024 * 1024

CentreData = Annotated[Path, typer.Option("--data", parser=given_path, metavar="PATH", help="The centre's folder.")]


def _founded_centre(data: Path, name: str, practice: bool, hosts: tuple[str, ...]) -> "Centre":
    """The centre in `data`; an empty or missing folder becomes a new one for practice, whose root nobody keeps.

    Any other is founded by `hallclient central root certify`. Raises input_invalid.
    """
    # Here and not above: a counter has no use for the extra `central`.
    from hallclient.central.centre import Centre  # noqa: PLC0415

    clock, entropy = SystemClock(), SystemEntropy()
    with usable(data):
        if data.is_dir() and any(data.iterdir()):
            return Centre.open(data, clock, entropy)
        if not practice:
            raise KnownError(FailureCode.INPUT_INVALID, "no centre: `hallclient central root certify` founds one")
        return Centre.create(data, name, True, clock, entropy, hosts, days=PRACTICE_ISSUER_DAYS)


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
    """Receive packages until stopped. Prints its address once it listens.

    With --practice the first start makes all keys; any other centre is founded by `hallclient central root certify`.
    """
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
    signed = _opened_centre(data).enrol(read_requests(asked), Workstation(Place(hall, channel, counter), device))
    with about("--out"), usable(out):
        out.write_bytes(signed.to_json())
    enrolment = signed.unverified()
    answer({"centre": enrolment.centre, "practice": enrolment.practice, "out": str(out)}, [str(out)], as_json)


@app.command()
def settings(
    data: CentreData,
    address: Annotated[list[str] | None, typer.Option(help="Where counters find it, https://host:port.")] = None,
    thresholds: Annotated[
        list[Path] | None,
        typer.Option(parser=given_path, metavar="PATH", help="Thresholds of a face engine, as a TOML file."),
    ] = None,
    timestamp_url: Annotated[str | None, typer.Option(help="A service that signs times (RFC 3161).")] = None,
    timestamp_roots: Annotated[
        Path | None,
        typer.Option(parser=given_path, metavar="PATH", help="PEM file of the roots that vouch for that service."),
    ] = None,
    portrait_library: Annotated[
        Path | None,
        typer.Option(parser=given_path, metavar="PATH", help="The vendor's library that decodes the chip's portrait."),
    ] = None,
    idle_lock_s: Annotated[
        int | None,
        typer.Option(min=SHORTEST_IDLE_LOCK_S, max=LONGEST_IDLE_LOCK_S, help="Seconds until an idle counter locks."),
    ] = None,
    none: Annotated[bool, typer.Option("--none", help="Forget what was set before.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what counters are told when they are enrolled or renewed, or set it. Start the centre again after."""
    from hallclient.central.identity import change_identity, read_identity  # noqa: PLC0415  # see `_founded_centre`

    before = read_identity(data)
    kept = EnrolmentSettings() if none else before.settings
    changes: dict[str, object] = {}
    if thresholds:
        changes["thresholds"] = _thresholds(kept, thresholds)
    if timestamp_url is not None or timestamp_roots is not None:
        changes["timestamps"] = _timestamps(timestamp_url, timestamp_roots)
    if idle_lock_s is not None:
        changes["idle_lock_s"] = idle_lock_s
    if portrait_library is not None:
        with about(f"--portrait-library {portrait_library.name}"):
            changes["portrait_library_sha256"] = _digest(portrait_library)
    if none or changes or address:
        addresses = address if address else () if none else before.addresses
        with usable(data):
            before = change_identity(
                data, addresses=list(addresses), settings={**kept.model_dump(mode="json"), **changes}
            )
    document = {"addresses": list(before.addresses), **before.settings.model_dump(mode="json")}
    answer(document, [f"{name}: {value}" for name, value in document.items()], as_json)


def _thresholds(kept: EnrolmentSettings, files: list[Path]) -> list[dict[str, object]]:
    """Those of the files in the place of those that were set for the same engine."""
    from drivers.face.thresholds import engine_of, read_thresholds  # noqa: PLC0415  # it brings the face engines

    found = {one.engine: one.thresholds for one in kept.thresholds}
    for file in files:
        engine = engine_of(file)
        found[engine] = read_thresholds(file, engine)
    return [{"engine": engine, "thresholds": asdict(value)} for engine, value in sorted(found.items())]


def _timestamps(url: str | None, roots: Path | None) -> dict[str, object]:
    """Raises input_invalid for one without the other, and for what is no address or no certificate."""
    if url is None or roots is None:
        raise KnownError(FailureCode.INPUT_INVALID, "--timestamp-url and --timestamp-roots go together")
    with about(f"--timestamp-roots {roots.name}"):
        pem = read_given(roots)
    try:
        return TimestampSettings(url=url, roots=pem.decode("ascii")).model_dump(mode="json")
    except ValueError:
        raise KnownError(
            FailureCode.INPUT_INVALID, "--timestamp-url: http(s)://..., --timestamp-roots: certificates in PEM"
        ) from None


def _digest(file: Path) -> str:
    """Raises file_missing, input_invalid."""
    try:
        return hashlib.sha256(read_regular(file, _LARGEST_LIBRARY_BYTES)).hexdigest()
    except OSError as error:
        raise not_read(error, FailureCode.INPUT_INVALID) from None


@app.command()
def revoke(
    data: CentreData,
    reason: Annotated[str, typer.Option(help="For the centre's own records.")],
    device: Annotated[str | None, typer.Option(help="A counter's computer, by its own name.")] = None,
    hall: Annotated[str | None, typer.Option(help="Of the device, where several halls have one of its name.")] = None,
    staff: Annotated[str | None, typer.Option(help="A person, by their staff number.")] = None,
    serial: Annotated[str | None, typer.Option(help="One certificate, by its serial number in hex.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Revoke all certificates of a device or a person, or one by its number.

    The running centre knows at once, and each counter with its next contact.
    """
    if [device, staff, serial].count(None) != 2 or (hall is not None and device is None):  # one of three
        raise KnownError(FailureCode.INPUT_INVALID, "one of --device (with --hall), --staff, --serial")
    centre = _opened_centre(data)
    if device is not None:
        serials = centre.revoke_device(device, reason, hall)
    elif staff is not None:
        serials = centre.revoke_staff(staff, reason)
    else:
        serials = (_serial(serial or ""),)
        centre.revoke_serial(serials[0], reason)
    number = centre.revocations().number
    texts = [f"{one:X}" for one in serials]
    answer({"revoked": texts, "list": number}, [*(f"revoked {text}" for text in texts), f"list {number}"], as_json)


@app.command("reset-staff")
def reset_staff(
    data: CentreData,
    staff: Annotated[str, typer.Option(help="The staff number.")],
    hall: Annotated[str, typer.Option(help="The hall, as in its set-up.")],
    out: Annotated[Path, typer.Option(parser=given_path, metavar="PATH", help="Where to write the leave.")],
    as_json: JsonOption = False,
) -> None:
    """Let one administrator of a hall invite a number for which it needs two: once, within three days.

    To replace a forgotten login (`hallclient hall reset-staff NUMBER --word FILE`), and for a further administrator
    (`hallclient hall invite NUMBER --role administrator --word FILE`).
    """
    word = _opened_centre(data).staff_word(staff, hall)
    with about("--out"), usable(out):
        out.write_bytes(word.canonical())
    document = {"number": staff, "hall": hall, "until": word.word.until, "out": str(out)}
    answer(document, [str(out), f"until: {word.word.until}"], as_json)


def _serial(text: str) -> int:
    """Raises input_invalid. OpenSSL writes colons between the bytes in some places."""
    try:
        number = int(text.replace(":", ""), 16)
    except ValueError:
        number = 0
    if not 0 < number < 2 ** (8 * 20):  # RFC 5280, 4.1.2.2
        raise KnownError(FailureCode.INPUT_INVALID, "--serial: not a serial number in hex")
    return number
