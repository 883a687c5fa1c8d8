"""Who mistypes waits for nothing, who tries passwords out waits longer and longer, and nobody for ever."""

from hypothesis import given
from hypothesis import strategies as st

from hallclient.domain.login_delay import LONGEST_DELAY_S, login_delay_s, remaining_delay_s


def test_the_delays() -> None:
    assert [login_delay_s(wrong) for wrong in range(8)] == [0, 0, 0, 5, 10, 20, 40, 80]
    assert login_delay_s(100_000) == LONGEST_DELAY_S


@given(st.integers(0, 10_000), st.floats(-1e9, 1e9))
def test_what_is_left_is_never_longer_than_the_delay(wrong: int, since_s: float) -> None:
    assert 0 <= remaining_delay_s(wrong, since_s) <= login_delay_s(wrong) <= login_delay_s(wrong + 1)
