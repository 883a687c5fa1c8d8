"""The Chinese names of the codes on a chip. An unknown code is its own name: nothing on a card is left out."""

import tomllib
from functools import cache
from importlib import resources


def sex_name(code: str) -> str:
    """The name of a code of GB/T 2261.1, as cards print it."""
    return _names("gbt2261_1").get(code, code)


def nation_name(code: str) -> str:
    """The name of a code of GB/T 3304, as cards print it."""
    return _names("gbt3304").get(code, code)


@cache
def _names(standard: str) -> dict[str, str]:
    text = (resources.files("assets") / "codes" / f"{standard}.toml").read_text("utf-8")
    names: dict[str, str] = tomllib.loads(text)["names"]
    return names
