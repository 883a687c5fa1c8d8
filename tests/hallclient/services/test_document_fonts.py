"""A document carries its characters as they are in the font that has them, and nothing else."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st

from hallclient.services.document_fonts import cut, document_fonts, font_index

COMMON = "姓名涉诈风险告知书。，·Aé1"


def opened(index: int, characters: str) -> TTFont:
    return TTFont(BytesIO(cut(index, characters)))


def bounds(font: TTFont, character: str) -> tuple[float, ...] | None:
    """The box around the character's outline in thousandths of an em."""
    glyphs = font.getGlyphSet()
    pen = BoundsPen(glyphs)
    glyphs[font.getBestCmap()[ord(character)]].draw(pen)
    return pen.bounds and tuple(side * 1000 / font["head"].unitsPerEm for side in pen.bounds)


def advance(font: TTFont, character: str) -> float:
    return float(font["hmtx"][font.getBestCmap()[ord(character)]][0] * 1000 / font["head"].unitsPerEm)


@pytest.mark.parametrize("character", [*COMMON, "㐂", "䶮", "𠮷"])
def test_a_character_looks_as_in_its_font(character: str) -> None:
    index = font_index(character)
    assert index is not None
    path = document_fonts()[index].path
    with TTFont(path, lazy=True, fontNumber=0 if path.suffix == ".ttc" else -1) as whole:
        ours = opened(index, character)
        assert advance(ours, character) == pytest.approx(advance(whole, character), abs=1)
        assert bounds(ours, character) == pytest.approx(bounds(whole, character), abs=2)


def test_only_these_characters_are_in_it() -> None:
    assert set(opened(0, COMMON).getBestCmap()) == set(map(ord, COMMON))
    assert len(cut(0, COMMON)) < 20_000


def test_the_same_characters_make_the_same_bytes_at_any_time(monkeypatch: pytest.MonkeyPatch) -> None:
    first = cut(0, COMMON)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "4000000000")  # what fontTools takes for now
    assert {cut(0, COMMON), cut(0, COMMON[::-1]), cut(0, COMMON * 2)} == {first}


@settings(max_examples=20, deadline=None)
@given(st.sets(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), max_size=20))
def test_any_characters_are_cut(characters: set[str]) -> None:
    wanted = "".join(one for one in characters if font_index(one) == 0)
    assert set(opened(0, wanted + "一").getBestCmap()) == {ord("一"), *map(ord, wanted)}


def test_two_threads_may_ask_at_once() -> None:
    wanted = [COMMON[start : start + 3] for start in range(len(COMMON) - 3)] * 2
    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(lambda text: cut(0, text), wanted)) == [cut(0, text) for text in wanted]
