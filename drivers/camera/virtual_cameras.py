"""Which cameras are a program that plays pictures; `assets/cameras.toml` lists what they call themselves."""

import tomllib
from functools import cache
from importlib.resources import files


def looks_virtual(name: str, bus: str, driver: str) -> bool:
    """Whether a camera of this name, on this bus, under this driver plays a program's pictures and not a lens's.

    A hint, not a proof: a program that takes a real camera's name and driver is not seen through.
    """
    name, driver, known = _plain(name), _plain(driver), _known()
    return (
        any(word in driver for word in known["drivers"])
        or any(word in name for word in known["names"])
        or bus.lower().startswith(tuple(known["buses"]))
    )


@cache
def _known() -> dict[str, list[str]]:
    known: dict[str, list[str]] = tomllib.loads((files("assets") / "cameras.toml").read_text("utf-8"))["virtual"]
    return known


def _plain(text: str) -> str:
    return "".join(character for character in text.lower() if character not in " -_")
