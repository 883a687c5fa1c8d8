from random import Random

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.services.face_rates import FALSE_MATCH_RATES, Measurement, Rates, ScoredPairs, measure

Scores = npt.NDArray[np.float64]
people = st.integers(2, 6)


def each_once(scores: Scores) -> ScoredPairs:
    """One card and one photo for each person, so that the genuine pairs are the diagonal."""
    count = len(scores)
    return ScoredPairs(scores, np.arange(count), np.arange(count), np.zeros(count, bool))


def square(elements: st.SearchStrategy[float]) -> st.SearchStrategy[Scores]:
    return people.flatmap(lambda count: arrays.arrays(np.float64, (count, count), elements=elements))


any_scores = square(st.floats(-1, 1, width=32))
coarse_scores = square(st.sampled_from([0.0, 0.25, 0.5, 0.75, float("nan")]))


def measured(pairs: ScoredPairs, rounds: int = 0) -> Measurement:
    return measure(pairs, np.random.default_rng(7), rounds)


def rates_of(scores: Scores) -> Rates:
    rates = measured(each_once(scores)).rates
    assert rates is not None
    return rates


def counted(scores: Scores, threshold: float) -> tuple[float, float]:
    """FMR and FNMR, one pair after the other: what the running sums must agree with."""
    count = len(scores)
    impostors = [scores[a, b] for a in range(count) for b in range(count) if a != b]
    impostors = [score for score in impostors if not np.isnan(score)]
    genuine = [scores[a, a] for a in range(count)]
    fmr = sum(score >= threshold for score in impostors) / len(impostors)
    return fmr, sum(not score >= threshold for score in genuine) / len(genuine)


@given(people)
def test_two_kinds_that_lie_apart_are_told_apart(count: int) -> None:
    rates = rates_of(np.eye(count))
    assert (rates.auc, rates.eer, rates.fnmr) == (1.0, 0.0, (0.0, 0.0, 0.0))
    worst = rates_of(1 - np.eye(count))
    assert (worst.auc, worst.eer, worst.fnmr) == (0.0, 1.0, (1.0, 1.0, 1.0))


@given(people)
def test_scores_that_say_nothing_are_a_coin(count: int) -> None:
    rates = rates_of(np.zeros((count, count)))
    assert rates.auc == 0.5
    assert rates.eer == pytest.approx(0.5)
    assert rates.fnmr == (1.0, 1.0, 1.0)


@given(coarse_scores)
def test_thresholds_keep_what_they_promise(scores: Scores) -> None:
    assume(not np.isnan(scores[~np.eye(len(scores), dtype=bool)]).all())
    rates = rates_of(scores)
    for wanted, threshold, fnmr in zip(FALSE_MATCH_RATES, rates.thresholds, rates.fnmr, strict=True):
        fmr, missed = counted(scores, threshold)
        assert fmr <= wanted
        assert fnmr == missed
        # It is the lowest that does: just below, an impostor too many gets in.
        assert counted(scores, np.nextafter(threshold, -np.inf))[0] > wanted


@given(any_scores)
def test_asking_for_fewer_false_matches_never_misses_fewer(scores: Scores) -> None:
    rates = rates_of(scores)
    assert list(rates.thresholds) == sorted(rates.thresholds)
    assert list(rates.fnmr) == sorted(rates.fnmr)
    for figure in (rates.auc, rates.eer, *rates.fnmr):
        assert 0 <= figure <= 1


@given(any_scores, st.randoms(use_true_random=False))
def test_neither_the_order_nor_the_scale_matters(scores: Scores, random: Random) -> None:
    order = list(range(len(scores)))
    random.shuffle(order)
    rates, other = rates_of(scores), rates_of(scores[np.ix_(order, order)] * 4)
    assert (other.auc, other.eer, *other.fnmr) == pytest.approx((rates.auc, rates.eer, *rates.fnmr))


@given(st.data())
def test_turning_both_kinds_around_changes_nothing(data: st.DataObject) -> None:
    """Two people, two of each: as many genuine as impostor pairs, so that the kinds can change places."""
    values = data.draw(st.lists(st.floats(-1, 1, width=32), min_size=4, max_size=4, unique=True))
    scores = np.array(values).reshape(2, 2)
    rates, other = rates_of(scores), rates_of(-scores[:, ::-1])
    assert (other.auc, other.eer) == pytest.approx((rates.auc, rates.eer))


