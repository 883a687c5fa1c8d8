from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from math import inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hallclient.domain.face_motion import FaceMotion
from hallclient.domain.liveness import HEAD_CHALLENGES, Challenge, LivenessCheck, Refusal, Relief, draw_challenges
from tests.hallclient.domain.program_face import act, acted, face, mapped

LOOK_S = 0.08
BLINK, OPEN_MOUTH, LEFT, RIGHT, NOD = Challenge
DEEP, FLAT = Relief(0.035, 0.03), Relief(0.016, 0.012)


class Bytes:
    def __init__(self, values: Iterable[int]) -> None:
        self._values = iter(values)

    def token(self, length: int) -> bytes:
        return bytes(next(self._values) for _ in range(length))


class Sitting:
    """A check and somebody before it; `look` passes time."""

    def __init__(self, *challenges: Challenge, relief: Relief | None = DEEP) -> None:
        self.check = LivenessCheck(challenges)
        self.relief = relief
        self.now_s = 100.0

    def look(self, *motions: FaceMotion | None, faces: int = 1) -> "Sitting":
        for motion in motions:
            self.check.see(self.now_s, 0 if motion is None and faces == 1 else faces, motion)
            self.now_s += LOOK_S
            if self.check.question is not None:
                signed = self.relief
                if signed is not None and self.check.question.challenge is RIGHT:
                    signed = replace(signed, turn=-signed.turn)
                self.check.answer((signed,) * len(self.check.question.moved_s))
        return self

    def rest(self, looks: int = 8) -> "Sitting":
        return self.look(*[face()] * looks)

    def wait(self, seconds: float, motion: FaceMotion | None = None) -> "Sitting":
        return self.look(*[motion or face()] * round(seconds / LOOK_S))


def test_all_pairs_that_move_the_head_are_drawn_alike() -> None:
    drawn = Counter(draw_challenges(Bytes([byte])) for byte in range(252))
    assert set(drawn.values()) == {14}
    assert len(drawn) == 18
    assert all(first is not second and {first, second} & HEAD_CHALLENGES for first, second in drawn)


def test_a_byte_that_would_favour_some_pairs_is_drawn_again() -> None:
    assert draw_challenges(Bytes([255, 252, 0])) == draw_challenges(Bytes([0]))


def test_a_check_without_challenges_is_refused() -> None:
    with pytest.raises(ValueError, match="without challenges"):
        LivenessCheck(())


@pytest.mark.parametrize("first", Challenge)
@pytest.mark.parametrize("second", Challenge)
def test_whoever_does_what_is_asked_passes(first: Challenge, second: Challenge) -> None:
    sitting = Sitting(first, second).rest()
    assert sitting.check.asking is first
    sitting.look(*acted(first)).rest()
    assert sitting.check.asking is second
    check = sitting.look(*acted(second)).check
    assert (check.passed, check.over, check.refusal, check.asking) == (True, True, None, None)
    assert [done.challenge for done in check.done] == [first, second]
    assert all(done.asked_s < done.done_s for done in check.done)
    assert len(check.rests_s) == 2


@pytest.mark.parametrize(
    ("asked", "did"), [(LEFT, RIGHT), (RIGHT, LEFT), (NOD, LEFT), (LEFT, NOD), (BLINK, NOD), (OPEN_MOUTH, RIGHT)]
)
def test_another_movement_of_the_head_ends_it(asked: Challenge, did: Challenge) -> None:
    assert Sitting(asked).rest().look(*acted(did)).check.refusal is Refusal.WRONG_MOVEMENT


def test_a_movement_that_is_there_before_anybody_could_react_was_not_asked_for() -> None:
    sitting = Sitting(BLINK)
    while sitting.check.asking is None:
        sitting.rest(1)
    sitting.look(act(BLINK, 1))
    assert sitting.check.refusal is Refusal.WRONG_MOVEMENT


def test_nobody_is_refused_for_a_blink_and_for_one_word() -> None:
    sitting = Sitting(LEFT, NOD).rest().look(*acted(BLINK)).rest().look(*acted(OPEN_MOUTH)).rest(2)
    assert sitting.look(*acted(LEFT)).rest().look(*acted(NOD)).check.passed
    sitting = Sitting(LEFT, NOD).rest().look(*acted(OPEN_MOUTH)).look(*acted(LEFT)).rest().look(*acted(OPEN_MOUTH))
    assert sitting.check.refusal is Refusal.WRONG_MOVEMENT


