"""How well a face engine tells people apart: error rates from the scores of genuine and impostor pairs.

Words and definitions after ISO/IEC 19795-1. A score at or above the threshold is a match. FMR is the share of impostor
pairs that match, FNMR of genuine pairs that do not.

A pair of which one picture shows no face cannot match. Among the genuine it is counted as not matching, as in that
standard's false reject rate: a customer is turned away either way, and an engine shall not look better for the pictures
that it gave up. Among the impostors it is left out, so that a threshold is not lowered by pairs that were never scored.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hallclient.domain.failures import FailureCode, KnownError

FALSE_MATCH_RATES = (1e-2, 1e-3, 1e-4)
CONFIDENCE = 0.95

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class ScoredPairs:
    """Every card (n of them) against every photo (m).

    Attributes:
        scores: n x m, larger is more alike; NaN where one of the two shows no face.
        card_people, photo_people: n and m numbers from 0, the same number for the same person.
        own_card: m flags, True for a photo that its own person's card was cut from and must not meet.
    """

    scores: Floats
    card_people: Integers
    photo_people: Integers
    own_card: Flags

    @property
    def genuine(self) -> Flags:
        """n x m: which pairs show the same person."""
        return np.equal.outer(self.card_people, self.photo_people) & ~self.own_card

    @property
    def impostor(self) -> Flags:
        """n x m: which pairs show two people."""
        return np.not_equal.outer(self.card_people, self.photo_people)


@dataclass(frozen=True, slots=True)
class Rates:
    """Error rates, 0 to 1.

    Attributes:
        auc: the chance that a genuine pair scores above an impostor pair, ties counted half.
        eer: where FMR and FNMR are equal, on the line between the two nearest thresholds.
        thresholds: for each of `FALSE_MATCH_RATES` the lowest score whose FMR is not above it.
        fnmr: the FNMR at each of these.
    """

    auc: float
    eer: float
    thresholds: tuple[float, ...]
    fnmr: tuple[float, ...]

    def flat(self) -> Floats:
        """All figures in one row: auc, eer, fnmr, thresholds."""
        return np.array([self.auc, self.eer, *self.fnmr, *self.thresholds])

    @classmethod
    def of_flat(cls, row: Floats) -> "Rates":
        """The inverse of `flat`."""
        auc, eer, *rest = (float(value) for value in row)
        points = len(FALSE_MATCH_RATES)
        return cls(auc, eer, fnmr=tuple(rest[:points]), thresholds=tuple(rest[points:]))


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a set of pairs says about an engine.

    Attributes:
        genuine, impostor: pairs.
        genuine_without_face, impostor_without_face: how many of them were never scored.
        rates: None when no impostor pair was scored.
        low, high: the bounds of the 95 % interval, figure by figure; None where too few resamples had both kinds.
    """

    genuine: int
    impostor: int
    genuine_without_face: int
    impostor_without_face: int
    rates: Rates | None
    low: Rates | None
    high: Rates | None

    @property
    def resolution(self) -> float | None:
        """The smallest FMR above 0 that so many scored impostor pairs can show; None without any."""
        scored = self.impostor - self.impostor_without_face
        return 1 / scored if scored else None

    @property
    def beyond_resolution(self) -> tuple[float, ...]:
        """Those of `FALSE_MATCH_RATES` at which not even one impostor is let in: there the threshold is a guess."""
        return tuple(rate for rate in FALSE_MATCH_RATES if self.resolution is None or rate < self.resolution)


