"""The default face engine: YuNet finds, SFace compares, both inside OpenCV."""

from threading import Lock

import cv2
import numpy as np
import numpy.typing as npt

from drivers.face.detector import DetectedFace, FaceDetector
from drivers.face.models import MODEL_SHA256, load_models
from drivers.face.quality import face_quality
from drivers.face.quiet_opencv import errors_only
from drivers.face.thresholds import load_thresholds
from hallclient.devices import FaceSight, Image
from hallclient.domain.comparison import Comparison, Decision, EngineIdentity, Thresholds
from hallclient.domain.failures import BugError

_PORTRAIT_HEIGHT_PX = 252  # a chip's portrait is 102x126; YuNet finds and aligns its face better at twice the size


class SFaceMatcher:
    """Fulfils `FaceMatcher`. Two threads may share it: they take turns.

    Attributes:
        identity: engine, version and the models' SHA-256, as stored with every comparison.
        thresholds: the bands of its scores, which are cosine similarities from -1 to 1.
    """

    def __init__(self, thresholds: Thresholds | None = None) -> None:
        """Load the models (about 0.3 s). `thresholds` replace those that ship. Raises model_changed."""
        models = load_models()
        self.identity = EngineIdentity("sface", f"opencv-{cv2.__version__}", dict(MODEL_SHA256))
        self.thresholds = thresholds or load_thresholds("sface")
        self._lock = Lock()
        self._detector = FaceDetector(models.detector)
        with errors_only():
            self._recognizer = cv2.FaceRecognizerSF.create(
                "onnx", np.frombuffer(models.recognizer, np.uint8), np.empty(0, np.uint8)
            )

    def look(self, image: Image) -> FaceSight:
        """Find the faces in a BGR picture (height x width x 3, uint8, any size); an empty one shows no face."""
        _require_bgr(image)
        with self._lock:
            faces = self._detector.faces(image)
        if not faces:
            return FaceSight(0, None, 0.0)
        quality = face_quality(image, faces[0]) if len(faces) == 1 else 0.0
        return FaceSight(len(faces), faces[0].box, quality)

    def compare(self, portrait: Image | None, live: Image) -> Comparison:
        """Compare the chip's portrait with a live picture, both BGR (height x width x 3, uint8).

        A portrait that shows no face is as good as none: `no_portrait`, since nothing in front of the camera mends it.
        """
        _require_bgr(live)
        if portrait is None:
            return self._undecided(Decision.NO_PORTRAIT)
        _require_bgr(portrait)
        with self._lock:
            enlarged = _enlarged(portrait)
            on_card = self._detector.faces(enlarged)
            if not on_card:
                return self._undecided(Decision.NO_PORTRAIT)
            in_front = self._detector.faces(live)
            if len(in_front) != 1:
                return self._undecided(Decision.SEVERAL_FACES if in_front else Decision.NO_FACE)
            score = float(self._embedding(enlarged, on_card[0]) @ self._embedding(live, in_front[0]))
        return Comparison(self.thresholds.decide(score), score, self.thresholds, self.identity)

    def _embedding(self, image: Image, face: DetectedFace) -> npt.NDArray[np.float32]:
        """128 numbers of length 1: the face and its mirror image averaged: fewer misses on small portraits."""
        aligned = self._recognizer.alignCrop(image, face.row)
        both = self._recognizer.feature(aligned) + self._recognizer.feature(cv2.flip(aligned, 1))
        vector = np.asarray(both, np.float32).ravel()
        return vector / np.float32(np.linalg.norm(vector))

    def _undecided(self, decision: Decision) -> Comparison:
        return Comparison(decision, None, self.thresholds, self.identity)


def _enlarged(portrait: Image) -> Image:
    height, width = portrait.shape[:2]
    if not 0 < height < _PORTRAIT_HEIGHT_PX:
        return portrait
    size = max(1, round(width * _PORTRAIT_HEIGHT_PX / height)), _PORTRAIT_HEIGHT_PX
    return np.asarray(cv2.resize(portrait, size, interpolation=cv2.INTER_CUBIC), np.uint8)


def _require_bgr(image: Image) -> None:
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise BugError(f"a picture must be height x width x 3 of uint8, not {image.shape} of {image.dtype}")