def test_a_pair_without_a_face_is_a_miss_among_the_genuine_and_nothing_among_the_impostors() -> None:
    scores = np.array([[0.9, 0.1, 0.2], [0.1, np.nan, np.nan], [0.3, np.nan, 0.9]])
    result = measured(each_once(scores))
    assert (result.genuine, result.impostor) == (3, 6)
    assert (result.genuine_without_face, result.impostor_without_face) == (1, 2)
    assert result.resolution == 1 / 4
    assert result.rates is not None
    assert result.rates.fnmr == (1 / 3, 1 / 3, 1 / 3)
    assert result.rates.auc == pytest.approx(2 / 3)
    assert result.beyond_resolution == FALSE_MATCH_RATES


def test_without_any_face_there_are_no_rates() -> None:
    result = measured(each_once(np.full((3, 3), np.nan)), rounds=5)
    assert (result.rates, result.low, result.high, result.resolution) == (None, None, None, None)
    assert result.beyond_resolution == FALSE_MATCH_RATES


def test_a_photo_of_a_card_never_meets_its_own() -> None:
    pairs = ScoredPairs(
        np.array([[0.9, 1.0, 0.1], [0.2, 0.3, 0.8]]),
        card_people=np.array([0, 1]),
        photo_people=np.array([0, 0, 1]),
        own_card=np.array([False, True, False]),
    )
    assert pairs.genuine.tolist() == [[True, False, False], [False, False, True]]
    assert pairs.impostor.tolist() == [[False, False, True], [True, True, False]]


@pytest.mark.parametrize(
    ("cards", "photos", "own", "kind"),
    [([0, 1], [2], [False], "genuine"), ([0], [0], [True], "genuine"), ([0], [0], [False], "impostor")],
)
def test_one_kind_alone_measures_nothing(cards: list[int], photos: list[int], own: list[bool], kind: str) -> None:
    pairs = ScoredPairs(np.zeros((len(cards), len(photos))), np.array(cards), np.array(photos), np.array(own))
    with pytest.raises(KnownError) as caught:
        measured(pairs)
    assert (caught.value.code, caught.value.detail) == (FailureCode.INPUT_INVALID, f"no {kind} pairs")


def test_intervals_hold_the_figure_and_repeat_with_their_seed() -> None:
    generator = np.random.default_rng(1)
    scores = generator.normal(0, 1, (40, 40)) + 2 * np.eye(40)
    first, again = (measured(each_once(scores), rounds=200) for _ in range(2))
    assert (first.low, first.high) == (again.low, again.high)
    assert first.rates is not None
    assert first.low is not None
    assert first.high is not None
    assert (first.low.flat() <= first.rates.flat()).all()
    assert (first.rates.flat() <= first.high.flat()).all()
    assert first.low.auc < first.high.auc


def test_people_are_resampled_and_not_pairs() -> None:
    """Ten photos of each person are no more people: the interval must not shrink as if they were."""
    generator = np.random.default_rng(3)
    scores = generator.normal(0, 1, (12, 12)) + 1.5 * np.eye(12)
    tenfold = ScoredPairs(
        np.repeat(scores, 10, axis=1), np.arange(12), np.repeat(np.arange(12), 10), np.zeros(120, bool)
    )
    few, many = measured(each_once(scores), rounds=300), measured(tenfold, rounds=300)
    assert few.rates is not None
    assert many.rates is not None
    assert many.rates.auc == pytest.approx(few.rates.auc)
    assert many.low is not None
    assert few.low is not None
    assert many.low.auc == pytest.approx(few.low.auc)


def test_too_few_people_for_an_interval() -> None:
    """Of 31, only two stand in any pair: both are drawn in about 40 % of the resamples."""
    pairs = ScoredPairs(np.array([[0.9, 0.1]]), np.array([0]), np.array([0, 30]), np.array([False, False]))
    result = measured(pairs, rounds=400)
    assert result.rates is not None
    assert (result.low, result.high) == (None, None)
