"""The measured thresholds of a face engine: those that ship in `assets/face/ENGINE.toml`, or an operator's own file.

Both have the same form: `engine`, `match`, `doubt`, `false_accept_rate`, `dataset` and `measured_on`.
"""

import tomllib
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

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


def engine_of(path: Path) -> str:
    """For which engine a file's thresholds are. Raises file_missing, thresholds_invalid."""
    try:
        return str(tomllib.loads(read_regular(path, _LARGEST_FILE_BYTES).decode("utf-8")).get("engine", ""))
    except OSError as error:
        raise not_read(error, FailureCode.THRESHOLDS_INVALID, path.name) from None
    except ValueError as error:
        raise KnownError(FailureCode.THRESHOLDS_INVALID, f"{path.name}: {error}") from None


class _File(BaseModel):
    """What it says. More may stand there: notes of whoever measured."""

    model_config = ConfigDict(strict=True, hide_input_in_errors=True)

    engine: str
    match: float
    doubt: float
    false_accept_rate: float
    dataset: Annotated[str, Field(pattern=r"\S")]
    measured_on: Annotated[str, AfterValidator(lambda text: date.fromisoformat(text).isoformat())]


def _thresholds(data: bytes, engine: str) -> Thresholds:
    """Raises ValueError (so does tomllib, and a decoder that meets no UTF-8)."""
    try:
        values = _File.model_validate(tomllib.loads(data.decode("utf-8"))).model_dump()
    except ValidationError as error:
        raise ValueError("; ".join(f"{one['loc'][0]}: {one['msg']}" for one in error.errors())) from None
    if values.pop("engine") != engine:
        raise ValueError(f"engine is not {engine}: another engine's scores mean something else")
    thresholds = Thresholds(**values)
    if not thresholds.sane:
        raise ValueError(
            "doubt and match must be in this order between -1 and 1, match above 0, false_accept_rate between 0 and 1"
        )
    return thresholds
