"""Which font prints which character, so that no document ever shows an empty box instead of a name."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from hallclient.domain.failures import BugError


@dataclass(frozen=True, slots=True)
class DocumentFont:
    """A font on this machine and the characters that it has."""

    path: Path
    characters: frozenset[int]


@cache
def document_fonts() -> tuple[DocumentFont, ...]:
    """The fonts of assets/fonts.toml that exist on this machine, in their order."""
    names = tomllib.loads((resources.files("assets") / "fonts.toml").read_text("utf-8"))["documents"]
    fonts = tuple(DocumentFont(path, _characters(path)) for path in map(_locate, names) if path.is_file())
    if not fonts:
        raise BugError("the package with the document font is not installed")
    return fonts


def font_index(character: str) -> int | None:
    """Position in `document_fonts` of the first font that has `character`; None when none has it."""
    return next((i for i, font in enumerate(document_fonts()) if ord(character) in font.characters), None)


def printable(text: str) -> str:
    """`text` with each character that no font has written as 〔U+XXXX〕: plain to read, and never a box."""
    return "".join(
        character if font_index(character) is not None else f"〔U+{ord(character):04X}〕" for character in text
    )


def _locate(name: str) -> Path:
    if name.startswith("package:"):
        package, _, file = name.removeprefix("package:").partition("/")
        return Path(str(resources.files(package) / file))
    return Path(name)


def _characters(path: Path) -> frozenset[int]:
    # Here and not above: it stands behind the login window and takes half a second to load.
    from fontTools.ttLib import TTCollection, TTFont  # noqa: PLC0415

    if path.suffix == ".ttc":
        with TTCollection(path, lazy=True) as collection:
            return frozenset(collection.fonts[0].getBestCmap())
    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap())
