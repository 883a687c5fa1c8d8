"""What a face comparison says, and when it is enough."""

import math
from dataclasses import dataclass
from enum import StrEnum


class Decision(StrEnum):
    """How a comparison ended. Only `MATCHED` goes on by itself; everything else needs the supervised way."""

    MATCHED = "matched"
    DOUBTFUL = "doubtful"
    MISMATCHED = "mismatched"
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    NO_PORTRAIT = "no_portrait"
    CONSENT_REFUSED = "consent_refused"

    @property
    def by_score(self) -> bool:
        """Two faces were compared, and their score decided."""
        return self in (Decision.MATCHED, Decision.DOUBTFUL, Decision.MISMATCHED)


_MOST_FALSE_ACCEPTS = 0.01  # the loosest point that `hallclient face evaluate` gives thresholds for


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The two borders between three bands, and where they come from (GB/T 38671 asks for a false-accept point).

    Attributes:
        match: a score from here on is a match.
        doubt: a score from here to `match` is doubtful; below it is a mismatch.
        false_accept_rate: of impostors at `match`, from 0 to 1, on `dataset`.
        dataset: what it was measured on, in a few words.
        measured_on: ISO date of the measurement.
    """

    match: float
    doubt: float
    false_accept_rate: float
    dataset: str
    measured_on: str

    @property
    def sane(self) -> bool:
        """Whether these can have been measured: a match is nearer to the same face than to just any, and few strangers
        are matched. A NaN is not.
        """
        return (
            -1 <= self.doubt <= self.match <= 1
            and self.match > 0
            and 0 <= self.false_accept_rate <= _MOST_FALSE_ACCEPTS
        )

    def decide(self, score: float) -> Decision:
        """The band that `score` (-1 to 1, larger is more alike) falls into; a NaN is no score and no decision."""
        if math.isnan(score):
            raise ValueError("a comparison score must be a number")
        if score >= self.match:
            return Decision.MATCHED
        return Decision.DOUBTFUL if score >= self.doubt else Decision.MISMATCHED


@dataclass(frozen=True, slots=True)
class EngineIdentity:
    """Which engine compared: its name, its version, and the SHA-256 of each model file it used."""

    name: str
    version: str
    models: dict[str, str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison with everything needed to understand it later.

    `score` is None when no two faces were compared: a result without faces is a decision, never a score.
    """

    decision: Decision
    score: float | None
    thresholds: Thresholds
    engine: EngineIdentity
