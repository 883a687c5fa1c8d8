"""Where 468 points of a face are, in three dimensions: mediapipe's face mesh.

The points' numbers are those of mediapipe's canonical face mesh.
"""

from functools import cache
from threading import Lock

import cv2
import numpy as np
import numpy.typing as npt

from drivers.face.detector import DetectedFace, require_bgr
from drivers.face.models import load_landmark_model
from drivers.face.tflite import TfliteModel
from hallclient.devices import Image

LANDMARK_COUNT = 468

_INPUT_PX = 192
_MARGIN = 1.5  # mediapipe's: the square is this much larger than the face's box
_LANDMARKS_OUTPUT, _FLAG_OUTPUT = "conv2d_21", "conv2d_31"
_FLAG_FLOOR = 0.0  # the flag comes before its sigmoid; mediapipe asks for 0.5 after it
_SMALLEST_FACE_PX = 8.0
_RIGHT_EYE_CORNER, _LEFT_EYE_CORNER = 33, 263  # the outer ones


class FaceLandmarks:
    """Finds landmarks. Threads may share it: they take turns."""

    def __init__(self, model: bytes) -> None:
        """Load mediapipe's `face_landmark.tflite` from its bytes."""
        self._lock = Lock()
        self._model = TfliteModel(model)

    def find(self, image: Image, face: DetectedFace) -> npt.NDArray[np.float32] | None:
        """The landmarks of `face` in a BGR picture (height x width x 3, uint8).

        468x3: x and y in pixels of the picture, also outside of it, and z in the same unit, smaller when nearer to the
        camera, from the face's middle. None when the model sees no face there.
        """
        require_bgr(image)
        box_centre, right_eye, left_eye = _centre(face), face.landmarks[0], face.landmarks[1]
        side = _MARGIN * max(face.box[2:])
        if not np.isfinite(face.row).all() or side < _MARGIN * _SMALLEST_FACE_PX:
            return None
        with self._lock:
            found, flag = self._in_square(image, _to_crop(box_centre, right_eye, left_eye, side))
            if np.isfinite(found).all():
                # YuNet's box and eyes of a tilted face are off; mediapipe too looks again at where the landmarks were.
                found, flag = self._in_square(image, _to_crop_around(found))
        return found if flag >= _FLAG_FLOOR and np.isfinite(found).all() else None

    def _in_square(self, image: Image, to_crop: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float32], float]:
        """The landmarks in the picture, and how sure the model is that there is a face in the square."""
        crop = cv2.warpAffine(image, to_crop, (_INPUT_PX, _INPUT_PX), flags=cv2.INTER_LINEAR)
        seen = self._model.look(np.asarray(crop, np.uint8))
        points = seen[_LANDMARKS_OUTPUT].reshape(LANDMARK_COUNT, 3)
        back = cv2.invertAffineTransform(to_crop)
        scale = float(np.hypot(back[0, 0], back[1, 0]))
        on_picture = points[:, :2] @ back[:, :2].T + back[:, 2]
        return np.column_stack([on_picture, points[:, 2] * scale]).astype(np.float32), float(seen[_FLAG_OUTPUT][0])


@cache
def shared_landmarks() -> FaceLandmarks:
    """The one that all engines of a process share. Raises model_changed."""
    return FaceLandmarks(load_landmark_model())


def _centre(face: DetectedFace) -> npt.NDArray[np.float64]:
    left, top, width, height = face.box
    return np.array([left + width / 2, top + height / 2])


def _to_crop_around(points: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """2x3: as `_to_crop`, for the square around all landmarks with the eyes level."""
    right_eye, left_eye = points[_RIGHT_EYE_CORNER, :2], points[_LEFT_EYE_CORNER, :2]
    across = (left_eye - right_eye) / max(float(np.linalg.norm(left_eye - right_eye)), 1e-6)
    level = np.array([across, [-across[1], across[0]]])
    turned = points[:, :2] @ level.T
    low, high = turned.min(axis=0), turned.max(axis=0)
    side = _MARGIN * max(float((high - low).max()), _SMALLEST_FACE_PX)
    return _to_crop((low + high) / 2 @ level, right_eye, left_eye, side)


def _to_crop(
    centre: npt.NDArray[np.float64], right_eye: npt.NDArray[np.float32], left_eye: npt.NDArray[np.float32], side: float
) -> npt.NDArray[np.float64]:
    """2x3: the square of `side` pixels around `centre`, turned until the eyes are level, to the model's input."""
    tilt_deg = float(np.degrees(np.arctan2(left_eye[1] - right_eye[1], left_eye[0] - right_eye[0])))
    move = np.asarray(cv2.getRotationMatrix2D((centre[0], centre[1]), tilt_deg, _INPUT_PX / side), np.float64)
    move[:, 2] += _INPUT_PX / 2 - centre
    return move
