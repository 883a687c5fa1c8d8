"""The index of a collection that is measured on: a CSV file beside the pictures or videos that its rows name."""

import csv
from collections.abc import Sequence
from pathlib import Path

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.regular_file import must_be_regular, not_read


def read_rows(index: Path, columns: Sequence[str]) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """Each row's number and its values in the order of `columns`, none of them empty; at least one row.

    The number is the one that a spreadsheet shows (the header is 1); empty rows are passed over. Raises file_missing,
    and input_invalid with the number of the row, and nothing that could be a person's name, as the index's own.
    """
    try:
        must_be_regular(index)
        with index.open(encoding="utf-8-sig", newline="") as file:
            table = csv.reader(file)
            header = next(table, [])
            _require_columns(header, columns)
            rows = tuple(
                (number, _values(number, fields, header, columns))
                for number, fields in enumerate(table, start=2)
                if any(fields)
            )
    except OSError as error:
        raise not_read(error, FailureCode.INPUT_INVALID) from None
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


def _require_columns(header: Sequence[str], columns: Sequence[str]) -> None:
    missing = [column for column in columns if column not in header]
    if missing:
        raise KnownError(FailureCode.INPUT_INVALID, f"the index has no column {', '.join(missing)}")
    for column in columns:
        if header.count(column) > 1:
            raise KnownError(FailureCode.INPUT_INVALID, f"the index has the column {column} twice")


def _values(number: int, fields: Sequence[str], header: Sequence[str], columns: Sequence[str]) -> tuple[str, ...]:
    if any(fields[len(header) :]):  # a comma that should stand in quotation marks
        raise bad_row(number, "more values than columns")
    of_column = dict(zip(header, fields, strict=False))
    values = tuple(of_column.get(column, "").strip() for column in columns)
    for column, value in zip(columns, values, strict=True):
        if not value:
            raise bad_row(number, f"no {column}")
    return values
