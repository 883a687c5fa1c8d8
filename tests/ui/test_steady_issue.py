"""What stands on the screen does not flicker, whatever the pictures show."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallclient.domain.quality_issue import QualityIssue
from ui.steps.steady_issue import FIRST_S, SHOWN_S, STABLE_S, SteadyIssue

FAR, BLURRED = QualityIssue.TOO_FAR, QualityIssue.BLURRED


@pytest.mark.parametrize(
    ("seen", "shown"),
    [
        ([(0.0, FAR)], FAR),
        ([(0.0, None)], None),
        ([(0.0, FAR), (0.3, None), (0.5625, None)], FAR),  # not yet read
        ([(0.0, FAR), (0.3, None), (0.625, None)], None),
        ([(0.0, FAR), (1.0, None)], FAR),  # may be a passing one
        ([(0.0, FAR), (1.0, None), (1.25, None)], None),
        ([(0.0, None), (1.0, BLURRED), (1.125, None), (1.5, None)], None),  # a blink
        ([(0.0, None), (1.0, BLURRED), (1.125, FAR), (1.25, FAR)], None),  # the new one begins anew
        ([(0.0, None), (1.0, BLURRED), (1.125, FAR), (1.375, FAR)], FAR),
    ],
)
def test_table(seen, shown) -> None:
    steady = SteadyIssue()
    said = [steady.update(issue, at_s) for at_s, issue in seen]
    assert said[-1] is shown


@given(st.lists(st.tuples(st.floats(0.001, 0.5), st.sampled_from([None, FAR, BLURRED])), min_size=1, max_size=80))
def test_what_is_shown_stays_to_be_read_and_was_seen_for_a_while(steps) -> None:
    steady, now_s, changes = SteadyIssue(), 100.0, []
    seen: list[tuple[float, QualityIssue | None]] = []
    shown = object()
    for step_s, issue in steps:
        now_s += step_s
        seen.append((now_s, issue))
        before, shown = shown, steady.update(issue, now_s)
        if shown is not before:
            changes.append(now_s)
            if len(changes) > 1:
                assert {one for at_s, one in seen if at_s >= now_s - STABLE_S} == {shown}
    assert all(later - earlier >= SHOWN_S for earlier, later in pairwise(changes))


@pytest.mark.parametrize(
    ("seen", "speaks"),
    [
        ([(0.0, BLURRED)], False),
        ([(0.0, BLURRED), (0.9, BLURRED)], False),
        ([(0.0, BLURRED), (FIRST_S, BLURRED)], True),
        ([(0.0, None)], True),  # a good picture is praised at once
        ([(0.0, BLURRED), (0.3, None), (0.7, None)], True),
        ([(0.0, None), (0.3, FAR), (0.7, FAR)], False),
    ],
)
def test_the_first_remark_waits_a_second(seen, speaks) -> None:
    steady = SteadyIssue()
    for issue, at_s in ((issue, at_s) for at_s, issue in seen):
        steady.update(issue, at_s)
    assert steady.speaks is speaks
    assert not SteadyIssue().speaks


@given(st.sampled_from([None, *QualityIssue]), st.sampled_from([None, *QualityIssue]))
def test_what_lasts_is_shown_in_the_end(first, second) -> None:
    steady = SteadyIssue()
    steady.update(first, 0.0)
    steady.update(second, 1.0)
    assert steady.update(second, 2.0) is second
