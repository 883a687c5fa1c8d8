"""What single pictures are wrong about is said when it has held, at every rate of looking; all else at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallclient.domain.held_issue import HELD_OVER_S, LEAST_LOOKS, LEAST_SHARE, MUST_HOLD, HeldIssue
from hallclient.domain.quality_issue import QualityIssue

FAR, MOUTH, EYES = QualityIssue.TOO_FAR, QualityIssue.MOUTH_COVERED, QualityIssue.EYES_COVERED
REMARKS = st.sampled_from([None, *QualityIssue])


def said(issues: list[QualityIssue | None], looks_per_s: float) -> list[QualityIssue | None]:
    held = HeldIssue()
    return [held.update(issue, index / looks_per_s) for index, issue in enumerate(issues)]


@pytest.mark.parametrize("looks_per_s", [2, 5, 10, 15, 30])
def test_pale_lips_that_are_taken_for_cloth_now_and_then_are_not_told(looks_per_s: float) -> None:
    assert set(said(([None] * 5 + [MOUTH]) * 20, looks_per_s)) == {None}


@pytest.mark.parametrize("looks_per_s", [2, 5, 10, 15, 30])
def test_a_mask_that_is_put_on_is_told_in_time_and_stays_told(looks_per_s: float) -> None:
    looks = [None] * 30 + [MOUTH, MOUTH, MOUTH, None] * 30  # no mask is seen in every picture
    out = said(looks, looks_per_s)
    told = out.index(MOUTH)
    assert (told - 30) / looks_per_s <= max(HELD_OVER_S, LEAST_LOOKS / looks_per_s)
    assert set(out[told + int(looks_per_s) :]) == {MOUTH}


@pytest.mark.parametrize(
    ("seen", "last"),
    [
        ([MOUTH], MOUTH),  # nothing better is known
        ([None, MOUTH], None),
        ([MOUTH, None], None),
        ([MOUTH, None, MOUTH], MOUTH),
        ([FAR, MOUTH], FAR),  # what was said stays until it holds
        ([FAR] * 5 + [MOUTH] * 2, FAR),
        ([FAR] * 5 + [MOUTH] * 3, MOUTH),
        ([None] * 5 + [MOUTH, None, MOUTH], None),
        ([None] * 5 + [MOUTH, None, MOUTH, MOUTH], MOUTH),
        ([MOUTH] * 5 + [FAR], FAR),
        ([MOUTH] * 5 + [None] * 2, MOUTH),
        ([MOUTH] * 5 + [None] * 3, None),
        ([MOUTH] * 5 + [EYES] * 2, MOUTH),
        ([FAR] + [MOUTH, EYES, QualityIssue.EYES_CLOSED] * 3, FAR),  # none holds
        ([MOUTH] * 5 + [EYES] * 3, EYES),
    ],
)
def test_table(seen: list[QualityIssue | None], last: QualityIssue | None) -> None:
    assert said(seen, 5)[-1] is last


@given(st.lists(st.tuples(st.floats(0.0, 1.0), REMARKS), min_size=1, max_size=60))
def test_whatever_comes_only_what_held_or_needs_not_is_begun(steps: list[tuple[float, QualityIssue | None]]) -> None:
    held, now_s, before = HeldIssue(), 0.0, None
    seen: list[tuple[float, QualityIssue | None]] = []
    for step_s, issue in steps:
        now_s += step_s
        seen.append((now_s, issue))
        out = held.update(issue, now_s)
        recent = [one for at_s, one in seen if at_s > now_s - HELD_OVER_S]
        window = recent if len(recent) >= LEAST_LOOKS else [one for _, one in seen[-LEAST_LOOKS:]]
        if issue is not None and issue not in MUST_HOLD:
            assert out is issue
        elif out in MUST_HOLD and out is not before:
            assert window.count(out) >= LEAST_SHARE * len(window)
        before = out
