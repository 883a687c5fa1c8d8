"""The characters that GB 18030 moved out of the private use area."""

import pytest

from hallclient.domain.standard_characters import standard_text

# GB 18030-2005 kept these 24 in the private use area, GB 18030-2022 no longer does: old code, character.
MOVED_LAST = {
    0xE78D: 0xFE10,
    0xE78E: 0xFE12,
    0xE78F: 0xFE11,
    0xE790: 0xFE13,
    0xE791: 0xFE14,
    0xE792: 0xFE15,
    0xE793: 0xFE16,
    0xE794: 0xFE17,
    0xE795: 0xFE18,
    0xE796: 0xFE19,
    0xE81E: 0x9FB4,
    0xE826: 0x9FB5,
    0xE82B: 0x9FB6,
    0xE82C: 0x9FB7,
    0xE832: 0x9FB8,
    0xE843: 0x9FB9,
    0xE854: 0x9FBA,
    0xE864: 0x9FBB,
    0xE816: 0x20087,
    0xE817: 0x20089,
    0xE818: 0x200CC,
    0xE831: 0x215D7,
    0xE83B: 0x2298F,
    0xE855: 0x241FE,
}


@pytest.mark.parametrize(("old", "standard"), [*MOVED_LAST.items(), (0xE863, 0x4DAE)])
def test_what_was_moved_is_shown_as_the_standard_has_it(old: int, standard: int) -> None:
    assert standard_text(f"某{chr(old)}") == f"某{chr(standard)}"


def test_all_24_are_here() -> None:
    assert len(MOVED_LAST) == 24


def test_the_ideographs_moved_in_2000_agree_with_the_codec_of_that_year() -> None:
    """Python's gb18030 is the edition of 2000: what it still leaves in the private use area is of `MOVED_LAST`."""
    codes = [bytes((0xFE, low)) for low in range(0x50, 0xA1) if low != 0x7F]
    for private, code in enumerate(codes, start=0xE815):
        of_2000 = code.decode("gb18030")
        expected = MOVED_LAST.get(private, ord(of_2000))
        assert standard_text(chr(private)) == chr(expected)
        assert (of_2000 == chr(private)) is (private in MOVED_LAST)


@pytest.mark.parametrize("text", ["", "某", "\ue000\ue814\ue865\uf8ff", "\U000f0001", "𠮷", "A B"])
def test_everything_else_stays(text: str) -> None:
    assert standard_text(text) == text
