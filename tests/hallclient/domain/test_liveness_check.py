import json
from dataclasses import replace
from math import inf, nan
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hallclient.domain.face_motion import FaceMotion, RestingFace
from hallclient.domain.liveness import HEAD_CHALLENGES, Advice, Challenge, Refusal, Relief, least_amount
from hallclient.domain.liveness_check import LivenessCheck
from hallclient.domain.liveness_limits import RELIEF_PICTURES
from tests.hallclient.domain.program_face import act, acted, face, mapped
from tests.hallclient.domain.sitting import DEEP, FLAT, LOOK_S, Sitting

BLINK, OPEN_MOUTH, LEFT, RIGHT, NOD = Challenge
_MEASURED = json.loads((Path(__file__).parent / "measured_motions.json").read_text())


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
def test_another_movement_of_the_head_is_refused(asked: Challenge, did: Challenge) -> None:
    check = Sitting(asked).rest().look(*acted(did)).check
    assert (check.refusal, check.done) == (Refusal.WRONG_MOVEMENT, ())


@pytest.mark.parametrize("challenge", Challenge)
def test_a_movement_that_is_there_before_anybody_could_react_does_not_count(challenge: Challenge) -> None:
    sitting = Sitting(challenge)
    while sitting.check.asking is None:
        sitting.rest(1)
    sitting.look(*[act(challenge, 1)] * 3).rest()
    assert (sitting.check.done, sitting.check.refusal) == ((), None)
    assert sitting.look(*acted(challenge)).rest(3).check.passed


def test_nobody_is_refused_for_a_blink_and_for_one_word() -> None:
    sitting = Sitting(LEFT, NOD).rest().look(*acted(BLINK)).rest().look(*acted(OPEN_MOUTH)).rest(2)
    assert sitting.look(*acted(LEFT)).rest().look(*acted(NOD)).check.passed
    sitting = Sitting(LEFT, NOD).rest().look(*acted(OPEN_MOUTH)).look(*acted(LEFT)).rest().look(*acted(OPEN_MOUTH))
    assert sitting.check.refusal is Refusal.WRONG_MOVEMENT


@pytest.mark.parametrize("challenge", Challenge)
def test_whoever_does_nothing_is_too_slow(challenge: Challenge) -> None:
    assert Sitting(challenge).wait(7.9).check.refusal is None
    assert Sitting(challenge).rest().wait(9).check.refusal is Refusal.TOO_SLOW


def test_a_face_that_never_rests_is_too_slow() -> None:
    sitting = Sitting(BLINK)
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
@pytest.mark.parametrize("relief", [FLAT, Relief(-0.03, -0.07)])
def test_a_head_without_relief_is_flat(challenge: Challenge, relief: Relief | None) -> None:
    sitting = Sitting(challenge, relief=relief).rest().look(*acted(challenge))
    assert sitting.check.refusal is Refusal.FLAT
    assert sitting.check.done == ()


@pytest.mark.parametrize("challenge", sorted(HEAD_CHALLENGES))
def test_a_head_whose_relief_cannot_be_measured_is_asked_again_and_never_passes(challenge: Challenge) -> None:
    sitting = Sitting(challenge, relief=None).rest().look(*acted(challenge)).rest()
    assert (sitting.check.refusal, sitting.check.done, sitting.check.asking) == (None, (), challenge)
    assert sitting.check.advice is Advice.MORE_SLOWLY
    sitting.look(*acted(challenge)).rest().wait(9)
    assert (sitting.check.refusal, sitting.check.done) == (Refusal.TOO_SLOW, ())
    sitting = Sitting(challenge, relief=None).rest().look(*acted(challenge)).rest()
    sitting.relief = FLAT
    assert sitting.look(*acted(challenge)).check.refusal is Refusal.FLAT
    sitting = Sitting(challenge, relief=None).rest().look(*acted(challenge)).rest()
    sitting.relief = DEEP
    assert sitting.look(*acted(challenge)).check.passed


