"""Turns landmarks into the measures that liveness is judged by."""

import numpy as np
import numpy.typing as npt

from drivers.face.eyelids import EyeLids
from hallclient.devices import Image
from hallclient.domain.face_motion import FaceMotion, Point

# Numbers of mediapipe's canonical face mesh. The surroundings do not move with the mouth; the first five are the eyes'.
AROUND_NOSE = (168, 133, 362, 33, 263, 50, 280, 205, 425, 117, 346, 101, 330, 118, 347)
NOSE_TIP = (1, 4, 5, 19)
RIGHT_EYE_CORNER, LEFT_EYE_CORNER = 33, 263
_UPPER_LIP, _LOWER_LIP = 13, 14
_FOREHEAD, _CHIN = 10, 152


def face_motion(image: Image, points: npt.NDArray[np.float32], lids: EyeLids) -> FaceMotion | None:
    """The measures of the face with these 468 landmarks (468x3, pixels of `image`, which is BGR uint8).

    None when the landmarks are no face's.
    """
    flat = points[:, :2].astype(np.float64)
    right, left = flat[RIGHT_EYE_CORNER], flat[LEFT_EYE_CORNER]
    across = left - right
    eye_distance = float(np.linalg.norm(across))
    if not eye_distance > 1.0:
        return None
    right_way, down_way = across / eye_distance, np.array([-across[1], across[0]]) / eye_distance
    around = flat[list(AROUND_NOSE)]
    upright = np.array([right_way, down_way]).T / eye_distance
    motion = FaceMotion(
        centre=_point((right + left) / 2),
        eye_distance=eye_distance,
        roll_deg=float(np.degrees(np.arctan2(across[1], across[0]))),
        around=tuple(_point(point) for point in (around - around.mean(axis=0)) @ upright),
        tip=_point((flat[list(NOSE_TIP)].mean(axis=0) - around.mean(axis=0)) @ upright),
        eyes=lids.openness(image, points),
        mouth=float(np.linalg.norm(flat[_LOWER_LIP] - flat[_UPPER_LIP])) / eye_distance,
        facing_deg=facing_deg(points),
    )
    return motion if motion.is_sane else None


def facing_deg(points: npt.NDArray[np.float32]) -> tuple[float, float]:
    """How far the face with these landmarks (468x3) looks aside and up or down from the camera, by their depth."""
    across, down = points[LEFT_EYE_CORNER] - points[RIGHT_EYE_CORNER], points[_CHIN] - points[_FOREHEAD]
    return (
        float(np.degrees(np.arctan2(across[2], across[0]))),
        float(np.degrees(np.arctan2(down[2], np.hypot(down[0], down[1])))),
    )


def _point(vector: npt.NDArray[np.float64]) -> Point:
    return float(vector[0]), float(vector[1])
