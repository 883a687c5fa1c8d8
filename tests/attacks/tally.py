"""Counts the attacks of a run and says how it ended."""

from dataclasses import dataclass, field

import pytest

from tests.attacks.answers import MOST_SHOWN, PROPERTY
from tests.attacks.findings import FINDINGS

_ORDER = {line: place for place, line in enumerate(FINDINGS)}


@dataclass(frozen=True)
class Attack:
    """One that was made.

    Attributes:
        lines: of the findings.
        tried: for each line what was tried.
        answers: what the product answered.
        refused: whether it came to nothing.
    """

    lines: tuple[str, ...]
    tried: tuple[str, ...]
    answers: tuple[str, ...]
    refused: bool

    def __str__(self) -> str:
        shown = "; ".join(self.answers[:MOST_SHOWN]) + (" ..." if len(self.answers) > MOST_SHOWN else "")
        tried = " / ".join(dict.fromkeys(self.tried))
        return f"{'+'.join(self.lines):6} {tried} -> {shown if self.refused else 'GOT THROUGH'}"


@dataclass
class Tally:
    """A pytest plugin of the process that counts."""

    attacks: list[Attack] = field(default_factory=list)
    not_made: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call":
            if report.skipped:
                self.not_made.append(report.nodeid)
            elif report.failed:  # before or after the attack: then nobody knows what it shows
                self.broken.append(report.nodeid)
            return
        told = [value for name, value in report.user_properties if name == PROPERTY]
        if report.skipped:
            self.not_made.append(report.nodeid)
            return
        if not told:
            self.broken.append(report.nodeid)
            return
        lines, tried, answers = zip(*told, strict=True)
        answer = tuple(dict.fromkeys(one for each in answers for one in each))
        if report.passed and not answer:
            self.broken.append(f"{report.nodeid}: nobody knows what answered")
        self.attacks.append(
            Attack(tuple(dict.fromkeys(lines)), tried, answer, report.passed),
        )

    def untried(self) -> list[str]:
        """Cases of the findings that no attack of this run tried: by its own words, or as the name of a parameter."""
        tried = [
            (line, text) for attack in self.attacks for line, text in zip(attack.lines, attack.tried, strict=False)
        ]
        return [
            f"{line}: {case}"
            for line, cases in FINDINGS.items()
            for case in cases
            if not any(line == one and (text.startswith(case) or f"[{case}" in text) for one, text in tried)
        ]

    def lines(self) -> list[str]:
        """One line for each attack in the order of the findings, what was not made, and how many were refused."""
        ordered = sorted(self.attacks, key=lambda attack: (_ORDER.get(attack.lines[0], len(_ORDER)), attack.tried))
        return [
            *map(str, ordered),
            *(f"not made here: {name}" for name in self.not_made),
            *(f"broken: {name}" for name in self.broken),
            *(f"not tried: {case}" for case in self.untried()),
            f"attacks {len(self.attacks)}, refused {sum(attack.refused for attack in self.attacks)}",
        ]

    @property
    def holds(self) -> bool:
        """Each was refused, and each line of the findings was tried."""
        return not self.broken and not self.untried() and all(attack.refused for attack in self.attacks)