@pytest.mark.parametrize("challenge", Challenge)
def test_whoever_does_nothing_is_too_slow(challenge: Challenge) -> None:
    assert Sitting(challenge).rest().wait(7.5).check.refusal is None
    assert Sitting(challenge).rest().wait(9).check.refusal is Refusal.TOO_SLOW


def test_a_face_that_never_rests_is_too_slow() -> None:
    sitting = Sitting(LEFT)
    for _ in range(70):
        sitting.look(face(turn_deg=-6), face(turn_deg=6))
    assert sitting.check.refusal is Refusal.TOO_SLOW


def test_a_movement_must_end() -> None:
    held = Sitting(LEFT).rest().look(act(LEFT, 0.4), act(LEFT, 0.8)).wait(5, act(LEFT, 1))
    assert held.check.refusal is Refusal.TOO_SLOW


@pytest.mark.parametrize(
    "held",
    [
        face(centre=(356, 200)),
        face(eye_distance=104.0),
        face(roll_deg=10.0),
        mapped(face(), (1, 0, 0, 0.85), (0, 0)),
        mapped(face(), (1, 0, 0.1, 1.15), (0, 0)),
    ],
)
def test_a_plane_in_a_hand_is_flat(held: FaceMotion) -> None:
    assert Sitting(LEFT).rest().wait(9, held).check.refusal is Refusal.FLAT


@pytest.mark.parametrize("challenge", sorted(HEAD_CHALLENGES))
@pytest.mark.parametrize("relief", [FLAT, None, Relief(-0.03, -0.07)])
def test_a_head_without_relief_is_flat(challenge: Challenge, relief: Relief | None) -> None:
    sitting = Sitting(challenge, relief=relief).rest().look(*acted(challenge))
    assert sitting.check.refusal is Refusal.FLAT
    assert sitting.check.done == ()


def test_the_pictures_asked_about_are_wanted_until_answered() -> None:
    check = LivenessCheck((LEFT,))
    times = []
    for motion in [*[face()] * 6, *acted(LEFT)]:
        times.append(len(times) * LOOK_S)
        check.see(times[-1], 1, motion)
        assert set(check.wanted_s) <= set(times)
        assert len(check.wanted_s) <= 5
        if check.question is not None:
            assert motion != face()  # still on the way back
            assert {check.question.rest_s, *check.question.moved_s} <= check.wanted_s
            check.answer((DEEP,))
    assert check.passed
    assert check.hint == 1.0
    with pytest.raises(ValueError, match="nothing was asked"):
        check.answer((DEEP,))


@pytest.mark.parametrize(("relief", "hint"), [(0.0208, 0.65), (0.032, 1.0), (0.5, 1.0)])
def test_the_hint_grows_with_the_depth(relief: float, hint: float) -> None:
    sitting = Sitting(LEFT, relief=Relief(relief, 0)).rest().look(*acted(LEFT))
    assert sitting.check.hint == pytest.approx(hint, abs=0.01)
    assert Sitting(BLINK).rest().look(*acted(BLINK)).check.hint == 0


def test_a_second_face_ends_it_when_it_is_seen_twice() -> None:
    sitting = Sitting(LEFT).rest().look(None, faces=2).rest(1)
    assert sitting.check.refusal is None
    assert sitting.look(None, None, faces=20).check.refusal is Refusal.SECOND_FACE


def test_a_face_out_of_sight_is_lost() -> None:
    sitting = Sitting(LEFT).rest()
    assert sitting.look(None, None, None).rest(1).check.refusal is None
    assert sitting.look(*[None] * 8).check.refusal is Refusal.FACE_LOST


def test_a_face_has_some_seconds_to_appear() -> None:
    assert Sitting(LEFT).look(*[None] * 90).check.refusal is None
    assert Sitting(LEFT).look(*[None] * 110).check.refusal is Refusal.FACE_LOST
    assert Sitting(LEFT).look(*[None] * 90).rest().look(*acted(LEFT)).check.passed


def test_a_gap_in_time_breaks_the_tracking() -> None:
    sitting = Sitting(LEFT).rest()
    sitting.now_s += 0.6
    assert sitting.rest(1).check.refusal is Refusal.FACE_LOST


