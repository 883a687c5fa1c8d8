"""Reader profiles: which readers we know, and how to speak to them. One TOML file each.

A new reader of a known family is a new file and no code. Every file says:

    order, transport, protocol      and, where they differ from the default, practice, tried_on_hardware, new_address
    PC/SC:  reader_name             and optionally atr_prefix
    serial: serial_port or usb_id   and optionally baud_rates, raise_baud_rate_to
"""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError

from drivers.idcard.sam import BAUD_RATES
from hallclient.domain.failures import FailureCode, KnownError

DEFAULT_BAUD_RATE = 115_200  # READ: eastcoms, softs.im


class Transport(StrEnum):
    """How bytes travel to a reader."""

    PCSC_ESCAPE = "pcsc-escape"
    PCSC_PSEUDO_APDU = "pcsc-pseudo-apdu"
    SERIAL = "serial"


class ReaderProtocol(StrEnum):
    """What a reader speaks."""

    SAM = "sam"
    PSEUDO_APDU = "pseudo-apdu"


# The protocols that a transport can carry: SAM frames are no APDUs.
CARRIED: dict[Transport, ReaderProtocol] = {
    Transport.PCSC_ESCAPE: ReaderProtocol.SAM,
    Transport.PCSC_PSEUDO_APDU: ReaderProtocol.PSEUDO_APDU,
    Transport.SERIAL: ReaderProtocol.SAM,
}


def _known(rate: int) -> int:
    if rate not in BAUD_RATES.values():
        raise ValueError(f"has to be of {', '.join(map(str, BAUD_RATES.values()))}")
    return rate


def _each_once(rates: tuple[int, ...]) -> tuple[int, ...]:
    if not rates or len(set(rates)) < len(rates):
        raise ValueError("has to name each rate once, and at least one")
    return rates


BaudRate = Annotated[int, AfterValidator(_known)]


@dataclass(frozen=True, slots=True)
class ReaderProfile:
    """A declared kind of reader.

    Attributes:
        name: the file's name without its ending; goes into the evidence.
        order: profiles are tried from the smallest to the largest, and the first that fits is used.
        transport, protocol: how to speak to it.
        reader_name: what PC/SC's name of such a reader contains, as a regular expression; None for serial readers.
        atr_prefix: what the ATR of a card on it begins with; empty for any.
        serial_port: what the name of its serial port contains, as a regular expression; None for any.
        usb_id: `VVVV:PPPP` of its serial port's USB adapter, upper-case hexadecimal; None for any.
        baud_rates: bits per second, in the order in which they are tried.
        raise_baud_rate_to: the rate that is ordered once it answers; None to stay.
        new_address: it offers the command 30 03.
        practice: the reader is simulated.
        tried_on_hardware: somebody has read a real card with it.
    """

    __pydantic_config__ = ConfigDict(strict=True, val_json_bytes="hex")

    name: str
    order: int
    transport: Transport
    protocol: ReaderProtocol
    reader_name: re.Pattern[str] | None = None
    atr_prefix: bytes = b""
    serial_port: re.Pattern[str] | None = None
    usb_id: Annotated[str, Field(pattern=r"^[0-9A-F]{4}:[0-9A-F]{4}$")] | None = None
    baud_rates: Annotated[tuple[BaudRate, ...], AfterValidator(_each_once)] = (DEFAULT_BAUD_RATE,)
    raise_baud_rate_to: BaudRate | None = None
    new_address: bool = False
    practice: bool = False
    tried_on_hardware: bool = False

    @property
    def verification(self) -> str:
        """How far it was tried, in a word that goes with its name."""
        return "hardware-verified" if self.tried_on_hardware else "simulator-verified"

    def claims_reader(self, name: str) -> bool:
        """Whether the PC/SC reader called `name` is of this kind."""
        return self.reader_name is not None and self.reader_name.search(name) is not None

    def knows_card(self, atr: bytes) -> bool:
        """Whether a card with this ATR is one for this kind of reader."""
        return atr.startswith(self.atr_prefix)

    def claims_port(self, name: str, usb_id: str | None) -> bool:
        """Whether the serial port `name`, of a USB adapter `VVVV:PPPP` or of none, is of this kind."""
        if self.transport is not Transport.SERIAL:
            return False
        name_fits = self.serial_port is None or self.serial_port.search(name) is not None
        return name_fits and (self.usb_id is None or self.usb_id == usb_id)


def shipped_profiles() -> tuple[ReaderProfile, ...]:
    """All that come with the product. Raises as `load_profiles` does."""
    return load_profiles(Path(str(resources.files("assets") / "readers")))


def load_profiles(folder: Path) -> tuple[ReaderProfile, ...]:
    """The profiles of all `*.toml` in `folder`, in the order in which they are tried.

    Raises KnownError: input_invalid, naming the file and the key.
    """
    profiles = [_load(path) for path in folder.glob("*.toml")]
    return tuple(sorted(profiles, key=lambda profile: (profile.order, profile.name)))


def _load(path: Path) -> ReaderProfile:
    try:
        return _profile(path.stem, tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:  # tomllib's and our own errors are ValueErrors
        raise KnownError(FailureCode.INPUT_INVALID, f"{path.name}: {error}") from error


_REQUIRED = ("order", "transport", "protocol")
_COMMON = frozenset({*_REQUIRED, "new_address", "practice", "tried_on_hardware"})
_OF_PCSC = frozenset({"reader_name", "atr_prefix"})
_OF_SERIAL = frozenset({"serial_port", "usb_id", "baud_rates", "raise_baud_rate_to"})
_READER = TypeAdapter(ReaderProfile)


def _profile(name: str, values: Mapping[str, object]) -> ReaderProfile:
    """Raises ValueError, beginning with the key."""
    for key in values.keys() - _COMMON - _OF_PCSC - _OF_SERIAL:
        raise ValueError(f"{key}: is unknown")
    try:  # as JSON, in which no number is a switch but a text may be a pattern
        profile = _READER.validate_json(json.dumps({**values, "name": name}, default=str))
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    serial = profile.transport is Transport.SERIAL
    for key in values.keys() - _COMMON - (_OF_SERIAL if serial else _OF_PCSC):
        raise ValueError(f"{key}: has no meaning for {profile.transport}")
    if CARRIED[profile.transport] is not profile.protocol:
        raise ValueError(f"protocol: {profile.transport} carries {CARRIED[profile.transport]}")
    if profile.new_address and profile.protocol is not ReaderProtocol.SAM:
        raise ValueError(f"new_address: {profile.protocol} cannot ask for it")
    if not serial and profile.reader_name is None:
        raise ValueError("reader_name: is missing")
    if serial and profile.serial_port is None and profile.usb_id is None:
        raise ValueError("serial_port: is missing, and so is usb_id")
    return profile
