import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.microphone.arrival import ArrivalTimes

RATE_HZ = 48_000
BLOCK = 960


@given(st.floats(0, 1e6), st.lists(st.floats(0, 0.3), min_size=1, max_size=100))
def test_a_stamp_is_as_late_as_the_promptest_block_so_far_and_never_early(
    start_s: float, delays_s: list[float]
) -> None:
    times = ArrivalTimes(RATE_HZ)
    promptest_s = float("inf")
    for number, delay_s in enumerate(delays_s):
        promptest_s = min(promptest_s, delay_s)
        made_s = start_s + number * BLOCK / RATE_HZ
        stamp_s = times.stamp(made_s + BLOCK / RATE_HZ + delay_s, BLOCK)
        assert stamp_s - made_s == pytest.approx(promptest_s, abs=1e-6)


def test_after_lost_samples_the_past_is_forgotten() -> None:
    times = ArrivalTimes(RATE_HZ)
    times.stamp(10.02, BLOCK)
    times.restart()
    assert times.stamp(15.02, BLOCK) == pytest.approx(15.0)
