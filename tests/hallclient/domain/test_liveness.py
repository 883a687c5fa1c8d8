from collections import Counter
from collections.abc import Iterable

import pytest

from hallclient.domain.liveness import HEAD_CHALLENGES, Challenge, draw_challenges, least_looks


class Bytes:
    def __init__(self, values: Iterable[int]) -> None:
        self._values = iter(values)

    def token(self, length: int) -> bytes:
        return bytes(next(self._values) for _ in range(length))


@pytest.mark.parametrize(("looks_per_s", "pairs"), [(30.0, 18), (12.0, 18), (11.9, 12), (5.0, 12)])
def test_all_pairs_that_can_be_seen_and_move_the_head_are_drawn_alike(looks_per_s: float, pairs: int) -> None:
    drawn = Counter(draw_challenges(Bytes([byte]), looks_per_s) for byte in range(252))
    assert set(drawn.values()) == {252 // pairs}
    assert len(drawn) == pairs
    assert all(first is not second and {first, second} & HEAD_CHALLENGES for first, second in drawn)
    assert any(Challenge.BLINK in pair for pair in drawn) == (looks_per_s >= 12)


def test_a_byte_that_would_favour_some_pairs_is_drawn_again() -> None:
    assert draw_challenges(Bytes([255, 252, 0]), 15.0) == draw_challenges(Bytes([0]), 15.0)


@pytest.mark.parametrize(
    ("challenges", "looks"),
    [
        ((), 5.0),
        ((Challenge.NOD, Challenge.OPEN_MOUTH), 5.0),
        ((Challenge.NOD, Challenge.BLINK), 12.0),
        ((Challenge.BLINK, Challenge.TURN_LEFT), 12.0),
    ],
)
def test_a_blink_needs_more_looks_than_all_else(challenges: tuple[Challenge, ...], looks: float) -> None:
    assert least_looks(challenges) == looks


def test_nothing_is_drawn_that_cannot_be_seen() -> None:
    for looks_per_s in (5.0, 11.9, 12.0, 30.0):
        for byte in range(252):
            assert least_looks(draw_challenges(Bytes([byte]), looks_per_s)) <= looks_per_s
