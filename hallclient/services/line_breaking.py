"""Breaks Chinese text into lines (the prohibition rules of GB/T 15834 and JLREQ, in their short form)."""

from collections.abc import Callable

_NOT_AT_START = set("，。、；：？！）》」』】〕〉”’…％·,.;:?!)]}%")
_NOT_AT_END = set("（《「『【〔〈“‘([{")


def break_lines(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """`text` in lines of at most `width` in the unit of `measure`; a closing mark never starts a line.

    A single character that is wider than `width` gets a line of its own.
    """
    lines: list[str] = []
    line = ""
    for character in text:
        if line and measure(line + character) > width:
            kept = _break_before(line, character)
            lines.append(line[:kept])
            line = line[kept:]
        line += character
    return [*lines, line] if line else lines


def _break_before(line: str, following: str) -> int:
    """How much of `line` may stay when `following` goes to the next one; all of it when no better place exists."""
    for kept in range(len(line), 0, -1):
        next_character = line[kept] if kept < len(line) else following
        in_word = line[kept - 1].isascii() and line[kept - 1].isalnum() and next_character.isascii()
        in_word = in_word and next_character.isalnum()
        if next_character not in _NOT_AT_START and line[kept - 1] not in _NOT_AT_END and not in_word:
            return kept
    return len(line)