def measure(pairs: ScoredPairs, generator: np.random.Generator, rounds: int) -> Measurement:
    """Count, rate, and resample `rounds` times for the intervals.

    People are resampled and not pairs: the pairs of one person share pictures, so they are right or wrong together, and
    resampling pairs would make the interval far too narrow. A person drawn twice counts twice in their own pairs, and
    a pair of two people as often as the product of both.

    Raises KnownError: input_invalid without a genuine or without an impostor pair.
    """
    genuine, impostor = pairs.genuine, pairs.impostor
    for name, flags in (("genuine", genuine), ("impostor", impostor)):
        if not flags.any():
            raise KnownError(FailureCode.INPUT_INVALID, f"no {name} pairs")
    unscored = np.isnan(pairs.scores)
    rates = low = high = None
    if (impostor & ~unscored).any():
        curves = _Curves(pairs)
        people = int(max(pairs.card_people.max(), pairs.photo_people.max())) + 1
        rates = curves.rates(np.ones(people))
        drawn = (generator.multinomial(people, np.full(people, 1 / people)) for _ in range(rounds))
        found = [again.flat() for again in (curves.rates(weights.astype(float)) for weights in drawn) if again]
        if found and len(found) >= rounds / 2:
            tail = (1 - CONFIDENCE) / 2
            low, high = (Rates.of_flat(np.quantile(found, bound, axis=0)) for bound in (tail, 1 - tail))
    return Measurement(
        int(genuine.sum()),
        int(impostor.sum()),
        int((genuine & unscored).sum()),
        int((impostor & unscored).sum()),
        rates,
        low,
        high,
    )


class _Curves:
    """The pairs in the order of their scores: sorted once, then rated with any weights of the people."""

    def __init__(self, pairs: ScoredPairs) -> None:
        cards, photos = np.nonzero(pairs.impostor & ~np.isnan(pairs.scores))
        order = np.argsort(pairs.scores[cards, photos], kind="stable")
        cards, photos = cards[order], photos[order]
        self._impostors = pairs.scores[cards, photos]  # ascending
        self._impostor_people = pairs.card_people[cards], pairs.photo_people[photos]
        cards, photos = np.nonzero(pairs.genuine)
        scores = np.nan_to_num(pairs.scores[cards, photos], nan=-np.inf)
        order = np.argsort(scores, kind="stable")
        self._genuine = scores[order]  # ascending, those without a face first
        self._genuine_people = pairs.card_people[cards[order]]
        # The places of every possible threshold do not depend on the weights.
        finite = self._genuine[np.isfinite(self._genuine)]
        thresholds = np.append(np.unique(np.concatenate([self._impostors, finite])), np.inf)
        self._impostors_below = np.searchsorted(self._impostors, thresholds, "left")
        self._genuine_below = np.searchsorted(self._genuine, thresholds, "left")
        self._impostors_under = np.searchsorted(self._impostors, self._genuine, "left")
        self._impostors_up_to = np.searchsorted(self._impostors, self._genuine, "right")

    def rates(self, weights: Floats) -> Rates | None:
        """With `weights` for each person; None when no genuine or no impostor pair is left."""
        cards, photos = self._impostor_people
        genuine_weights = weights[self._genuine_people]
        impostors = _running(weights[cards] * weights[photos])
        genuine = _running(genuine_weights)
        if impostors[-1] == 0 or genuine[-1] == 0:
            return None
        not_matched = impostors / impostors[-1]  # at place k: the share of impostors among the k lowest
        missed = genuine / genuine[-1]
        half = (not_matched[self._impostors_under] + not_matched[self._impostors_up_to]) / 2
        thresholds = tuple(self._threshold(impostors, rate) for rate in FALSE_MATCH_RATES)
        return Rates(
            auc=float(genuine_weights @ half / genuine[-1]),
            eer=_crossing(1 - not_matched[self._impostors_below], missed[self._genuine_below]),
            thresholds=thresholds,
            fnmr=tuple(float(missed[np.searchsorted(self._genuine, threshold, "left")]) for threshold in thresholds),
        )

    def _threshold(self, impostors: Floats, rate: float) -> float:
        """The next number above the highest score that may not match: from there on, at most `rate` do."""
        whole = impostors[-1]
        matching = (whole - impostors[:-1]) / whole  # the FMR with each score as the threshold; 1 at the lowest
        must_fail = int(np.count_nonzero(matching > rate))
        return float(np.nextafter(self._impostors[must_fail - 1], np.inf))


def _running(weights: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(weights)])


def _crossing(falling: Floats, rising: Floats) -> float:
    """Where two curves over the same thresholds meet. They do: the first ends at 0 and the second at 1."""
    after = int(np.argmax(falling <= rising))
    if after == 0:
        return float(rising[0])
    gap_before, gap_after = falling[after - 1] - rising[after - 1], rising[after] - falling[after]
    share = gap_before / (gap_before + gap_after)
    return float(rising[after - 1] + share * (rising[after] - rising[after - 1]))
