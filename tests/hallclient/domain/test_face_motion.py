from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallclient.domain.face_motion import Movement, RestingFace
from tests.hallclient.domain.program_face import face, mapped


@given(
    st.tuples(st.floats(0.4, 2), st.floats(-1, 1), st.floats(-1, 1), st.floats(0.4, 2)),
    st.tuples(st.floats(-3, 3), st.floats(-3, 3)),
)
def test_a_photograph_however_held_never_turns_or_nods(
    matrix: tuple[float, float, float, float], shift: tuple[float, float]
) -> None:
    movement = RestingFace([face()]).movement(mapped(face(), matrix, shift))
    assert movement.turn == pytest.approx(0, abs=1e-9)
    assert movement.nod == pytest.approx(0, abs=1e-9)


@given(st.floats(5, 30))
def test_a_head_turns_towards_its_nose(angle_deg: float) -> None:
    rest = RestingFace([face()])
    assert rest.movement(face(turn_deg=angle_deg)).turn > 0.005 * angle_deg
    assert rest.movement(face(turn_deg=-angle_deg)).turn < -0.005 * angle_deg
    assert rest.movement(face(nod_deg=angle_deg)).nod > 0.005 * angle_deg


def test_at_rest_nothing_moved() -> None:
    still = RestingFace([face(), face()]).movement(face())
    assert still == Movement(0, 0, 1, 0, 1, 0, 1, 0)


def test_lids_lips_and_the_place_are_measured_against_rest() -> None:
    now = face(centre=(410, 200), eye_distance=45.0, roll_deg=7.0, eyes=(0.05, 0.1), mouth=0.3)
    movement = RestingFace([face()]).movement(now)
    assert (movement.eyes, movement.mouth) == (0.5, 0.25)  # the eye that is further open counts
    assert (movement.shift, movement.growth, movement.roll_deg) == (1, 0.5, 7)


def test_one_picture_that_is_off_does_not_spoil_the_rest() -> None:
    rest = RestingFace([face(), face(turn_deg=25), face()])
    assert rest.movement(face()).turn == pytest.approx(0, abs=1e-9)


def test_points_on_one_line_show_nothing() -> None:
    flat = face(around=((0.0, 0.0),) * 15, tip=(0.0, 0.0))
    assert RestingFace([flat]).movement(flat).stretch == 1


@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_what_is_no_number_is_told(value: float) -> None:
    assert face().is_sane
    assert not face(mouth=value).is_sane
    assert not face(tip=(value, 0.0)).is_sane
    assert not face(around=((0.0, value),) * 15).is_sane
    assert not face(eye_distance=-1.0).is_sane
