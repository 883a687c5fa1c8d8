"""The fraud-risk notice (涉诈风险告知书): a versioned text that is read aloud line by line and signed."""

import hashlib
from dataclasses import dataclass

from hallclient.domain.documents import canonical


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
