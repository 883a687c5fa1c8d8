"""What a picture of a person shows: how many faces, where, how good, and the one thing to change."""

from threading import Lock

import numpy as np
import numpy.typing as npt

from drivers.face.detector import FaceDetector, require_bgr
from drivers.face.eyelids import EyeLids
from drivers.face.gate import remark_on
from drivers.face.landmarks import FaceLandmarks
from drivers.face.models import EYELID_FILE, load_landmark_model, load_models
from drivers.face.motion import face_motion
from drivers.face.quality import face_quality
from hallclient.devices import FaceSight, Image
from hallclient.domain.face_remark import FaceRemark


class YuNetAnalyser:
    """Fulfils `FaceAnalyser`. Two threads may share it: they take turns."""

    def __init__(self) -> None:
        """Load the models. Raises model_changed."""
        self._lock = Lock()
        self._detector = FaceDetector(load_models().detector)
        self._landmarks = FaceLandmarks(load_landmark_model())
        self._lids = EyeLids(load_landmark_model(EYELID_FILE))

    def look(self, image: Image) -> FaceSight:
        """What a BGR picture (height x width x 3, uint8, any size) shows; an empty one shows no face."""
        return self.look_with_landmarks(image)[0]

    def look_with_landmarks(self, image: Image) -> tuple[FaceSight, npt.NDArray[np.float32] | None]:
        """As `look`, and the 468 landmarks of the one face (468x3), for whoever would have to find them again."""
        require_bgr(image)
        with self._lock:
            faces = self._detector.faces(image)
            if len(faces) != 1:
                count_wrong = FaceRemark.SEVERAL_FACES if faces else FaceRemark.NO_FACE
                return FaceSight(len(faces), faces[0].box if faces else None, 0.0, count_wrong), None
            points = self._landmarks.find(image, faces[0])
            motion = None if points is None else face_motion(image, points, self._lids)
        remark = remark_on(image, faces[0], points, motion.eyes if motion is not None else None)
        return FaceSight(1, faces[0].box, face_quality(image, faces[0]), remark, motion), points
