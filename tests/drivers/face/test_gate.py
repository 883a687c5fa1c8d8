"""Each remark on a practice picture that was spoilt in one way, and none on the picture itself."""

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.face.detector import DetectedFace, FaceDetector
from drivers.face.gate import remark_on
from drivers.face.landmarks import LANDMARK_COUNT, FaceLandmarks
from drivers.face.models import load_landmark_model, load_models
from drivers.practice.camera import StillScene
from drivers.practice.pictures import Scene, live_picture
from hallclient.devices import Image
from hallclient.domain.face_remark import FaceRemark

DETECTOR = FaceDetector(load_models().detector)
LANDMARKS = FaceLandmarks(load_landmark_model())
GREY = (128, 128, 128)

Points = npt.NDArray[np.float32]


def webcam(scene: Scene = Scene.HOLDER) -> Image:
    return cv2.resize(live_picture(scene), (640, 480), interpolation=cv2.INTER_AREA)


def found(image: Image) -> tuple[DetectedFace, Points | None]:
    (face,) = DETECTOR.faces(image)
    return face, LANDMARKS.find(image, face)


def remark(image: Image) -> FaceRemark | None:
    return remark_on(image, *found(image))


def lit(image: Image, gain: float, lift: float = 0.0) -> Image:
    return cv2.convertScaleAbs(image, alpha=gain, beta=lift)


def moved(image: Image, scale: float = 1.0, right: float = 0.0, turned: float = 0.0) -> Image:
    """Around the middle of the face, what is missing being grey."""
    left, top, width, height = found(image)[0].box
    centre = left + width / 2, top + height / 2
    move = cv2.getRotationMatrix2D(centre, turned, scale)
    move[:, 2] += (320 - centre[0] + right, 240 - centre[1])
    return cv2.warpAffine(image, move, (640, 480), borderMode=cv2.BORDER_CONSTANT, borderValue=GREY)


def against_the_light(image: Image) -> Image:
    left, top, width, height = (int(value) for value in found(image)[0].box)
    bright = np.full_like(image, 235)
    bright[top : top + height, left : left + width] = lit(image, 0.55)[top : top + height, left : left + width]
    return bright


def painted(image: Image, colour: tuple[int, int, int], *ellipses: tuple[Points, float, float]) -> Image:
    """Ellipses of one colour with a soft edge and a little grain, as cloth or glass has."""
    paint = np.zeros(image.shape[:2], np.uint8)
    for centre, width, height in ellipses:
        at, axes = (int(centre[0]), int(centre[1])), (int(width), int(height))
        cv2.ellipse(paint, at, axes, 0, 0, 360, 255, -1)
    share = cv2.GaussianBlur(paint, (0, 0), 1.5)[..., None] / 255
    grain = np.random.default_rng(7).normal(0, 3, image.shape)
    return np.clip(image * (1 - share) + (np.array(colour) + grain) * share, 0, 255).astype(np.uint8)


def masked(colour: tuple[int, int, int]) -> Callable[[Image], Image]:
    def put_on(image: Image) -> Image:
        face, _ = found(image)
        _, _, nose, right, left = face.landmarks
        return painted(image, colour, ((right + left + nose) / 3, face.box[2] * 0.48, face.box[3] * 0.26))

    return put_on


def with_sunglasses(colour: tuple[int, int, int]) -> Callable[[Image], Image]:
    def put_on(image: Image) -> Image:
        face, _ = found(image)
        right, left = face.landmarks[:2]
        wide = float(np.hypot(*(left - right)))
        return painted(image, colour, (right, wide * 0.42, wide * 0.3), (left, wide * 0.42, wide * 0.3))

    return put_on


