import cv2
import numpy as np
import pytest

from drivers.face.detector import DetectedFace, FaceDetector
from drivers.face.landmarks import LANDMARK_COUNT, FaceLandmarks
from drivers.face.models import load_landmark_model, load_models
from drivers.practice.pictures import Scene, live_picture
from hallclient.devices import Image
from hallclient.domain.failures import BugError

# Corners of the eyes, tip of the nose, corners of the mouth, in the order of YuNet's five points.
RIGHT_EYE, LEFT_EYE, NOSE_TIP, MOUTH_RIGHT, MOUTH_LEFT = (33, 133), (362, 263), 4, 61, 291


@pytest.fixture(scope="module")
def detector() -> FaceDetector:
    return FaceDetector(load_models().detector)


@pytest.fixture(scope="module")
def landmarks() -> FaceLandmarks:
    return FaceLandmarks(load_landmark_model())


def webcam(scene: Scene) -> Image:
    return cv2.resize(live_picture(scene), (640, 480), interpolation=cv2.INTER_AREA)


def moved(picture: Image, turn_deg: float, scale: float, shift: tuple[int, int]) -> tuple[Image, np.ndarray]:
    move = cv2.getRotationMatrix2D((320, 240), turn_deg, scale)
    move[:, 2] += shift
    return cv2.warpAffine(picture, move, (640, 480), borderMode=cv2.BORDER_REPLICATE), move


def five(points: np.ndarray) -> np.ndarray:
    eyes = [points[list(eye), :2].mean(axis=0) for eye in (RIGHT_EYE, LEFT_EYE)]
    return np.array([*eyes, *(points[index, :2] for index in (NOSE_TIP, MOUTH_RIGHT, MOUTH_LEFT))])


@pytest.mark.parametrize("scene", list(Scene))
@pytest.mark.parametrize("turn_deg", [-12, 0, 12])  # from 20 on it is YuNet that is off
@pytest.mark.parametrize("scale", [0.6, 1.0])
def test_eyes_nose_and_mouth_are_where_the_detector_finds_them(
    detector: FaceDetector, landmarks: FaceLandmarks, scene: Scene, turn_deg: float, scale: float
) -> None:
    picture, _ = moved(webcam(scene), turn_deg, scale, (10, -5))
    face = detector.faces(picture)[0]
    points = landmarks.find(picture, face)
    assert points is not None
    assert points.shape == (LANDMARK_COUNT, 3)
    eye_distance = np.linalg.norm(face.landmarks[1] - face.landmarks[0])
    assert np.abs(five(points) - face.landmarks).max() < 0.25 * eye_distance


@pytest.mark.parametrize("scene", list(Scene))
def test_a_moved_picture_moves_the_landmarks_with_it(
    detector: FaceDetector, landmarks: FaceLandmarks, scene: Scene
) -> None:
    picture = webcam(scene)
    before = landmarks.find(picture, detector.faces(picture)[0])
    changed, move = moved(picture, 12, 0.8, (30, 20))
    after = landmarks.find(changed, detector.faces(changed)[0])
    assert before is not None
    assert after is not None
    expected = before[:, :2] @ move[:, :2].T + move[:, 2]
    eye_distance = np.linalg.norm(five(after)[1] - five(after)[0])
    assert np.median(np.linalg.norm(after[:, :2] - expected, axis=1)) < 0.05 * eye_distance
    assert after[NOSE_TIP, 2] < after[:, 2].mean()  # the nose is nearer to the camera


def test_where_no_face_is_there_are_no_landmarks(landmarks: FaceLandmarks) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (480, 640, 3), np.uint8)
    row = np.array([200, 100, 160, 220, 250, 180, 310, 180, 280, 220, 255, 270, 305, 270, 0.9], np.float32)
    assert landmarks.find(noise, DetectedFace(row)) is None
    assert landmarks.find(np.zeros((480, 640, 3), np.uint8), DetectedFace(row)) is None


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0])
def test_a_senseless_face_has_no_landmarks(landmarks: FaceLandmarks, value: float) -> None:
    assert landmarks.find(np.zeros((48, 64, 3), np.uint8), DetectedFace(np.full(15, value, np.float32))) is None


def test_anything_but_bgr_bytes_is_a_bug(landmarks: FaceLandmarks) -> None:
    with pytest.raises(BugError):
        landmarks.find(np.zeros((48, 64), np.uint8), DetectedFace(np.zeros(15, np.float32)))
