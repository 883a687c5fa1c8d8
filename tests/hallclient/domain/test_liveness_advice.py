"""What is said to be missing while a challenge goes on: at most one thing, in time, and only while it is true."""

import pytest

from hallclient.domain.face_motion import FaceMotion
from hallclient.domain.liveness import Advice, Challenge
from tests.hallclient.domain.program_face import act, acted, face, mapped
from tests.hallclient.domain.sitting import Sitting

BLINK, OPEN_MOUTH, LEFT, RIGHT, NOD = Challenge
_SMILING = mapped(face(nod_deg=4), (1, 0, 0, 0.92), (0, 0))


@pytest.mark.parametrize(
    ("challenge", "held", "advice"),
    [
        (LEFT, act(LEFT, 0.3), Advice.TURN_MORE),
        (RIGHT, act(RIGHT, 0.3), Advice.TURN_MORE),
        (LEFT, act(LEFT, 1), Advice.TURN_BACK),
        (RIGHT, face(turn_deg=-50), Advice.TURN_LESS),
        (NOD, act(NOD, 0.3), Advice.NOD_MORE),
        (NOD, act(NOD, 1), Advice.RAISE_HEAD),
        (NOD, _SMILING, Advice.SMILE_LESS),
        (OPEN_MOUTH, act(OPEN_MOUTH, 0.4), Advice.OPEN_WIDER),
        (OPEN_MOUTH, act(OPEN_MOUTH, 1), Advice.CLOSE_MOUTH),
        (BLINK, act(BLINK, 1), Advice.OPEN_EYES),
    ],
)
def test_what_is_missing_is_said_before_the_time_is_up(challenge: Challenge, held: FaceMotion, advice: Advice) -> None:
    on_the_way = [act(challenge, amount) for amount in (0.1, 0.2, 0.3)]
    further = [face(turn_deg=-degrees) for degrees in (10, 20, 30, 40)] if advice is Advice.TURN_LESS else []
    sitting = Sitting(challenge).rest().look(*on_the_way, *further).wait(1.5, held)
    assert (sitting.check.advice, sitting.check.refusal) == (advice, None)


@pytest.mark.parametrize("challenge", Challenge)
def test_nothing_is_said_to_whoever_does_it(challenge: Challenge) -> None:
    sitting = Sitting(challenge).rest()
    said = set()
    for motion in acted(challenge):
        said.add(sitting.look(motion).check.advice)
    assert said == {None}
    assert sitting.rest(3).check.passed


@pytest.mark.parametrize("challenge", Challenge)
def test_advice_goes_when_it_is_followed(challenge: Challenge) -> None:
    sitting = Sitting(challenge).rest().look(*[act(challenge, amount) for amount in (0.1, 0.2, 0.3)])
    sitting.wait(1.2, act(challenge, 1 if challenge is BLINK else 0.3)).look(*acted(challenge)).rest(3)
    assert (sitting.check.passed, sitting.check.advice) == (True, None)


def test_only_a_nod_is_disturbed_by_a_smile() -> None:
    for challenge in (LEFT, RIGHT, BLINK):
        assert Sitting(challenge).rest().wait(1.5, _SMILING).check.advice is None


@pytest.mark.parametrize(
    ("looks", "faces", "advice"),
    [
        ([None] * 3, 1, Advice.SHOW_FACE),
        ([None], 2, Advice.ONE_FACE),
        ([face(turn_deg=25)] * 3, 1, Advice.FACE_CAMERA),
        ([face(eyes=(0.03, 0.03))] * 3, 1, Advice.OPEN_EYES),
        ([face(), face(mouth=0.3)] * 8, 1, Advice.HOLD_STILL),
    ],
)
def test_before_anything_is_asked(looks: list[FaceMotion | None], faces: int, advice: Advice) -> None:
    assert Sitting(BLINK).look(*looks, faces=faces).check.advice is advice


@pytest.mark.parametrize("challenge", Challenge)
@pytest.mark.parametrize("look_s", [1 / 15, 0.2])
def test_one_look_that_misses_the_face_is_not_told(challenge: Challenge, look_s: float) -> None:
    sitting = Sitting(challenge, look_s=look_s).rest().look(None)
    assert sitting.check.advice is None
    assert sitting.rest(1).look(None, faces=2).check.advice is None
    assert sitting.look(*acted(challenge)[:3]).look(None).check.advice is None


def test_a_second_look_that_misses_the_face_is_told() -> None:
    assert Sitting(LEFT).rest().look(None, None).check.advice is Advice.SHOW_FACE
    assert Sitting(LEFT).rest().look(None, None, faces=2).check.advice is Advice.ONE_FACE


@pytest.mark.parametrize(("challenge", "advice"), [(LEFT, Advice.TURN_LESS), (NOD, Advice.RAISE_HEAD)])
def test_a_head_that_moved_out_of_sight_is_told_how_it_comes_back(challenge: Challenge, advice: Advice) -> None:
    moved = [act(challenge, amount) for amount in (0.3, 0.7, 1)]
    assert Sitting(challenge).rest().look(*moved, None, None, None).check.advice is advice