def test_one_measured_picture_of_some_decides() -> None:
    for relief, passed, refusal in [(DEEP, True, None), (FLAT, False, Refusal.FLAT)]:
        check = LivenessCheck((LEFT,))
        for index, motion in enumerate([*[face()] * 6, *acted(LEFT)]):
            check.see(index * LOOK_S, 1, motion)
            if check.question is not None:
                check.answer((None, relief))
        assert (check.passed, check.refusal) == (passed, refusal)


def test_the_end_of_a_movement_that_is_made_anew_is_no_movement() -> None:
    """Relief is measured worst in small turns: what is left of one on its way back is not measured as one."""
    asked: list[float] = []
    check = LivenessCheck((LEFT,))
    amounts = (0.2, 0.5, 0.8, 1, 1, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5, 0.2, 0)
    for index, motion in enumerate([*[face()] * 6, *[act(LEFT, amount) for amount in amounts], *[face()] * 6]):
        check.see(index * LOOK_S, 1, motion)
        if check.question is not None:
            asked.append(index * LOOK_S)
            check.answer((None,))
    assert len(asked) == 1


@pytest.mark.parametrize("look_s", [1 / 15, 0.2])
def test_who_turned_too_quickly_is_too_slow_in_the_end_and_not_flat(look_s: float) -> None:
    """Turned heads' eyes come nearer and move aside, as a held picture's do: their parallax tells them apart."""
    turned = replace(act(LEFT, 0.55), eye_distance=80.0, centre=(360, 200))
    sitting = Sitting(LEFT, look_s=look_s).rest()
    for _ in range(2):
        sitting.look(turned, turned).rest()
        assert (sitting.check.advice, sitting.check.refusal) == (Advice.MORE_SLOWLY, None)
    assert sitting.wait(9).check.refusal is Refusal.TOO_SLOW


def test_who_turned_too_little_is_too_slow_in_the_end_and_not_flat() -> None:
    small = [replace(face(turn_deg=degrees), eye_distance=80.0) for degrees in (5, 11, 12, 5, 0)]
    sitting = Sitting(LEFT, relief=FLAT).rest().look(*small).rest()
    assert sitting.check.advice is Advice.TURN_MORE
    assert sitting.wait(9).check.refusal is Refusal.TOO_SLOW


def test_the_pictures_asked_about_are_wanted_until_answered() -> None:
    check = LivenessCheck((LEFT,))
    times = []
    for motion in [*[face()] * 6, *acted(LEFT)]:
        times.append(len(times) * LOOK_S)
        check.see(times[-1], 1, motion)
        assert set(check.wanted_s) <= set(times)
        assert len(check.wanted_s) <= 7
        if check.question is not None:
            assert motion != face()  # still on the way back
            assert {check.question.rest_s, *check.question.moved_s} <= check.wanted_s
            check.answer((DEEP,))
    assert check.passed
    assert check.hint == 1.0
    with pytest.raises(ValueError, match="nothing was asked"):
        check.answer((DEEP,))


@pytest.mark.parametrize(("relief", "hint"), [(0.023, 0.65), (0.045, 1.0), (0.5, 1.0)])
def test_the_hint_grows_with_the_depth(relief: float, hint: float) -> None:
    sitting = Sitting(LEFT, relief=Relief(relief, 0)).rest().look(*acted(LEFT))
    assert sitting.check.hint == pytest.approx(hint, abs=0.06)
    assert Sitting(BLINK).rest().look(*acted(BLINK)).check.hint == 0


def test_a_second_face_ends_it_when_it_is_seen_twice() -> None:
    sitting = Sitting(LEFT).rest().look(None, faces=2).rest(1)
    assert sitting.check.refusal is None
    assert sitting.look(None, None, None, faces=20).check.refusal is Refusal.SECOND_FACE


def test_a_face_out_of_sight_is_lost() -> None:
    sitting = Sitting(LEFT).rest()
    assert sitting.look(None, None).rest(1).check.refusal is None
    assert sitting.look(None, None, None).check.refusal is None  # 0.24 s from the look that saw it
    assert sitting.look(None).check.refusal is Refusal.FACE_LOST


