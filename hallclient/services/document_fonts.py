"""Which font prints which character, so that no document ever shows an empty box instead of a name.

A document carries only the characters that it shows. Taking them out of a font of 8 MB anew for each document takes
longer than all the rest of it, so a font stays open and the outline of a character is drawn once in a process.
"""

import mmap
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from hallclient.domain.failures import BugError

_NOTHING = ".notdef"
_OUTLINES_KEPT = 4096
_CURVE_ERROR = 0.5  # of 1000 units to an em: 2 µm of a 12 pt character


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


def cut(index: int, characters: Collection[str]) -> bytes:
    """A TrueType font of `characters` alone, which font `index` has; the same bytes for the same characters."""
    from fontTools.fontBuilder import FontBuilder  # noqa: PLC0415

    with _one_at_a_time:
        font = _opened(document_fonts()[index].path)
        names = {character: f"u{ord(character):04X}" for character in sorted(set(characters))}
        outlines = {_NOTHING: _outline(font, None)} | {names[one]: _outline(font, one) for one in names}
        built = FontBuilder(font.units_per_em, isTTF=True)
        built.font.recalcTimestamp = False
        built.setupHead(unitsPerEm=font.units_per_em, created=font.made, modified=font.made)
        built.setupGlyphOrder(list(outlines))
        built.setupCharacterMap({ord(character): name for character, name in names.items()})
        built.setupGlyf({name: outline.glyph for name, outline in outlines.items()})
        left = built.font["glyf"]
        built.setupHorizontalMetrics({name: (one.advance, left[name].xMin) for name, one in outlines.items()})
        built.setupHorizontalHeader(ascent=font.ascent, descent=font.descent)
        built.setupNameTable({"familyName": font.name, "styleName": "Regular", "fullName": font.name})
        built.setupOS2(sCapHeight=font.cap_height, usWeightClass=font.weight)
        built.setupPost()
        file = BytesIO()
        built.save(file)
        return file.getvalue()


class _Outline(NamedTuple):
    """A character's TrueType glyph and its width in the font's units."""

    glyph: Any
    advance: int


@dataclass(frozen=True, eq=False)
class _OpenFont:
    """A font whose glyphs can be drawn. Not for two threads at once."""

    glyphs: Any
    glyph_names: dict[int, str]
    nothing: str
    name: str
    made: int  # its own time stamp: a later one would make other bytes of the same characters
    units_per_em: int
    ascent: int
    descent: int
    cap_height: int
    weight: int


_one_at_a_time = Lock()


@cache
def _opened(path: Path) -> _OpenFont:
    from fontTools.ttLib import TTFont  # noqa: PLC0415

    with path.open("rb") as file:
        # Mapped: only the pages that are looked at are read, and no file stays open.
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    font = TTFont(data, lazy=True, fontNumber=0 if path.suffix == ".ttc" else -1)
    return _OpenFont(
        glyphs=font.getGlyphSet(),
        glyph_names=font.getBestCmap(),
        nothing=font.getGlyphOrder()[0],
        name=font["name"].getBestFullName(),
        made=font["head"].modified,
        units_per_em=font["head"].unitsPerEm,
        ascent=font["hhea"].ascent,
        descent=font["hhea"].descent,
        cap_height=getattr(font["OS/2"], "sCapHeight", font["hhea"].ascent),
        weight=font["OS/2"].usWeightClass,
    )


@lru_cache(maxsize=_OUTLINES_KEPT)
def _outline(font: _OpenFont, character: str | None) -> _Outline:
    """Of one character, or of the box that stands for none."""
    from fontTools.pens.cu2quPen import Cu2QuPen  # noqa: PLC0415
    from fontTools.pens.filterPen import DecomposingFilterPen  # noqa: PLC0415
    from fontTools.pens.ttGlyphPen import TTGlyphPen  # noqa: PLC0415

    source = font.glyphs[font.nothing if character is None else font.glyph_names[ord(character)]]
    pen = TTGlyphPen(None)
    curves = Cu2QuPen(pen, _CURVE_ERROR * font.units_per_em / 1000)
    source.draw(DecomposingFilterPen(curves, font.glyphs))  # what it is composed of is in the font, but not in ours
    return _Outline(pen.glyph(), round(source.width))


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
