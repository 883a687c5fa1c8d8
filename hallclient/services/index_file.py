"""The index of a collection that is measured on: a CSV file beside the pictures or videos that its rows name."""

import csv
from collections.abc import Sequence
from pathlib import Path

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.regular_file import must_be_regular, not_read


def read_rows(index: Path, columns: Sequence[str]) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """Each row's number and its values in the order of `columns`, none of them empty; at least one row.

    The number is the one that a spreadsheet shows (the header is 1). Raises file_missing, and input_invalid with
    the number of the row, and nothing that could be a person's name.
    """
    try:
        must_be_regular(index)
        with index.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            missing = [column for column in columns if column not in (table.fieldnames or ())]
            if missing:
                raise KnownError(FailureCode.INPUT_INVALID, f"the index has no column {', '.join(missing)}")
            rows = tuple((number, _values(number, fields, columns)) for number, fields in enumerate(table, start=2))
    except OSError as error:
        raise not_read(error, FailureCode.INPUT_INVALID, index.name) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise KnownError(FailureCode.INPUT_INVALID, f"the index is no CSV file: {type(error).__name__}") from None
    if not rows:
        raise KnownError(FailureCode.INPUT_INVALID, "the index is empty")
    return rows


def file_of_row(folder: Path, number: int, file: str) -> Path:
    """The file that row `number` names: it is there, inside `folder`, mostly the index's own. Raises input_invalid."""
    try:
        folder = folder.resolve()
        path = (folder / file).resolve()
        inside, there = path.is_relative_to(folder), path.is_file()
    except (OSError, ValueError):  # a name that no file can have
        raise bad_row(number, "file cannot be a file's name") from None
    if not inside:
        raise bad_row(number, "file is outside the index's folder")
    if not there:
        raise bad_row(number, "file is missing")
    return path


def bad_row(number: int, what: str) -> KnownError:
    """What is said of row `number`."""
    return KnownError(FailureCode.INPUT_INVALID, f"row {number}: {what}")


def _values(number: int, fields: dict[str, str | None], columns: Sequence[str]) -> tuple[str, ...]:
    values = tuple((fields[column] or "").strip() for column in columns)
    for column, value in zip(columns, values, strict=True):
        if not value:
            raise bad_row(number, f"no {column}")
    return values