@pytest.mark.parametrize(
    ("looks_per_s", "found"), [(5, 0.5), (6, 0.8), (7, 1), (8, 1), (10, 1), (12.5, 1), (15, 1), (30, 1)]
)
def test_a_dark_seam_of_a_replay_is_found_also_by_the_look_that_sees_the_face_again(
    looks_per_s: float, found: float
) -> None:
    def is_found(phase: float) -> bool:
        """Dark for 0.3 s from between two looks on."""
        looks = ((index + 1 - phase) / looks_per_s for index in range(round(looks_per_s)))
        sitting = Sitting(LEFT, look_s=1 / looks_per_s).rest()
        return sitting.look(*[None if since_s < 0.3 else face() for since_s in looks]).check.refusal is not None

    phases = [(index + 0.5) / 100 for index in range(100)]
    assert sum(map(is_found, phases)) / 100 == pytest.approx(found, abs=0.011)


@pytest.mark.parametrize("looks_per_s", [5, 6, 8, 15, 30])
def test_one_look_may_miss_a_face_at_any_rate(looks_per_s: int) -> None:
    sitting = Sitting(LEFT, look_s=1 / looks_per_s).rest()
    for _ in range(4):
        assert sitting.look(None).rest(1).check.refusal is None
    assert sitting.look(*[act(LEFT, amount) for amount in (0.3, 0.7, 1, 0.7, 0.3, 0)]).check.passed


def test_a_face_that_is_seen_again_too_late_is_lost_with_that_look() -> None:
    sitting = Sitting(LEFT, look_s=0.12).rest().look(None, None)
    assert sitting.check.refusal is None
    assert sitting.rest(1).check.refusal is Refusal.FACE_LOST


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
@pytest.mark.parametrize("look_s", [1 / 15, 0.2])
def test_photographs_shown_in_turn_are_never_on_the_way(challenge: Challenge, look_s: float) -> None:
    turned, between = (act(challenge, angle_deg / (20 if challenge is NOD else 22)) for angle_deg in (12, 5.5))
    shown = Sitting(challenge, look_s=look_s).rest().look(turned, turned, turned).rest(1)
    assert (shown.check.done, shown.check.refusal) == ((), None)
    assert shown.check.advice is Advice.MORE_SLOWLY
    assert Sitting(challenge, look_s=look_s).rest().look(between, turned, turned).rest(1).check.passed


def test_a_squeezed_picture_closes_no_eyes() -> None:
    squeezed = mapped(act(BLINK, 1), (1, 0, 0, 0.7), (0, 0))
    sitting = Sitting(BLINK).rest().look(squeezed, squeezed).rest(3)
    assert sitting.check.done == ()
    assert Sitting(BLINK).rest().look(act(BLINK, 1), act(BLINK, 1)).rest(3).check.passed


def test_a_head_that_is_back_at_once_is_judged_at_the_end() -> None:
    at_once = [face(turn_deg=5.5), face(turn_deg=11.5), face(turn_deg=19), face()]
    assert Sitting(LEFT).rest().look(*at_once).check.passed
    assert Sitting(LEFT, relief=FLAT).rest().look(*at_once).check.refusal is Refusal.FLAT


def test_a_small_turn_without_enough_relief_is_asked_for_again_and_not_flat() -> None:
    small = [face(turn_deg=degrees) for degrees in (5, 11, 12, 5, 0)]
    sitting = Sitting(LEFT, relief=FLAT).rest().look(*small).rest()
    assert (sitting.check.refusal, sitting.check.done, sitting.check.asking) == (None, (), LEFT)
    sitting.relief = DEEP
    assert sitting.look(*acted(LEFT)).check.passed


@pytest.mark.parametrize("relief", [FLAT, None])
@pytest.mark.parametrize("looks", [(5.5, 12, 0), (5, 11, 12, 5, 0), (5, 11, 12, 11.5, 11, 0)])
@pytest.mark.parametrize("rate", [5, 15])
def test_no_head_passes_without_relief_however_soon_it_is_back(
    relief: Relief | None, looks: tuple[float, ...], rate: int
) -> None:
    """A small turn that was judged only when it was over passed with the next look, for nothing was left to judge."""
    sitting = Sitting(LEFT, relief=relief, look_s=1 / rate).rest()
    for _ in range(3):
        sitting.look(*[face(turn_deg=degrees) for degrees in looks]).rest()
        assert sitting.check.done == ()
    assert sitting.wait(9).check.refusal is Refusal.TOO_SLOW


