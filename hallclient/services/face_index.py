"""The index of a collection of faces that engines are measured on: a CSV file beside its pictures."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.regular_file import must_be_regular, not_read

_COLUMNS = ("group", "identity", "role", "file")


class Role(StrEnum):
    """What a picture stands for.

    CARD is a chip's portrait, PHOTO a live photo. PHOTO_OF_CARD is the very picture that a card was cut from: it meets
    other people's cards only, since its own would be the same picture twice.
    """

    CARD = "card"
    PHOTO = "photo"
    PHOTO_OF_CARD = "photo-of-card"


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One picture. `row` is its row in the file as a spreadsheet counts (the header is 1); `identity` is personal."""

    row: int
    group: str
    identity: str
    role: Role
    path: Path


def read_index(index: Path) -> tuple[IndexRow, ...]:
    """The rows of `index`; every file is there, inside the index's folder.

    Raises file_missing, and input_invalid with the number of the row and nothing that could be a person's name.
    """
    try:
        must_be_regular(index)
        with index.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            missing = [column for column in _COLUMNS if column not in (table.fieldnames or ())]
            if missing:
                raise KnownError(FailureCode.INPUT_INVALID, f"the index has no column {', '.join(missing)}")
            folder = index.parent.resolve()
            rows = tuple(_row(folder, number, fields) for number, fields in enumerate(table, start=2))
    except OSError as error:
        raise not_read(error, FailureCode.INPUT_INVALID, index.name) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise KnownError(FailureCode.INPUT_INVALID, f"the index is no CSV file: {type(error).__name__}") from None
    if not rows:
        raise KnownError(FailureCode.INPUT_INVALID, "the index is empty")
    return rows


def of_groups(rows: Sequence[IndexRow], wanted: Sequence[str]) -> dict[str, tuple[IndexRow, ...]]:
    """The rows of each of the `wanted` groups (without any wanted, of all), in the index's order.

    Raises KnownError: input_invalid for a group that the index does not have.
    """
    groups = {row.group: () for row in rows} if not wanted else dict.fromkeys(wanted, ())
    found = {name: tuple(row for row in rows if row.group == name) for name in groups}
    for name, members in found.items():
        if not members:
            raise KnownError(FailureCode.INPUT_INVALID, f"the index has no group {name}")
    return found


def _row(folder: Path, number: int, fields: dict[str, str | None]) -> IndexRow:
    values = [(fields[column] or "").strip() for column in _COLUMNS]
    for column, value in zip(_COLUMNS, values, strict=True):
        if not value:
            raise _bad(number, f"no {column}")
    group, identity, role, file = values
    if role not in set(Role):
        raise _bad(number, f"role is none of {', '.join(Role)}")
    try:
        path = (folder / file).resolve()
        inside, there = path.is_relative_to(folder), path.is_file()
    except (OSError, ValueError):  # a name that no file can have
        raise _bad(number, "file cannot be a file's name") from None
    if not inside:
        raise _bad(number, "file is outside the index's folder")
    if not there:
        raise _bad(number, "file is missing")
    return IndexRow(number, group, identity, Role(role), path)


def _bad(number: int, what: str) -> KnownError:
    return KnownError(FailureCode.INPUT_INVALID, f"row {number}: {what}")
