"""How far the eyes are open: mediapipe's model of one eye.

The face mesh hardly follows a lid: on closed eyes drawn by program it says 0.66 to 0.82 of the open height, and 0.78
for open eyes over an open mouth. This model says 0.14 to 0.39, and 0.88 to 0.98 over an open mouth.
"""

import cv2
import numpy as np
import numpy.typing as npt

from drivers.face.tflite import TfliteModel
from hallclient.devices import Image

_INPUT_PX = 64
_MARGIN = 2.3  # mediapipe's: the square is this much wider than the eye
_RIGHT_CORNERS, _LEFT_CORNERS = (33, 133), (362, 263)
_CONTOUR_OUTPUT = "output_eyes_contours_and_brows"
_CONTOUR_POINTS = 71
_CORNERS, _LOWER_LID, _UPPER_LID = (0, 8), slice(1, 8), slice(9, 16)


class EyeLids:
    """Measures lids. Not for two threads at once."""

    def __init__(self, model: bytes) -> None:
        """Load mediapipe's `iris_landmark.tflite` from its bytes."""
        self._model = TfliteModel(model)

    def openness(self, image: Image, points: npt.NDArray[np.float32]) -> tuple[float, float]:
        """Height of the right and the left eye (the person's) in widths of that eye, about 0.2 when open.

        Args:
            image: BGR, height x width x 3, uint8.
            points: the face's 468 landmarks, in pixels of `image`.
        """
        across = points[_LEFT_CORNERS[1], :2] - points[_RIGHT_CORNERS[0], :2]
        tilt_deg = float(np.degrees(np.arctan2(across[1], across[0])))
        # The model knows eyes whose inner corner is to the right: the left one is mirrored.
        return (
            self._height(_crop(image, points[list(_RIGHT_CORNERS), :2], tilt_deg)),
            self._height(_crop(image, points[list(_LEFT_CORNERS), :2], tilt_deg)[:, ::-1]),
        )

    def _height(self, crop: npt.NDArray[np.uint8]) -> float:
        contour = self._model.look(crop)[_CONTOUR_OUTPUT].reshape(_CONTOUR_POINTS, 3)[:, :2]
        width = float(np.linalg.norm(contour[_CORNERS[1]] - contour[_CORNERS[0]]))
        height = float(contour[_LOWER_LID, 1].mean() - contour[_UPPER_LID, 1].mean())
        return max(height, 0.0) / width if width > 0 else 0.0


def _crop(image: Image, corners: npt.NDArray[np.float32], tilt_deg: float) -> Image:
    side = _MARGIN * max(float(np.linalg.norm(corners[1] - corners[0])), 1.0)
    centre = corners.mean(axis=0)
    move = cv2.getRotationMatrix2D((float(centre[0]), float(centre[1])), tilt_deg, _INPUT_PX / side)
    move[:, 2] += _INPUT_PX / 2 - centre
    return np.asarray(cv2.warpAffine(image, move, (_INPUT_PX, _INPUT_PX), flags=cv2.INTER_LINEAR), np.uint8)
