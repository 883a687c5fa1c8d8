"""The index of a collection of faces that engines are measured on: a CSV file beside its pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.services.index_file import bad_row, file_of_row, read_rows

_COLUMNS = ("group", "identity", "role", "file")


class PictureRole(StrEnum):
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
    role: PictureRole
    path: Path


def read_index(index: Path) -> tuple[IndexRow, ...]:
    """The rows of `index`; every file is there, inside the index's folder.

    Raises file_missing, and input_invalid with the number of the row and nothing that could be a person's name.
    """
    return tuple(_row(index, number, values) for number, values in read_rows(index, _COLUMNS))


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


def _row(index: Path, number: int, values: Sequence[str]) -> IndexRow:
    group, identity, role, file = values
    if role not in set(PictureRole):
        raise bad_row(number, f"role is none of {', '.join(PictureRole)}")
    return IndexRow(number, group, identity, PictureRole(role), file_of_row(index.parent, number, file))
