"""What an inspection answers."""

from dataclasses import dataclass

from hallclient.domain.evidence.manifest import Manifest
from hallclient.domain.evidence.receipt import Receipt
from hallclient.domain.evidence.review import ReviewDocument
from hallclient.domain.inspection_question import STRUCTURAL, Question


@dataclass(frozen=True, slots=True)
class Check:
    """One answer about one file."""

    file: str
    question: Question
    holds: bool


@dataclass(frozen=True, slots=True)
class Inspection:
    """All answers. `manifest`, `review` and `receipt` are None when absent or not to be trusted.

    `foreign` names what lies beside the package and was not looked at: it is no reason for the package not to hold.
    """

    checks: tuple[Check, ...]
    manifest: Manifest | None
    review: ReviewDocument | None
    receipt: Receipt | None
    foreign: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return self.manifest is not None and all(check.holds for check in self.checks)

    @property
    def broken(self) -> tuple[Check, ...]:
        """What makes it no package at all; with any of it, nothing else of it is to be believed."""
        return tuple(check for check in self.failed if check.question in STRUCTURAL)

    @property
    def contradictions(self) -> tuple[Question, ...]:
        """What a package that is not broken says against itself, each once."""
        return tuple(dict.fromkeys(check.question for check in self.failed if check.question not in STRUCTURAL))

    @property
    def failed(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.holds)
