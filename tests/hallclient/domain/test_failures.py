"""A failure that is kept and told more than once."""

from traceback import walk_tb

import pytest

from hallclient.domain.failures import FAILURES, LINE_GOES_ON, READ_AGAIN_UNASKED, FailureCode, KnownError


class NarrowerError(KnownError):
    """What only its own kind is caught as."""


def test_the_same_failure_is_raised_again_and_does_not_grow() -> None:
    kept = NarrowerError(FailureCode.LOGIN_LOCKED, "a detail", wait_s=7, number="E-1")
    lengths = []
    for _ in range(3):
        with pytest.raises(NarrowerError) as caught:
            raise kept.again()
        told = caught.value
        assert (told.code, told.detail, told.wait_s, told.number) == (FailureCode.LOGIN_LOCKED, "a detail", 7, "E-1")
        assert str(told) == str(kept)
        lengths.append(len(list(walk_tb(told.__traceback__))))
    assert lengths == [1, 1, 1]
    assert kept.__traceback__ is None


@pytest.mark.parametrize("code", sorted(READ_AGAIN_UNASKED | LINE_GOES_ON))
def test_where_it_goes_on_without_a_word_nobody_is_told_to_press_a_key(code: FailureCode) -> None:
    assert "重试" not in FAILURES[code].remedy
