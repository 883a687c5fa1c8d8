"""Reader profiles: which readers we know, and how to speak to them. One TOML file each."""

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hallclient.domain.failures import FailureCode, KnownError


class Transport(StrEnum):
    """How bytes travel to a reader."""

    PCSC_ESCAPE = "pcsc-escape"


class ReaderProtocol(StrEnum):
    """What a reader speaks."""

    SAM = "sam"


@dataclass(frozen=True, slots=True)
class ReaderProfile:
    """A declared kind of reader.

    Attributes:
        name: the file's name without its ending; goes into the evidence.
        reader_name: what the operating system's name of such a reader begins with, as a regular expression.
        order: profiles are tried from the smallest to the largest, and the first that fits is used.
        transport, protocol: how to speak to it.
        practice: the reader is simulated.
        tried_on_hardware: somebody has read a real card with it.
    """

    name: str
    reader_name: re.Pattern[str]
    order: int
    transport: Transport
    protocol: ReaderProtocol
    practice: bool = False
    tried_on_hardware: bool = False


def load_profiles(folder: Path) -> tuple[ReaderProfile, ...]:
    """The profiles of all `*.toml` in `folder`, in the order in which they are tried.

    Raises KnownError: input_invalid, naming the file.
    """
    profiles = [_load(path) for path in folder.glob("*.toml")]
    return tuple(sorted(profiles, key=lambda profile: (profile.order, profile.name)))


def _load(path: Path) -> ReaderProfile:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        return ReaderProfile(
            name=path.stem,
            reader_name=re.compile(values.pop("reader_name")),
            order=int(values.pop("order")),
            transport=Transport(values.pop("transport")),
            protocol=ReaderProtocol(values.pop("protocol")),
            **values,
        )
    except (OSError, ValueError, KeyError, TypeError, re.error) as error:
        raise KnownError(FailureCode.INPUT_INVALID, f"{path.name}: {error}") from error
