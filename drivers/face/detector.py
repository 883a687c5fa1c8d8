"""Where the faces in a picture are: YuNet on a picture that was made small enough to cost little."""

from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any, cast

import cv2
import numpy as np
import numpy.typing as npt

from drivers.face.models import load_models
from drivers.face.quiet_opencv import errors_only
from hallclient.devices import Image, is_bgr
from hallclient.domain.failures import BugError

_SCORE_FLOOR = 0.7  # how sure YuNet must be, 0 to 1
_LONGEST_SIDE_PX = 640
BYSTANDER_SHARE = 1 / 3  # a face less wide than this share of the widest is somebody behind the counter's customer


@dataclass(frozen=True, slots=True, eq=False)
class DetectedFace:
    """One face in a picture.

    Attributes:
        row: YuNet's 15 numbers in pixels of that picture: left, top, width, height; x and y of the right eye, the
            left eye, the nose, the right and the left corner of the mouth; score.
    """

    row: npt.NDArray[np.float32]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, width and height in pixels; may reach over the picture's edge."""
        left, top, width, height = (float(value) for value in self.row[:4])
        return left, top, width, height

    @property
    def landmarks(self) -> npt.NDArray[np.float32]:
        """Five points, 5x2: right eye, left eye, nose, right and left corner of the mouth (right as the person's)."""
        return self.row[4:14].reshape(5, 2)


class FaceDetector:
    """Finds faces. Threads may share it: they take turns."""

    def __init__(self, model: bytes) -> None:
        """Load YuNet from its ONNX bytes."""
        self._lock = Lock()
        with errors_only():
            self._net = cv2.FaceDetectorYN.create(
                "onnx", np.frombuffer(model, np.uint8), np.empty(0, np.uint8), (320, 320), _SCORE_FLOOR
            )

    def faces(self, image: Image) -> tuple[DetectedFace, ...]:
        """The faces of a BGR picture of any size, the largest first, without those of people far in the back."""
        if image.size == 0:
            return ()
        height, width = image.shape[:2]
        scale = min(1.0, _LONGEST_SIDE_PX / max(height, width))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small = image if scale == 1 else cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        with self._lock:
            self._net.setInputSize(size)
            # OpenCV's types leave out that there is None instead of an array when no face is there.
            rows: npt.NDArray[np.float32] | None = cast("Any", self._net.detect(small)[1])
        if rows is None:
            return ()
        # Each axis by its own ratio: a very long picture is not shrunk alike in both.
        stretch = np.array([width / size[0], height / size[1]] * 7 + [1.0], np.float32)
        by_width = sorted((row * stretch for row in rows), key=lambda row: float(row[2]), reverse=True)
        widest = float(by_width[0][2])
        return tuple(DetectedFace(row) for row in by_width if row[2] >= widest * BYSTANDER_SHARE)


@cache
def shared_detector() -> FaceDetector:
    """The one that all engines of a process share. Raises model_changed."""
    return FaceDetector(load_models().detector)


def require_bgr(image: Image) -> None:
    """A picture of any other kind is our own mistake: what comes from outside is converted where it comes in."""
    if not is_bgr(image):
        raise BugError(f"a picture must be height x width x 3 of uint8, not {image.shape} of {image.dtype}")
