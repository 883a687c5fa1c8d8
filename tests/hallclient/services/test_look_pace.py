import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallclient.services.look_pace import LOOKS_PER_S, LookPace


def looked_at(times_s: list[float], looks_per_s: float = LOOKS_PER_S) -> list[float]:
    pace = LookPace(looks_per_s)
    return [time_s for time_s in times_s if pace.due(time_s)]


@pytest.mark.parametrize(
    ("camera_hz", "looks_hz"), [(5, 5), (10, 10), (15, 15), (20, 15), (24, 15), (25, 15), (30, 15), (60, 15)]
)
def test_a_camera_of_any_rate_is_looked_at_evenly(camera_hz: int, looks_hz: int) -> None:
    looked = looked_at([round(7.3 + index / camera_hz, 3) for index in range(camera_hz * 20)])
    assert len(looked) == pytest.approx(looks_hz * 20, abs=2)


def test_the_first_picture_is_looked_at_and_the_next_one_in_its_turn() -> None:
    assert looked_at([3.0, 3.033, 3.067, 3.1, 3.133], 15) == [3.0, 3.067, 3.133]


@pytest.mark.parametrize("looks_per_s", [5, 6, 7.5, 12, 15, 30])
@pytest.mark.parametrize("camera_hz", [15.7, 24, 25, 30])
def test_any_pace_is_kept_with_any_camera_that_is_fast_enough(camera_hz: float, looks_per_s: float) -> None:
    looked = looked_at([round(7.3 + index / camera_hz, 3) for index in range(int(camera_hz * 20))], looks_per_s)
    assert len(looked) == pytest.approx(min(camera_hz, looks_per_s) * 20, abs=2)


def test_after_a_gap_nothing_is_made_up_for() -> None:
    before = [index / 30 for index in range(31)]
    after = [5.0 + index / 30 for index in range(31)]
    assert len([time_s for time_s in looked_at([*before, *after]) if time_s >= 5.0]) <= LOOKS_PER_S + 2


@given(st.lists(st.floats(0.001, 1.0), min_size=2, max_size=200))
def test_in_no_span_are_there_more_looks_than_the_rate_allows(steps_s: list[float]) -> None:
    times_s = [sum(steps_s[: index + 1]) for index in range(len(steps_s))]
    looked = looked_at(times_s)
    for first in range(len(looked)):
        for last in range(first + 1, len(looked)):
            # One early for what came late, one for the rounding of its time.
            assert last - first <= (looked[last] - looked[first]) * LOOKS_PER_S + 2
