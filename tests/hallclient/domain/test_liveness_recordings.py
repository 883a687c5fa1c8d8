"""Which of the pairs that may be drawn a recording answers that plays on whatever is asked; on numbers."""

import pytest

from hallclient.domain.face_motion import FaceMotion
from hallclient.domain.liveness import PAIRS, Challenge
from tests.hallclient.domain.program_face import BUMP, acted, face
from tests.hallclient.domain.sitting import Sitting

BLINK, OPEN_MOUTH, LEFT, RIGHT, NOD = Challenge
# "n" is a nod that is not much more than a laugh. "o" and "t" go two ways at once: mostly a nod, and mostly a turn.
ACTS: dict[str, list[FaceMotion]] = {
    "b": acted(BLINK),
    "m": acted(OPEN_MOUTH),
    "L": acted(LEFT),
    "R": acted(RIGHT),
    "N": acted(NOD),
    "n": [face(nod_deg=10 * amount) for amount in BUMP],
    "o": [face(turn_deg=16 * amount, nod_deg=22 * amount) for amount in BUMP],
    "t": [face(turn_deg=22 * amount, nod_deg=12 * amount) for amount in BUMP],
}


def answered(recording: str) -> set[tuple[Challenge, Challenge]]:
    def passes(pair: tuple[Challenge, Challenge]) -> bool:
        sitting = Sitting(*pair, look_s=1 / 15).rest(6)
        for act in recording:
            sitting.look(*ACTS[act]).rest(6)
        return sitting.check.passed

    return {pair for pair in PAIRS if passes(pair)}


@pytest.mark.parametrize(
    ("recording", "pairs"),
    [
        ("LN", {(LEFT, NOD)}),
        ("LR", {(LEFT, RIGHT)}),
        ("NL", {(NOD, LEFT)}),
        ("bR", {(BLINK, RIGHT)}),
        ("LRN", {(LEFT, RIGHT)}),
        ("bLN", {(BLINK, LEFT), (LEFT, NOD)}),
        ("mLN", {(OPEN_MOUTH, LEFT), (LEFT, NOD)}),
        ("bLbmN", {(BLINK, LEFT), (LEFT, BLINK), (LEFT, OPEN_MOUTH), (LEFT, NOD)}),
        ("bmLbmN", {(BLINK, LEFT), (OPEN_MOUTH, LEFT), (LEFT, BLINK), (LEFT, OPEN_MOUTH)}),
    ],
)
def test_a_recording_answers_what_it_shows(recording: str, pairs: set[tuple[Challenge, Challenge]]) -> None:
    assert answered(recording) == pairs


@pytest.mark.parametrize(("recording", "most"), [("nL", 1), ("bmnbL", 6), ("oL", 1), ("bmobL", 6)])
def test_a_nod_that_is_slight_or_oblique_is_not_seen_to_be_wrong_where_a_turn_is_asked(
    recording: str, most: int
) -> None:
    assert len(answered(recording)) == most


@pytest.mark.parametrize(
    ("recording", "pairs"),
    [("oo", set()), ("tt", set()), ("ot", {(NOD, LEFT)}), ("to", {(LEFT, NOD)}), ("tR", {(LEFT, RIGHT)})],
)
def test_a_movement_that_goes_two_ways_at_once_answers_one(
    recording: str, pairs: set[tuple[Challenge, Challenge]]
) -> None:
    """One that answered for a turn and for a nod let a recording of two such pass in three of the draws."""
    assert answered(recording) == pairs
