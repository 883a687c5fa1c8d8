"""The default face engine: YuNet finds, SFace compares, both inside OpenCV."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from drivers.face.detector import DetectedFace, shared_detector
from drivers.face.models import MODEL_SHA256, load_models
from drivers.face.quiet_opencv import errors_only
from drivers.face.template_matcher import SeenFaces, Template, TemplateMatcher
from drivers.face.thresholds import shipped_thresholds
from hallclient.devices import Image
from hallclient.domain.comparison import EngineIdentity, Thresholds


def sface_identity() -> EngineIdentity:
    """What is stored with every comparison, known without loading the models: those that load are pinned."""
    return EngineIdentity("sface", f"opencv-{cv2.__version__}", dict(MODEL_SHA256))


class SFaceEncoder:
    """Fulfils `FaceEncoder`. Scores are cosine similarities, -1 to 1."""

    def __init__(self) -> None:
        """Load the models (about 0.3 s). Raises model_changed."""
        self.identity = sface_identity()
        self._detector = shared_detector()
        with errors_only():
            self._recognizer = cv2.FaceRecognizerSF.create(
                "onnx", np.frombuffer(load_models().recognizer, np.uint8), np.empty(0, np.uint8)
            )

    def faces(self, image: Image) -> Sequence[DetectedFace]:
        """As the protocol's."""
        return self._detector.faces(image)

    def crop(self, image: Image, face: DetectedFace) -> Image:
        """112x112 pixels with the eyes level, of which `template` needs nothing else."""
        return np.asarray(self._recognizer.alignCrop(image, face.row), np.uint8)

    def template(self, crop: Image) -> Template:
        """128 numbers of length 1: the face and its mirror image averaged: fewer misses on small portraits."""
        both = self._recognizer.feature(crop) + self._recognizer.feature(cv2.flip(crop, 1))
        return _unit(np.asarray(both, np.float32).ravel())

    def average(self, templates: Sequence[Template]) -> Template:
        """As the protocol's, of length 1 again."""
        return _unit(np.sum(templates, axis=0))

    def scores(self, one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """As the protocol's."""
        return one @ other.T


class SFaceMatcher(TemplateMatcher):
    """Fulfils `FaceMatcher` with SFace."""

    def __init__(self, thresholds: Thresholds | None = None) -> None:
        """`thresholds` replace those that ship. Raises model_changed."""
        self._sface = SFaceEncoder()
        super().__init__(self._sface, thresholds or shipped_thresholds("sface"))

    def seen_before(self, image: Image, faces: Sequence[DetectedFace]) -> SeenFaces:
        """YuNet found them for the analyser: what `see` would find."""
        with self._lock:
            return SeenFaces(len(faces), self._sface.crop(image, faces[0]) if faces else None)


def _unit(vector: npt.NDArray[np.float32]) -> Template:
    return vector / np.float32(np.linalg.norm(vector))