@pytest.mark.parametrize("scene", [Scene.HOLDER, Scene.STRANGER])
def test_somebody_who_looks_at_the_camera_gets_no_remark(scene: Scene) -> None:
    camera = StillScene(live_picture(scene), None)
    assert [remark(camera.picture(index)) for index in range(20, 200, 15)] == [None] * 12


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda image: lit(image, 0.3), FaceRemark.TOO_DARK),
        (lambda image: lit(image, 1.6, 70), FaceRemark.TOO_BRIGHT),
        (against_the_light, FaceRemark.BACKLIT),
        (lambda image: moved(image, 0.45), FaceRemark.TOO_FAR),
        (lambda image: moved(image, 2.7), FaceRemark.TOO_NEAR),
        (lambda image: moved(image, right=190), FaceRemark.OFF_CENTRE),
        (lambda image: moved(image, turned=30), FaceRemark.TILTED),
        (lambda image: moved(image, turned=-25), FaceRemark.TILTED),
        (masked((225, 225, 225)), FaceRemark.MOUTH_COVERED),
        (masked((200, 170, 120)), FaceRemark.MOUTH_COVERED),
        (masked((60, 50, 170)), FaceRemark.MOUTH_COVERED),
        (with_sunglasses((20, 18, 18)), FaceRemark.EYES_COVERED),
        (with_sunglasses((25, 40, 70)), FaceRemark.EYES_COVERED),
        (lambda image: cv2.GaussianBlur(image, (0, 0), 4), FaceRemark.BLURRED),
    ],
    ids=[
        "dark",
        "bright",
        "backlit",
        "far",
        "near",
        "aside",
        "tilted left",
        "tilted right",
        "white mask",
        "blue mask",
        "red mask",
        "black glasses",
        "brown glasses",
        "blurred",
    ],
)
def test_what_spoils_the_picture_is_named(spoil: Callable[[Image], Image], said: FaceRemark) -> None:
    assert remark(spoil(webcam())) is said


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
    assert remark_on(image, face, rotated(landmarks, turn_deg)) is FaceRemark.TURNED


def test_a_turned_head_without_landmarks_is_told_by_the_nose() -> None:
    image = webcam()
    row = found(image)[0].row.copy()
    row[8] = row[6]  # the nose below the left eye
    assert remark_on(image, DetectedFace(row), None) is FaceRemark.TURNED


def test_closed_eyes_are_told_by_the_lids() -> None:
    image = webcam()
    face, landmarks = found(image)
    assert landmarks is not None
    shut = landmarks.copy()
    for upper, lower in ((160, 144), (158, 153), (385, 380), (387, 373)):
        shut[upper] = shut[lower] = (landmarks[upper] + landmarks[lower]) / 2
    assert remark_on(image, face, shut) is FaceRemark.EYES_CLOSED


def test_closed_eyes_are_told_by_what_is_not_seen_between_the_lids() -> None:
    image = webcam()
    face, landmarks = found(image)
    assert landmarks is not None
    right, left = face.landmarks[:2]
    skin = tuple(int(value) for value in np.median(image[int(right[1]) + 18, int(right[0]) - 8 : int(right[0]) + 8], 0))
    wide = float(np.hypot(*(left - right))) * 0.3
    lids = painted(image, skin, (right, wide, wide * 0.6), (left, wide, wide * 0.6))  # type: ignore[arg-type]
    lash = [(int(x), int(y) + 3) for x, y in (right, left)]
    for x, y in lash:
        cv2.ellipse(lids, (x, y), (int(wide * 0.7), 3), 0, 0, 180, [value * 0.75 for value in skin], 1)
    assert remark_on(lids, face, landmarks) in (FaceRemark.EYES_CLOSED, FaceRemark.EYES_COVERED)


def test_the_practice_camera_is_blurred_only_while_it_focuses() -> None:
    camera = StillScene(live_picture(Scene.HOLDER), None)
    said = [remark(camera.picture(index)) for index in range(16)]
    assert said[0] is FaceRemark.BLURRED
    assert said[-3:] == [None] * 3
    assert set(said) == {FaceRemark.BLURRED, None}


@given(
    st.tuples(st.integers(1, 60), st.integers(1, 60)),
    st.lists(st.floats(-300, 300), min_size=14, max_size=14),
    st.booleans(),
    st.integers(0, 2**32 - 1),
)
def test_any_box_and_any_points_give_a_remark_or_none(
    size: tuple[int, int], numbers: list[float], with_landmarks: bool, seed: int
) -> None:
    random = np.random.default_rng(seed)
    image = random.integers(0, 256, (*size, 3), np.uint8)
    landmarks = random.normal(0, 100, (LANDMARK_COUNT, 3)).astype(np.float32) if with_landmarks else None
    said = remark_on(image, DetectedFace(np.array([*numbers, 0.9], np.float32)), landmarks)
    assert said is None or said in FaceRemark
