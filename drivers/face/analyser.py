"""What a picture of a person shows: how many faces, where, how good, and the one thing to change."""

from dataclasses import dataclass
from threading import Lock

import numpy as np
import numpy.typing as npt

from drivers.face.detector import DetectedFace, require_bgr, shared_detector
from drivers.face.eyelids import EyeLids
from drivers.face.landmarks import shared_landmarks
from drivers.face.models import EYELID_FILE, load_landmark_model
from drivers.face.motion import face_motion
from drivers.face.quality import face_quality
from drivers.face.quality_check import quality_issue_of
from hallclient.devices import FaceSight, Image
from hallclient.domain.quality_issue import QualityIssue


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """What a look found of a picture, for whoever would have to find it again.

    Attributes:
        sight: what the picture shows.
        faces: the faces, the largest first.
        points: the 468 landmarks of the one face (468x3, pixels of the picture); None unless exactly one was found.
    """

    sight: FaceSight
    faces: tuple[DetectedFace, ...]
    points: npt.NDArray[np.float32] | None


class YuNetAnalyser:
    """Fulfils `FaceAnalyser`. Two threads may share it: they take turns."""

    def __init__(self) -> None:
        """Load the models. Raises model_changed."""
        self._lock = Lock()  # the lids are for one thread
        self._detector = shared_detector()
        self._landmarks = shared_landmarks()
        self._lids = EyeLids(load_landmark_model(EYELID_FILE))

    def look(self, image: Image) -> FaceSight:
        """What a BGR picture (height x width x 3, uint8, any size) shows; an empty one shows no face."""
        return self.findings(image).sight

    def findings(self, image: Image) -> Findings:
        """As `look`, with all that was found on the way."""
        require_bgr(image)
        faces = self._detector.faces(image)
        if len(faces) != 1:
            count_wrong = QualityIssue.SEVERAL_FACES if faces else QualityIssue.NO_FACE
            return Findings(FaceSight(len(faces), faces[0].box if faces else None, 0.0, count_wrong), faces, None)
        points = self._landmarks.find(image, faces[0])
        with self._lock:
            motion = None if points is None else face_motion(image, points, self._lids)
        issue = quality_issue_of(image, faces[0], points, motion.eyes if motion is not None else None)
        return Findings(FaceSight(1, faces[0].box, face_quality(image, faces[0]), issue, motion), faces, points)