@pytest.mark.parametrize(
    "elsewhere", [face(centre=(420, 200)), face(eye_distance=130.0), face(eye_distance=60.0), face(roll_deg=40.0)]
)
def test_a_face_that_is_suddenly_elsewhere_jumped(elsewhere: FaceMotion) -> None:
    assert Sitting(LEFT).rest().look(elsewhere).check.refusal is Refusal.JUMP


def test_a_head_that_turned_in_no_time_jumped() -> None:
    assert Sitting(LEFT).rest().look(face(turn_deg=35)).check.refusal is Refusal.JUMP


@pytest.mark.parametrize("challenge", sorted(HEAD_CHALLENGES))
def test_photographs_shown_in_turn_jump(challenge: Challenge) -> None:
    turned, between = (act(challenge, angle_deg / (20 if challenge is NOD else 22)) for angle_deg in (12, 5.5))
    assert Sitting(challenge).rest().look(turned, turned, turned).rest(1).check.refusal is Refusal.JUMP
    assert Sitting(challenge).rest().look(between, turned, turned).rest(1).check.passed


def test_a_squeezed_picture_closes_no_eyes() -> None:
    squeezed = mapped(act(BLINK, 1), (1, 0, 0, 0.7), (0, 0))
    sitting = Sitting(BLINK).rest().look(squeezed, squeezed).rest(3)
    assert sitting.check.done == ()
    assert Sitting(BLINK).rest().look(act(BLINK, 1), act(BLINK, 1)).rest(3).check.passed


def test_a_head_that_is_back_at_once_is_judged_at_the_end() -> None:
    sitting = Sitting(LEFT).rest().look(face(turn_deg=5.5), face(turn_deg=11.5), face())
    assert sitting.check.passed
    assert Sitting(LEFT, relief=FLAT).rest().look(face(turn_deg=5.5), face(turn_deg=11.5), face()).check.refusal is (
        Refusal.FLAT
    )


def test_one_eye_alone_does_not_blink() -> None:
    wink = face(eyes=(0.01, 0.2))
    assert Sitting(BLINK).rest().look(wink, wink).rest(3).check.done == ()


@pytest.mark.parametrize("value", [nan, inf])
def test_a_face_without_numbers_is_no_face(value: float) -> None:
    assert Sitting(LEFT).rest().look(*[face(mouth=value)] * 10).check.refusal is Refusal.FACE_LOST


def test_after_the_end_nothing_changes() -> None:
    check = Sitting(LEFT).rest().look(face(centre=(0, 0))).rest().check
    assert check.refusal is Refusal.JUMP
    check.refuse(Refusal.FROZEN)
    assert check.refusal is Refusal.JUMP


NUMBERS = st.floats(-1, 1)
STEPS = st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=60)


def plane(step: tuple[float, ...]) -> FaceMotion:
    a, b, c, d, lids, lips = step
    held = face(eyes=(0.1 + 0.1 * lids, 0.1 + 0.1 * lids), mouth=0.2 + 0.2 * lips, centre=(320 + 40 * a, 200 + 40 * b))
    return mapped(held, (1 + 0.3 * a, 0.3 * b, 0.3 * c, 1 + 0.3 * d), (a, d))


@settings(max_examples=60)
@given(STEPS, st.sampled_from(sorted(HEAD_CHALLENGES)))
def test_no_movement_of_a_plane_passes_for_a_head(steps: list[tuple[float, ...]], challenge: Challenge) -> None:
    sitting = Sitting(challenge).rest()
    sitting.look(*[plane(step) for step in steps]).rest()
    assert not sitting.check.done


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.floats(-40, 40), st.floats(-40, 40), st.floats(0, 1)), max_size=60),
    st.tuples(st.sampled_from(Challenge), st.sampled_from(Challenge)),
)
def test_whatever_comes_it_ends_or_goes_on(
    looks: list[tuple[int, float, float, float]], challenges: tuple[Challenge, Challenge]
) -> None:
    sitting = Sitting(*challenges).rest(4)
    for faces, turn, nod, lips in looks:
        sitting.look(face(turn, nod, mouth=lips) if faces == 1 else None, faces=faces)
        assert sitting.check.passed + (sitting.check.refusal is not None) <= 1
        assert sitting.check.over == (sitting.check.passed or sitting.check.refusal is not None)
