"""Whether a face that turned or nodded has depth: by following its skin from one picture to the other.

Landmarks alone do not suffice: their model knows faces, and reads a turned head out of a photograph that is bent around
a bottle. Here the pictures themselves are compared, by optical flow. A sheet that is bent around some axis stays
straight along that axis: there the nose's tip moves as the mean of the two places on either side of it does. So the tip
is held against the places around it along every direction, and the direction in which it stands out least counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import cv2
import numpy as np
import numpy.typing as npt

from drivers.face.detector import require_bgr, shared_detector
from drivers.face.landmarks import shared_landmarks
from drivers.face.models import LIVENESS_SHA256
from drivers.face.motion import AROUND_NOSE, LEFT_EYE_CORNER, RIGHT_EYE_CORNER
from hallclient.devices import Image
from hallclient.domain.liveness import Relief

_CROP_PX = 160
_EYE_DISTANCE_PX = 70.0
_NOSE_ROOT_AT = np.array([_CROP_PX / 2, 60.0])
_TIP, _NOSE_ROOT = (1, 4, 5), 168
_DIRECTIONS_DEG = range(0, 180, 30)
# How far from the tip it is held against the face, in pixels of the crop: nose root, cheeks, upper lip.
_UP_PX, _BESIDE_PX, _DOWN_PX = 33.0, 31.0, 26.0
_SMOOTH_PX = 2.0
_MARGIN = 0.75  # kept around a face on each side, in its longer side: the crop reaches half of that beyond a face


@dataclass(frozen=True, slots=True, eq=False)
class ReliefFace:
    """What measuring relief needs of one picture, so that the picture need not be kept.

    Attributes:
        points: 468x2, in pixels of `grey`.
        grey: the face with its surroundings, height x width, uint8.
    """

    points: npt.NDArray[np.float64]
    grey: npt.NDArray[np.uint8]


class FlowRelief:
    """Fulfils `FaceRelief`. Two threads may share it: they take turns."""

    def __init__(self) -> None:
        """Load the models. Raises model_changed."""
        self.models = LIVENESS_SHA256
        self._lock = Lock()
        self._detector = shared_detector()
        self._landmarks = shared_landmarks()
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        self._contrast = cv2.createCLAHE(2.0, (4, 4))

    def reliefs(self, rest: Image, moved: Sequence[Image]) -> tuple[Relief | None, ...]:
        """How the nose moved against the skin around it, from `rest` to each of `moved`; None without one face."""
        for image in (rest, *moved):
            require_bgr(image)
        with self._lock:
            before = self._face(rest)
            return tuple(None if before is None else self._relief(before, self._face(image)) for image in moved)

    def between(self, rest: ReliefFace, moved: ReliefFace) -> Relief | None:
        """As `reliefs`, of pictures whose faces were found before; None where it cannot be measured."""
        with self._lock:
            return self._relief(rest, moved)

    def _relief(self, before: ReliefFace, after: ReliefFace | None) -> Relief | None:
        if after is None:
            return None
        to_crop = _to_crop(before.points)
        in_crop = before.points @ to_crop[:, :2].T + to_crop[:, 2]
        around = list(AROUND_NOSE)
        first = self._view(before.grey, to_crop)
        second = self._view(after.grey, _affine(after.points[around], in_crop[around]))
        flow = cv2.GaussianBlur(self._flow.calc(first, second, _no_flow()), (0, 0), _SMOOTH_PX)
        moves = np.asarray(flow, np.float32) / np.float32(_EYE_DISTANCE_PX)
        against = _against_surroundings(moves, in_crop[list(_TIP)].mean(axis=0))
        turn, nod = (_least(against[:, axis]) for axis in (0, 1))
        return Relief(turn, nod) if np.isfinite([turn, nod]).all() else None

    def _face(self, image: Image) -> ReliefFace | None:
        faces = self._detector.faces(image)
        points = self._landmarks.find(image, faces[0]) if len(faces) == 1 else None
        return None if points is None else relief_face(image, points)

    def _view(self, grey: npt.NDArray[np.uint8], move: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
        seen = cv2.warpAffine(grey, move, (_CROP_PX, _CROP_PX))
        return np.asarray(self._contrast.apply(cv2.GaussianBlur(seen, (0, 0), 1.0)), np.uint8)


def relief_face(image: Image, points: npt.NDArray[np.float32]) -> ReliefFace | None:
    """What is kept of a BGR picture whose one face has these landmarks (468x3, pixels of `image`).

    None when they all lie beyond the picture's edge.
    """
    flat = points[:, :2].astype(np.float64)
    low, high = flat.min(axis=0), flat.max(axis=0)
    margin = _MARGIN * float((high - low).max())
    left, top = np.clip(np.floor(low - margin), 0, None).astype(int)
    right, bottom = np.clip(np.ceil(high + margin), 1, None).astype(int)
    patch = np.ascontiguousarray(image[top:bottom, left:right])
    if patch.size == 0:
        return None
    return ReliefFace(flat - (left, top), np.asarray(cv2.cvtColor(patch, cv2.COLOR_BGR2GRAY), np.uint8))


def _against_surroundings(flow: npt.NDArray[np.float32], tip: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Per direction, how the tip moved (x, y) against the two places on either side of it on one straight line."""

    def at(place: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
        x, y = np.clip(np.rint(place), 0, _CROP_PX - 1).astype(int)
        return np.asarray(flow[y, x], np.float32)

    rows = []
    for angle in np.radians(_DIRECTIONS_DEG):
        way = np.array([np.cos(angle), -np.sin(angle)])
        above, below = (1 / np.hypot(way[0] / _BESIDE_PX, way[1] / reach) for reach in (_UP_PX, _DOWN_PX))
        rows.append(at(tip) - (below * at(tip + above * way) + above * at(tip - below * way)) / (above + below))
    return np.array(rows, np.float64)


def _least(moves: npt.NDArray[np.float64]) -> float:
    """The smallest of some movements if all go the same way, else 0."""
    smallest = float(moves[np.abs(moves).argmin()])
    return smallest if (moves > 0).all() or (moves < 0).all() else 0.0


def _no_flow() -> npt.NDArray[np.float32]:
    return np.zeros((_CROP_PX, _CROP_PX, 2), np.float32)


def _to_crop(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """2x3: the picture to a crop with level eyes of a fixed distance."""
    across = points[LEFT_EYE_CORNER] - points[RIGHT_EYE_CORNER]
    distance = max(float(np.linalg.norm(across)), 1.0)
    turn = np.array([across, [-across[1], across[0]]]) / distance * (_EYE_DISTANCE_PX / distance)
    return np.column_stack([turn, _NOSE_ROOT_AT - turn @ points[_NOSE_ROOT]])


def _affine(source: npt.NDArray[np.float64], target: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """2x3: the least-squares affine map from `source` to `target` (both n x 2)."""
    solved = np.linalg.lstsq(np.column_stack([source, np.ones(len(source))]), target, rcond=None)[0]
    return np.asarray(solved.T, np.float64)
