"""The engine `dlib`: what face_recognition 1.3.0 does by default, without its package. An optional extra.

The same detector (HOG, one doubling), the same five-point landmarks and the same network on the same files, so it gives
the same numbers. face_recognition itself is not used: it ends the process with `quit()` when it finds no models, lets
Pillow accept truncated pictures everywhere in the process, and loads two models more, one of which (68 points) is for
non-commercial use only.

It holds Python's global lock while it works: beside a screen it belongs into a process of its own.
"""

import importlib.metadata
from collections.abc import Sequence

import cv2
import dlib
import numpy as np
import numpy.typing as npt

from drivers.face.detector import BYSTANDER_SHARE
from drivers.face.models import pinned_path
from drivers.face.template_matcher import Template
from hallclient.devices import Image
from hallclient.domain.comparison import EngineIdentity

PACKAGE = "face_recognition_models"
LANDMARKS_FILE = "shape_predictor_5_face_landmarks.dat"
NETWORK_FILE = "dlib_face_recognition_resnet_model_v1.dat"
DLIB_SHA256 = {
    LANDMARKS_FILE: "c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888",
    NETWORK_FILE: "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
}

_DOUBLINGS = 1  # of the picture before looking: face_recognition's default; finds faces from 40 px
_LONGEST_SIDE_PX = 640  # for looking: time grows with the area, and a customer's face is large
_MOST_SLENDER = 20  # a picture with a side ratio beyond this shows no face, and would be shrunk to nothing


def dlib_identity() -> EngineIdentity:
    """As `sface_identity`."""
    return EngineIdentity("dlib", f"dlib-{importlib.metadata.version('dlib-bin')}", dict(DLIB_SHA256))


class DlibEncoder:
    """Fulfils `FaceEncoder`. Scores are 1 - the Euclidean distance, so that larger is more alike; 1 is the same face.

    face_recognition's own rule, a distance of at most 0.6, is a score of at least 0.4.
    """

    def __init__(self) -> None:
        """Load the models (about 0.3 s). Raises model_changed."""
        self.identity = dlib_identity()
        self._detect = dlib.get_frontal_face_detector()
        self._landmarks = dlib.shape_predictor(str(pinned_path(PACKAGE, LANDMARKS_FILE, DLIB_SHA256[LANDMARKS_FILE])))
        self._network = dlib.face_recognition_model_v1(
            str(pinned_path(PACKAGE, NETWORK_FILE, DLIB_SHA256[NETWORK_FILE]))
        )

    def faces(self, image: Image) -> Sequence[dlib.rectangle]:
        """As the protocol's, without people far in the back; rectangles in pixels of `image`, cut at its edges."""
        height, width = image.shape[:2]
        if max(height, width) > _MOST_SLENDER * min(height, width):
            return ()
        shrink = max(1.0, max(height, width) / _LONGEST_SIDE_PX)
        small = image
        if shrink > 1:
            size = max(1, round(width / shrink)), max(1, round(height / shrink))
            small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
        found = [
            dlib.rectangle(
                max(0, round(face.left() * shrink)),
                max(0, round(face.top() * shrink)),
                min(width, round(face.right() * shrink)),
                min(height, round(face.bottom() * shrink)),
            )
            for face in self._detect(_rgb(small), _DOUBLINGS)
        ]
        found.sort(key=lambda face: int(face.width()), reverse=True)
        return [face for face in found if face.width() >= found[0].width() * BYSTANDER_SHARE]

    def crop(self, image: Image, face: dlib.rectangle) -> tuple[Image, dlib.rectangle]:
        """The whole picture as RGB, and where in it the face is: dlib aligns a face itself."""
        return _rgb(image), face

    def template(self, crop: tuple[Image, dlib.rectangle]) -> Template:
        """128 numbers."""
        rgb, face = crop
        return np.asarray(self._network.compute_face_descriptor(rgb, self._landmarks(rgb, face), 1), np.float32)

    def average(self, templates: Sequence[Template]) -> Template:
        """As the protocol's."""
        return np.asarray(np.mean(templates, axis=0), np.float32)

    def scores(self, one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """As the protocol's."""
        # Row by row: all differences at once would fill the memory for a large collection.
        return np.array([1 - np.linalg.norm(other - row, axis=1) for row in one], np.float32)


def _rgb(image: Image) -> Image:
    return np.ascontiguousarray(image[:, :, ::-1])
