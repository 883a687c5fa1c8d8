"""Which cameras are a program that plays pictures; `assets/cameras.toml` lists what they call themselves."""

import tomllib
from functools import cache
from importlib.resources import files


def looks_virtual(name: str, bus: str, driver: str) -> bool | None:
    """Whether a camera of this name, on this bus, under this driver plays a program's pictures and not a lens's.

    A hint, not a proof: a program that takes a real camera's name and bus is not seen through. None without a bus, when
    nothing else gives a program away: any camera may call itself anything, and a simulated one has the same driver as
    what it simulates.
    """
    name, driver, known = _plain(name), _plain(driver), _known()
    if (
        any(word in driver for word in known["drivers"])
        or any(word in name for word in known["names"])
        or bus.lower().startswith(tuple(known["buses"]))
    ):
        return True
    return False if bus else None


@cache
def _known() -> dict[str, list[str]]:
    known: dict[str, list[str]] = tomllib.loads((files("assets") / "cameras.toml").read_text("utf-8"))["virtual"]
    return known


def _plain(text: str) -> str:
    return "".join(character for character in text.lower() if character not in " -_")
