"""A centre's own rules: the table `judging` of `centre.json`, which only the operator's IT writes."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool, ValidationError

from hallclient.domain.comparison import Thresholds
from hallclient.domain.failures import BugError, FailureCode, KnownError

_ENGINES = ("sface", "dlib")  # whose thresholds ship


@dataclass(frozen=True, slots=True)
class Policy:
    """
    Attributes:
        thresholds: by the names of the face engines that the operator allows; a client's own are not believed.
        compares: whether the centre compares the pictures itself; None where it does if it has an engine.
        largest_clock_difference_s: between a device's clock and the centre's.
        gap_days: how long a number may be missing among a device's sessions, since others wait for a review there.
    """

    thresholds: Mapping[str, Thresholds]
    compares: bool | None = None
    largest_clock_difference_s: float = 300.0
    gap_days: float = 7.0


class _Judging(BaseModel):
    """The table. What is left out is as it ships."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    compares: StrictBool | None = None
    thresholds: dict[str, Thresholds] | None = None
    largest_clock_difference_s: Annotated[float, Field(gt=0, le=86_400)] = 300.0
    gap_days: Annotated[float, Field(ge=0, le=366)] = 7.0


def policy_from(table: object) -> Policy:
    """The policy in `table`, plain JSON data; an empty one is the shipped. Raises store_unreadable."""
    try:
        judging = _Judging.model_validate(table)
    except ValidationError as error:
        wrong = ", ".join(sorted({".".join(map(str, item["loc"])) for item in error.errors()}))
        raise KnownError(FailureCode.STORE_UNREADABLE, f"centre.json: judging: {wrong}") from None
    thresholds = shipped_thresholds() if judging.thresholds is None else judging.thresholds
    if not all(one.sane for one in thresholds.values()):
        raise KnownError(FailureCode.STORE_UNREADABLE, "centre.json: judging: thresholds that nobody measured")
    return Policy(thresholds, judging.compares, judging.largest_clock_difference_s, judging.gap_days)


def shipped_thresholds() -> dict[str, Thresholds]:
    """Those of every engine that ships, see `assets/face`."""
    return {engine: _shipped(engine) for engine in _ENGINES}


def _shipped(engine: str) -> Thresholds:
    try:
        values = tomllib.loads((files("assets") / "face" / f"{engine}.toml").read_text("utf-8"))
        return Thresholds(**{name: value for name, value in values.items() if name != "engine"})
    except (OSError, ValueError, TypeError) as error:
        raise BugError(f"the thresholds of {engine}: {error}") from error
