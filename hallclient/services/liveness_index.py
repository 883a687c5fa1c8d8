"""The indexes that the liveness rules are measured on: what people do in videos, and attacks."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hallclient.domain.liveness import Challenge
from hallclient.services.index_file import bad_row, file_of_row, read_rows

_MOVEMENT_COLUMNS = ("file", "challenge", "ask_from_s", "begin_s", "end_s")
_ATTACK_COLUMNS = ("file", "kind")
_LATEST_S = 3600.0  # an index of milliseconds would ask for weeks


@dataclass(frozen=True, slots=True)
class GenuineMovement:
    """A person who, asked for `challenge` at any time from `ask_from_s` to `begin_s`, does it until `end_s`.

    Times are those of the video's pictures, in seconds from its first one. `row` is the row in the index as a
    spreadsheet counts, `file` what the index calls the video.
    """

    row: int
    file: str
    path: Path
    challenge: Challenge
    ask_from_s: float
    begin_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Attack:
    """A video of an attack; `kind` says in any words which one."""

    row: int
    file: str
    path: Path
    kind: str


def read_movements(index: Path) -> tuple[GenuineMovement, ...]:
    """The rows of an index with the columns file, challenge, ask_from_s, begin_s and end_s.

    Raises KnownError: input_invalid with the number of the row.
    """
    return tuple(_movement(index, number, values) for number, values in read_rows(index, _MOVEMENT_COLUMNS))


def read_attacks(index: Path) -> tuple[Attack, ...]:
    """The rows of an index with the columns file and kind. Raises KnownError: input_invalid with the row's number."""
    return tuple(
        Attack(number, file, file_of_row(index.parent, number, file), kind)
        for number, (file, kind) in read_rows(index, _ATTACK_COLUMNS)
    )


def _movement(index: Path, number: int, values: Sequence[str]) -> GenuineMovement:
    file, challenge, *times = values
    if challenge not in set(Challenge):
        raise bad_row(number, f"challenge is none of {', '.join(Challenge)}")
    ask_from_s, begin_s, end_s = (
        _seconds(number, column, text) for column, text in zip(_MOVEMENT_COLUMNS[2:], times, strict=True)
    )
    if ask_from_s > begin_s:
        raise bad_row(number, "begin_s is before ask_from_s")
    if begin_s >= end_s:
        raise bad_row(number, "end_s is not after begin_s")
    path = file_of_row(index.parent, number, file)
    return GenuineMovement(number, file, path, Challenge(challenge), ask_from_s, begin_s, end_s)


def _seconds(number: int, column: str, text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = float("nan")
    if not 0 <= seconds <= _LATEST_S:
        raise bad_row(number, f"{column} is no number of seconds from 0 to {_LATEST_S:g}")
    return seconds
