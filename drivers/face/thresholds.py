"""The measured thresholds of a face engine: those that ship in `assets/face/ENGINE.toml`, or an operator's own file.

Both have the same form: `engine`, `match`, `doubt`, `false_accept_rate`, `dataset` and `measured_on`.
"""

import tomllib
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from hallclient.domain.comparison import Thresholds
from hallclient.domain.failures import BugError, FailureCode, KnownError
from hallclient.regular_file import not_read, read_regular

_LARGEST_FILE_BYTES = 65536


def shipped_thresholds(engine: str) -> Thresholds:
    """The thresholds that ship for `engine`. They are part of the product: a file that does not fit is a BugError."""
    try:
        return _thresholds((files("assets") / "face" / f"{engine}.toml").read_bytes(), engine)
    except (OSError, ValueError) as error:
        raise BugError(f"the thresholds of {engine}: {error}") from error


def read_thresholds(path: Path, engine: str) -> Thresholds:
    """An operator's own thresholds for `engine`. Raises file_missing, and thresholds_invalid with what is wrong."""
    try:
        return _thresholds(read_regular(path, _LARGEST_FILE_BYTES), engine)
    except OSError as error:
        raise not_read(error, FailureCode.THRESHOLDS_INVALID, path.name) from None
    except ValueError as error:
        raise KnownError(FailureCode.THRESHOLDS_INVALID, f"{path.name}: {error}") from None


def _thresholds(data: bytes, engine: str) -> Thresholds:
    """Raises ValueError (so does tomllib, and a decoder that meets no UTF-8)."""
    table = tomllib.loads(data.decode("utf-8"))
    if _text(table, "engine") != engine:
        raise ValueError(f"engine is not {engine}: another engine's scores mean something else")
    thresholds = Thresholds(
        match=_number(table, "match"),
        doubt=_number(table, "doubt"),
        false_accept_rate=_number(table, "false_accept_rate"),
        dataset=_text(table, "dataset"),
        measured_on=date.fromisoformat(_text(table, "measured_on")).isoformat(),
    )
    if not thresholds.sane:
        raise ValueError(
            "doubt and match must be in this order between -1 and 1, match above 0, false_accept_rate between 0 and 1"
        )
    return thresholds


def _number(table: dict[str, Any], key: str) -> float:
    value = table.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{key} must be a number")
    return float(value)


def _text(table: dict[str, Any], key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{key} must be a text")
    return value
