"""The practice picture, spoilt in one way each: what the gate must name, drawn by program."""

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from drivers.face.detector import DetectedFace, FaceDetector
from drivers.face.landmarks import FaceLandmarks
from drivers.face.models import load_landmark_model, load_models
from drivers.practice.pictures import Scene, live_picture
from hallclient.devices import Image
from hallclient.domain.quality_issue import QualityIssue

DETECTOR = FaceDetector(load_models().detector)
LANDMARKS = FaceLandmarks(load_landmark_model())
GREY = (128, 128, 128)

Points = npt.NDArray[np.float32]
Spoil = Callable[[Image], Image]


def webcam(scene: Scene = Scene.HOLDER) -> Image:
    return cv2.resize(live_picture(scene), (640, 480), interpolation=cv2.INTER_AREA)


def found(image: Image) -> tuple[DetectedFace, Points | None]:
    (face,) = DETECTOR.faces(image)
    return face, LANDMARKS.find(image, face)


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


def with_closed_eyes(image: Image) -> Image:
    """The skin below the eyes over them, and a line of lashes."""
    right, left = found(image)[0].landmarks[:2]
    wide = float(np.hypot(*(left - right))) * 0.3
    below = image[int(right[1] + wide) : int(right[1] + wide) + 3, int(right[0]) - 8 : int(right[0]) + 8]
    skin = tuple(int(value) for value in np.median(below.reshape(-1, 3), axis=0))
    shut = painted(image, skin, (right, wide, wide * 0.55), (left, wide, wide * 0.55))  # type: ignore[arg-type]
    for x, y in (right, left):
        at, lash = (int(x), int(y)), tuple(value * 0.4 for value in skin)
        cv2.ellipse(shut, at, (int(wide * 0.8), 3), 0, 0, 180, lash, 1, cv2.LINE_AA)
    return shut


def of_skin(image: Image, darkness: float) -> Image:
    """A face of darker skin (above 1) or lighter skin in the same light: highlights stay, what is around it, too."""
    left, top, width, height = (int(value) for value in found(image)[0].box)
    face = np.zeros(image.shape[:2], np.float32)
    cv2.ellipse(face, (left + width // 2, top + height // 2), (int(width * 0.7), int(height * 0.75)), 0, 0, 360, 1, -1)
    share = cv2.GaussianBlur(face, (0, 0), 4)[..., None]
    other = 255 * (image / 255) ** darkness
    return np.clip(image * (1 - share) + other * share, 0, 255).astype(np.uint8)


def before_a_wall(image: Image, grey: int) -> Image:
    """Head and what is below it, cut out of the picture, before a wall."""
    left, top, width, height = (int(value) for value in found(image)[0].box)
    person = np.zeros(image.shape[:2], np.uint8)
    centre = left + width // 2, top + height // 2
    cv2.ellipse(person, centre, (int(width * 0.75), int(height * 0.75)), 0, 0, 360, 255, -1)
    cv2.ellipse(person, (centre[0], image.shape[0]), (int(width * 1.5), height // 2), 0, 0, 360, 255, -1)
    share = cv2.GaussianBlur(person, (0, 0), 2)[..., None] / 255
    return np.clip(image * share + grey * (1 - share), 0, 255).astype(np.uint8)


def framed(image: Image, size: tuple[int, int], face_width: float, middle: tuple[float, float] = (0.5, 0.5)) -> Image:
    """As another camera shows it: `size` is width and height, the face's width and middle are shares of them."""
    left, top, width, height = found(image)[0].box
    scale = size[0] * face_width / width
    move = np.array(
        [
            [scale, 0, size[0] * middle[0] - scale * (left + width / 2)],
            [0, scale, size[1] * middle[1] - scale * (top + height / 2)],
        ]
    )
    flags = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.warpAffine(image, move, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def with_a_second_person(image: Image) -> Image:
    """Two of them side by side."""
    half = moved(image, 0.8)[:, 160:480]
    return np.hstack([half, half])


SPOILT: dict[str, tuple[Spoil, QualityIssue]] = {
    "nobody": (lambda image: np.full_like(image, 128), QualityIssue.NO_FACE),
    "two": (with_a_second_person, QualityIssue.SEVERAL_FACES),
    "dark": (lambda image: lit(image, 0.3), QualityIssue.TOO_DARK),
    "bright": (lambda image: lit(image, 1.6, 70), QualityIssue.TOO_BRIGHT),
    "backlit": (against_the_light, QualityIssue.BACKLIT),
    "far": (lambda image: moved(image, 0.4), QualityIssue.TOO_FAR),
    "near": (lambda image: moved(image, 2.7), QualityIssue.TOO_NEAR),
    "aside": (lambda image: moved(image, right=190), QualityIssue.OFF_CENTRE),
    "tilted_left": (lambda image: moved(image, turned=30), QualityIssue.TILTED),
    "tilted_right": (lambda image: moved(image, turned=-25), QualityIssue.TILTED),
    "white_mask": (masked((225, 225, 225)), QualityIssue.MOUTH_COVERED),
    "blue_mask": (masked((200, 170, 120)), QualityIssue.MOUTH_COVERED),
    "red_mask": (masked((60, 50, 170)), QualityIssue.MOUTH_COVERED),
    "black_glasses": (with_sunglasses((20, 18, 18)), QualityIssue.EYES_COVERED),
    "brown_glasses": (with_sunglasses((25, 40, 70)), QualityIssue.EYES_COVERED),
    "closed_eyes": (with_closed_eyes, QualityIssue.EYES_CLOSED),
    "blurred": (lambda image: cv2.GaussianBlur(image, (0, 0), 4), QualityIssue.BLURRED),
}
