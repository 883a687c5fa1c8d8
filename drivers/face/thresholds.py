"""The measured thresholds of a face engine, from `assets/face/ENGINE.toml`."""

import tomllib
from importlib.resources import files

from hallclient.domain.comparison import Thresholds
from hallclient.domain.failures import BugError


def load_thresholds(engine: str) -> Thresholds:
    """The thresholds that ship for `engine`. They are part of the product: a file that does not fit is a BugError."""
    table = tomllib.loads((files("assets") / "face" / f"{engine}.toml").read_text(encoding="utf-8"))
    thresholds = Thresholds(
        match=float(table["match"]),
        doubt=float(table["doubt"]),
        false_accept_rate=float(table["false_accept_rate"]),
        dataset=str(table["dataset"]),
        measured_on=str(table["measured_on"]),
    )
    if not -1 <= thresholds.doubt <= thresholds.match <= 1:
        raise BugError(f"the thresholds of {engine} are out of order")
    return thresholds