def test_whoever_turned_and_does_not_come_back_is_too_slow_and_not_flat() -> None:
    far = replace(act(LEFT, 1), centre=(380, 200), eye_distance=75.0)  # as turned heads look
    assert Sitting(LEFT).rest().look(act(LEFT, 0.5)).wait(9, far).check.refusal is Refusal.TOO_SLOW


@pytest.mark.parametrize("rest_deg", [4.0, -6.0])
def test_a_head_may_come_to_rest_elsewhere(rest_deg: float) -> None:
    sitting = Sitting(LEFT).rest().look(*[act(LEFT, amount) for amount in (0.3, 0.7, 1, 1, 0.7)])
    assert sitting.wait(0.4, face(turn_deg=rest_deg)).check.passed


def test_a_turned_head_may_be_out_of_sight_for_a_while() -> None:
    sitting = Sitting(LEFT).rest().look(*[act(LEFT, amount) for amount in (0.3, 0.7, 1)]).look(*[None] * 12)
    assert sitting.check.refusal is None
    assert sitting.check.advice is Advice.TURN_LESS
    assert sitting.look(*[act(LEFT, amount) for amount in (1, 0.7, 0.3)]).rest(2).check.passed
    assert Sitting(LEFT).rest().look(*[None] * 12).check.refusal is Refusal.FACE_LOST


@pytest.mark.parametrize("looks_per_s", [5, 6, 8, 10, 15, 30])
@pytest.mark.parametrize("challenge", [OPEN_MOUTH, LEFT, RIGHT, NOD])
def test_the_rate_of_looking_changes_no_verdict(looks_per_s: int, challenge: Challenge) -> None:
    def amount(passed_s: float) -> float:
        """Up in 0.4 s, held for 0.5, back in 0.4."""
        return max(0.0, min(1.0, passed_s / 0.4, (1.3 - passed_s) / 0.4))

    sitting = Sitting(challenge, look_s=1 / looks_per_s).wait(1.0)
    steps = range(round(2.0 * looks_per_s))
    assert sitting.look(*[act(challenge, amount(step / looks_per_s)) for step in steps]).check.passed


def _measured(name: str) -> list[tuple[float, FaceMotion]]:
    """Looks at real people, as numbers (people, see `liveness_limits`)."""

    def points(values: list[float]) -> tuple[tuple[float, float], ...]:
        return tuple(zip(values[::2], values[1::2], strict=True))

    looks = []
    for time_s, centre, distance, roll, around, tip, eyes, mouth, facing in _MEASURED[name]:
        (middle,), (nose,), (lids,), (turned,) = map(points, (centre, tip, eyes, facing))
        looks.append((time_s, FaceMotion(middle, distance, roll, points(around), nose, lids, mouth, turned)))
    return looks


def _seen(challenge: Challenge, name: str, relief: Relief) -> LivenessCheck:
    check = LivenessCheck((challenge,))
    for time_s, motion in _measured(name):
        check.see(time_s, 1, motion)
        if check.question is not None:
            check.answer((relief,) * len(check.question.moved_s))
    return check


def test_a_smile_is_no_nod() -> None:
    smile = _measured("smile")
    rest = RestingFace([motion for _, motion in smile[:3]])
    assert max(rest.movement(motion).nod for _, motion in smile) < 0.07
    check = _seen(NOD, "smile", DEEP)
    assert (check.done, check.refusal) == ((), None)


def test_a_wide_and_long_turn_of_a_real_head_is_live_when_its_relief_is_good() -> None:
    """Its eyes come nearer by a third, which a held photograph's do too: before, that alone made it flat."""
    assert _seen(LEFT, "turn", Relief(0.036, 0.0)).passed
    assert _seen(LEFT, "turn", Relief(0.018, 0.0)).refusal is Refusal.FLAT
    assert _seen(RIGHT, "turn", Relief(-0.036, 0.0)).done == ()


