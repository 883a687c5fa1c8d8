"""Each remark on a practice picture that was spoilt in one way, and none on the picture itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.face.analyser import YuNetAnalyser
from drivers.face.detector import DetectedFace
from drivers.face.gate import remark_on
from drivers.face.landmarks import LANDMARK_COUNT
from drivers.practice.actor import Actor, Pose
from drivers.practice.camera_process import FocusingSource
from drivers.practice.pictures import Scene, live_picture
from hallclient.domain.face_remark import FaceRemark
from tests.drivers.face.spoilt import SPOILT, Points, found, webcam


@pytest.fixture(scope="module")
def analyser() -> YuNetAnalyser:
    return YuNetAnalyser()


def remarks(analyser: YuNetAnalyser, scene: Scene, pictures: range) -> list[FaceRemark | None]:
    """On these pictures of the practice camera."""
    source = FocusingSource(live_picture(scene))
    return [analyser.look(source.picture(index)).remark for index in pictures]


@pytest.mark.parametrize("scene", [Scene.HOLDER, Scene.STRANGER])
def test_somebody_who_looks_at_the_camera_gets_no_remark(analyser: YuNetAnalyser, scene: Scene) -> None:
    assert remarks(analyser, scene, range(20, 60)) == [None] * 40


@pytest.mark.parametrize("name", SPOILT)
def test_what_spoils_the_picture_is_named(name: str, analyser: YuNetAnalyser) -> None:
    spoil, said = SPOILT[name]
    assert analyser.look(spoil(webcam())).remark is said


def rotated(landmarks: Points, turn_deg: float) -> Points:
    """The same face turned about the upright axis through its middle."""
    turn = np.radians(turn_deg)
    middle = landmarks.mean(axis=0)
    about = np.array([[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]])
    return ((landmarks - middle) @ about.T + middle).astype(np.float32)


@pytest.mark.parametrize("turn_deg", [-60, -45, 45, 60])
def test_a_turned_head_is_told_by_its_landmarks(turn_deg: float) -> None:
    image = webcam()
    face, landmarks = found(image)
    assert landmarks is not None
    assert remark_on(image, face, rotated(landmarks, turn_deg), None) is FaceRemark.TURNED


def test_a_turned_head_without_landmarks_is_told_by_the_nose() -> None:
    image = webcam()
    row = found(image)[0].row.copy()
    row[8] = row[6]  # the nose below the left eye
    assert remark_on(image, DetectedFace(row), None, None) is FaceRemark.TURNED


@pytest.mark.parametrize("scene", [Scene.HOLDER, Scene.STRANGER])
def test_closed_eyes_are_told_by_the_lids(analyser: YuNetAnalyser, scene: Scene) -> None:
    actor = Actor(live_picture(scene))
    assert analyser.look(actor.picture(Pose())).remark is None
    # Not wholly: nothing but skin is then left of the holder's narrow eyes, and they seem to be covered.
    assert analyser.look(actor.picture(Pose(closed=0.8))).remark is FaceRemark.EYES_CLOSED


def test_the_practice_camera_is_blurred_only_while_it_focuses(analyser: YuNetAnalyser) -> None:
    said = remarks(analyser, Scene.HOLDER, range(16))
    assert said[0] is FaceRemark.BLURRED
    assert said[-3:] == [None] * 3
    assert set(said) == {FaceRemark.BLURRED, None}


@given(
    st.tuples(st.integers(1, 60), st.integers(1, 60)),
    st.lists(st.floats(-300, 300), min_size=14, max_size=14),
    st.booleans(),
    st.none() | st.tuples(st.floats(0, 2), st.floats(0, 2)),
    st.integers(0, 2**32 - 1),
)
def test_any_box_and_any_points_give_a_remark_or_none(
    size: tuple[int, int],
    numbers: list[float],
    with_landmarks: bool,
    eyes: tuple[float, float] | None,
    seed: int,
) -> None:
    random = np.random.default_rng(seed)
    image = random.integers(0, 256, (*size, 3), np.uint8)
    landmarks = random.normal(0, 100, (LANDMARK_COUNT, 3)).astype(np.float32) if with_landmarks else None
    said = remark_on(image, DetectedFace(np.array([*numbers, 0.9], np.float32)), landmarks, eyes)
    assert said is None or said in FaceRemark
