"""What counts as a name: ink with an extent, inside the field."""

from math import cos, inf, nan, pi, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallclient.domain.signature import (
    FIELD_ASPECT,
    MIN_BOX_SHARE,
    MIN_PATH_SHARE,
    MIN_POINTS,
    MOST_POINTS,
    PenPoint,
    Signature,
    is_possible,
    is_too_little_ink,
    signature_from_json,
)


def line(length: float, points: int = 20, *, down: bool = False, left: float = 0.3) -> tuple[PenPoint, ...]:
    """A straight stroke of `length` field widths."""
    steps = [length * index / max(points - 1, 1) for index in range(points)]
    return tuple(
        PenPoint(index / 100, left, 0.1 + step * FIELD_ASPECT, None)
        if down
        else PenPoint(index / 100, left + step, 0.5, None)
        for index, step in enumerate(steps)
    )


def circle(radius: float, turns: int = 1) -> tuple[PenPoint, ...]:
    return tuple(
        PenPoint(
            index / 100,
            0.5 + radius * cos(2 * pi * index / 24),
            0.5 + radius * FIELD_ASPECT * sin(2 * pi * index / 24),
            None,
        )
        for index in range(24 * turns + 1)
    )


@pytest.mark.parametrize(
    ("strokes", "too_little"),
    [
        ((), True),
        ((line(0.3, MIN_POINTS - 1),), True),
        ((line(0.3, MIN_POINTS),), False),
        ((line(0.3, 4), line(0.3, 4)), False),  # points of all strokes count
        ((line(0.0),), True),  # a pen that lay on one spot
        ((circle(MIN_BOX_SHARE / 2 * 0.9, turns=9),), True),  # a long path on a small spot
        ((circle(MIN_BOX_SHARE / 2 * 1.1, turns=9),), False),
        ((line(MIN_PATH_SHARE * 0.9),), True),
        ((line(MIN_PATH_SHARE * 1.1),), False),  # 一
        ((line(MIN_PATH_SHARE * 1.1, down=True),), False),  # 丨
        ((line(0.3, left=1.1),), True),  # beside the field
        ((line(0.3, left=-0.4),), True),
        ((tuple(PenPoint(0.0, nan, 0.5, None) for _ in range(20)),), True),
        ((tuple(PenPoint(0.0, inf, 0.5, None) for _ in range(20)),), True),
        ((tuple(PenPoint(index / 100, index % 2 * 1.2, 0.5, None) for index in range(30)),), True),  # in and out
    ],
)
def test_table(strokes: tuple[tuple[PenPoint, ...], ...], too_little: bool) -> None:
    assert is_too_little_ink(strokes) is too_little
    assert Signature(strokes, "0" * 64, "pen", practice=True, session="s").is_empty is too_little


_place = st.floats(-0.5, 1.5)
_stroke = st.lists(st.builds(PenPoint, st.just(0.0), _place, _place, st.none()), max_size=12).map(tuple)
_strokes = st.lists(_stroke, max_size=4).map(tuple)


@given(_strokes, _stroke)
def test_more_ink_is_never_less(strokes: tuple[tuple[PenPoint, ...], ...], more: tuple[PenPoint, ...]) -> None:
    assert is_too_little_ink(strokes) or not is_too_little_ink((*strokes, more))


@given(_strokes)
def test_ink_outside_the_field_changes_nothing(strokes: tuple[tuple[PenPoint, ...], ...]) -> None:
    outside = tuple(PenPoint(0.0, 1.0 + index / 10, -0.1, None) for index in range(1, 12))
    assert is_too_little_ink((*strokes, outside)) is is_too_little_ink(strokes)


@pytest.mark.parametrize(
    "odd",
    [
        PenPoint(nan, 0.5, 0.5, 0.5),
        PenPoint(2.0**60, 0.5, 0.5, 0.5),
        PenPoint(0.1, nan, 0.5, 0.5),
        PenPoint(0.1, 0.5, -inf, 0.5),
        PenPoint(0.1, 1e300, 0.5, 0.5),
        PenPoint(0.1, 0.5, 0.5, nan),
        PenPoint(0.1, 0.5, 0.5, -5.0),
        PenPoint(0.1, 0.5, 0.5, 1e308),
    ],
)
def test_one_point_that_no_pad_gives_spoils_all(odd: PenPoint) -> None:
    assert is_possible((line(0.4),), "pen")
    assert not is_possible((line(0.4), (odd,)), "pen")


def test_a_pad_has_a_name_and_nobody_writes_for_hours() -> None:
    assert not is_possible((line(0.4),), "\ud800")
    assert not is_possible((line(0.4),), "")
    assert is_possible((line(0.4, points=MOST_POINTS),), "mouse")
    assert not is_possible((line(0.4, points=MOST_POINTS), line(0.4, points=1)), "mouse")


def test_a_signature_is_read_as_it_was_written() -> None:
    written = Signature((line(0.3), line(0.2)), "ab" * 32, "pen", False, "a session")
    assert signature_from_json(written.to_json()) == written


@pytest.mark.parametrize(
    "data", [b"", b"x" * 1000, b"[]", b"{}", b"null", b"[" * 100_000, b'{"strokes": [[[1, 2, 3]]]}', b"\xff"]
)
def test_what_is_no_signature_is_not_quoted(data: bytes) -> None:
    with pytest.raises(ValueError, match="no strokes"):
        signature_from_json(data)
