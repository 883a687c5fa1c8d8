"""The default face engine: YuNet finds, SFace compares, both inside OpenCV."""

from collections.abc import Sequence
from threading import Lock

import cv2
import numpy as np
import numpy.typing as npt

from drivers.face.detector import DetectedFace, FaceDetector, require_bgr
from drivers.face.models import MODEL_SHA256, load_models
from drivers.face.quiet_opencv import errors_only
from drivers.face.thresholds import load_thresholds
from hallclient.devices import Image
from hallclient.domain.comparison import Comparison, Decision, EngineIdentity, Thresholds
from hallclient.domain.failures import BugError

_PORTRAIT_HEIGHT_PX = 252  # a chip's portrait is 102x126; YuNet finds and aligns its face better at twice the size


def sface_identity() -> EngineIdentity:
    """What is stored with every comparison, known without loading the models: those that load are pinned."""
    return EngineIdentity("sface", f"opencv-{cv2.__version__}", dict(MODEL_SHA256))


class SFaceMatcher:
    """Fulfils `FaceMatcher`. Two threads may share it: they take turns.

    Attributes:
        identity: engine, version and the models' SHA-256, as stored with every comparison.
        thresholds: the bands of its scores, which are cosine similarities from -1 to 1.
    """

    def __init__(self, thresholds: Thresholds | None = None) -> None:
        """Load the models (about 0.3 s). `thresholds` replace those that ship. Raises model_changed."""
        models = load_models()
        self.identity = sface_identity()
        self.thresholds = thresholds or load_thresholds("sface")
        self._lock = Lock()
        self._detector = FaceDetector(models.detector)
        with errors_only():
            self._recognizer = cv2.FaceRecognizerSF.create(
                "onnx", np.frombuffer(models.recognizer, np.uint8), np.empty(0, np.uint8)
            )

    def compare(self, portrait: Image | None, live: Sequence[Image]) -> Comparison:
        """Compare the chip's portrait with live pictures of one person, all BGR (height x width x 3, uint8).

        A portrait that shows no face is as good as none: `no_portrait`, since nothing in front of the camera mends it.
        """
        if not live:
            raise BugError("nothing to compare with")
        for image in live:
            require_bgr(image)
        if portrait is None:
            return self._undecided(Decision.NO_PORTRAIT)
        require_bgr(portrait)
        with self._lock:
            enlarged = _enlarged(portrait)
            on_card = self._detector.faces(enlarged)
            if not on_card:
                return self._undecided(Decision.NO_PORTRAIT)
            seen = [self._detector.faces(image) for image in live]
            for faces in seen:
                if len(faces) != 1:
                    return self._undecided(Decision.SEVERAL_FACES if faces else Decision.NO_FACE)
            of_live = [self._embedding(image, faces[0]) for image, faces in zip(live, seen, strict=True)]
            score = float(self._embedding(enlarged, on_card[0]) @ _unit(np.sum(of_live, axis=0)))
        return Comparison(self.thresholds.decide(score), score, self.thresholds, self.identity)

    def likeness(self, images: Sequence[Image]) -> float | None:
        """The lowest cosine similarity of any later picture's largest face with the first's; None without faces."""
        with self._lock:
            seen = [(image, self._detector.faces(image)) for image in images]
            if len(seen) < 2 or not all(faces for _, faces in seen):
                return None
            first, *others = (self._embedding(image, faces[0]) for image, faces in seen)
        return min(float(first @ other) for other in others)

    def _embedding(self, image: Image, face: DetectedFace) -> npt.NDArray[np.float32]:
        """128 numbers of length 1: the face and its mirror image averaged: fewer misses on small portraits."""
        aligned = self._recognizer.alignCrop(image, face.row)
        both = self._recognizer.feature(aligned) + self._recognizer.feature(cv2.flip(aligned, 1))
        return _unit(np.asarray(both, np.float32).ravel())

    def _undecided(self, decision: Decision) -> Comparison:
        return Comparison(decision, None, self.thresholds, self.identity)


def _enlarged(portrait: Image) -> Image:
    height, width = portrait.shape[:2]
    if not 0 < height < _PORTRAIT_HEIGHT_PX:
        return portrait
    size = max(1, round(width * _PORTRAIT_HEIGHT_PX / height)), _PORTRAIT_HEIGHT_PX
    return np.asarray(cv2.resize(portrait, size, interpolation=cv2.INTER_CUBIC), np.uint8)


def _unit(vector: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return vector / np.float32(np.linalg.norm(vector))
