"""A versioned text for the customer: read aloud by lines and signed, as 涉诈风险告知书, or agreed to, as a consent."""

import hashlib
from dataclasses import dataclass

from hallclient.domain.documents import canonical

# Mandarin is broadcast at 4 to 5 syllables a second (one character each) and spoken in haste at 6 to 7. Twice six is
# out of a tongue's reach: who reads aloud never meets this floor, who flips through does.
_FASTEST_CHARACTERS_PER_S = 12.0
SHORTEST_LINE_S = 0.7  # two presses in a row are a slip, not a line read


def shortest_line_s(line: str) -> float:
    """For how many seconds `line` must at least be before the customer to have been read; punctuation is not read."""
    return max(SHORTEST_LINE_S, sum(character.isalnum() for character in line) / _FASTEST_CHARACTERS_PER_S)


@dataclass(frozen=True, slots=True)
class Notice:
    """One version of one text.

    Attributes:
        code: which text.
        version: of that text; a changed word is a new version.
        effective_from: ISO date.
        title: heading.
        source: the rule that it informs of.
        lines: the sentences, each short enough to be read aloud in one breath.
    """

    code: str
    version: str
    effective_from: str
    title: str
    source: str
    lines: tuple[str, ...]

    @property
    def sha256(self) -> str:
        """Digest of what the customer reads: title and lines, with code and version."""
        content = {"code": self.code, "version": self.version, "title": self.title, "lines": list(self.lines)}
        return hashlib.sha256(canonical(content)).hexdigest()