@pytest.mark.parametrize("unready", [face(turn_deg=20), face(nod_deg=30), face(eyes=(0.03, 0.02))])
def test_nothing_is_asked_of_a_face_that_looks_away_or_keeps_its_eyes_shut(unready: FaceMotion) -> None:
    sitting = Sitting(LEFT).wait(2, unready)
    assert (sitting.check.asking, sitting.check.refusal) == (None, None)
    assert sitting.rest().check.asking is LEFT


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


@pytest.mark.parametrize("challenge", Challenge)
def test_the_height_of_a_movement_is_the_look_at_which_it_was_furthest(challenge: Challenge) -> None:
    """Also where the lids were shut meanwhile, or the head was moved before anybody could react."""
    sitting = Sitting(challenge).rest()
    assert sitting.check.asking is challenge
    begun_s, motions = sitting.now_s, acted(challenge)
    sitting.look(*motions).rest()
    (height,) = sitting.check.heights
    (done,) = sitting.check.done
    assert (height.challenge, height.asked_s) == (challenge, done.asked_s)
    furthest = round((height.at_s - begun_s) / LOOK_S)
    rest = sitting.check.rest
    assert rest is not None
    assert height.amount == max(_amount(rest, motion, challenge) for motion in motions)
    assert height.amount == pytest.approx(_amount(rest, motions[furthest], challenge))
    assert height.amount > least_amount(challenge)


def _amount(rest: RestingFace, motion: FaceMotion, challenge: Challenge) -> float:
    moved = rest.movement(motion)
    return {
        BLINK: 1 - moved.eyes,
        OPEN_MOUTH: moved.mouth,
        LEFT: moved.turn,
        RIGHT: -moved.turn,
        NOD: moved.nod,
    }[challenge]


@pytest.mark.parametrize(("asked", "did"), [(LEFT, RIGHT), (NOD, LEFT), (BLINK, NOD)])
def test_the_height_of_a_wrong_movement_is_where_it_was_seen_to_be_wrong(asked: Challenge, did: Challenge) -> None:
    sitting = Sitting(asked).rest()
    for motion in acted(did):
        if not sitting.check.over:
            sitting.look(motion)
    (height,) = sitting.check.heights
    assert sitting.check.refusal is Refusal.WRONG_MOVEMENT
    assert height.at_s == pytest.approx(sitting.now_s - LOOK_S)
    assert height.amount < least_amount(asked)


def test_a_movement_that_is_made_again_has_the_height_of_the_last_time() -> None:
    sitting = Sitting(LEFT, relief=None).rest().look(*acted(LEFT)).rest()
    again_s = sitting.now_s
    assert not sitting.check.over
    sitting.relief = DEEP
    sitting.look(*acted(LEFT)).rest()
    assert sitting.check.passed
    (height,) = sitting.check.heights
    assert height.at_s > again_s


def test_the_pictures_of_the_heights_are_wanted_to_the_end_and_few() -> None:
    """Two, of a check of two: nothing of a sitting piles up."""
    sitting = Sitting(LEFT, NOD)
    wanted = []
    for motion in [*[face()] * 8, *acted(LEFT), *[face()] * 8, *acted(NOD), *[face()] * 3]:
        sitting.look(motion)
        heights = {height.at_s for height in sitting.check.heights}
        assert heights <= sitting.check.wanted_s
        wanted.append(len(sitting.check.wanted_s))
    assert sitting.check.passed
    assert [height.challenge for height in sitting.check.heights] == [LEFT, NOD]
    assert max(wanted) <= 2 * 2 + 1 + RELIEF_PICTURES  # rests and heights, who settles, and those that are measured


def test_before_anything_was_asked_there_is_no_height() -> None:
    sitting = Sitting(LEFT)
    assert sitting.check.heights == ()
    assert sitting.look(None).check.heights == ()
