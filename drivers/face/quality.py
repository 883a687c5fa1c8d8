"""How well a face would compare, so that the best picture of a scene can be picked."""

import cv2
import numpy as np

from drivers.face.detector import DetectedFace
from hallclient.devices import Image

_FULL_WIDTH_PX = 112.0  # the width of SFace's input: a wider face adds nothing
_SHARPNESS_SIZE_PX = 112, 112  # one size for all, so that near and far faces compare
_SHARP_VARIANCE = 120.0  # of the Laplacian at that size: a quarter of LFW's faces reach it, a blurred one has under 40
_DARK, _DIM, _GLARING, _WHITE = 25.0, 80.0, 190.0, 245.0  # mean grey of a face, 0 to 255
_TURNED = 0.45  # nose off the middle of the eyes, in eye distances, when a face is seen half from the side


def face_quality(image: Image, face: DetectedFace) -> float:
    """0 to 1, larger is better: the geometric mean of size, sharpness, light, centredness and frontality.

    A geometric mean, because one bad property spoils a picture however good the others are.
    """
    height, width = image.shape[:2]
    left, top, box_width, box_height = face.box
    x0, y0 = max(0, int(left)), max(0, int(top))
    patch = image[y0 : max(y0, int(top + box_height)), x0 : max(x0, int(left + box_width))]
    if patch.size == 0:
        return 0.0
    grey = cv2.resize(cv2.cvtColor(patch, cv2.COLOR_BGR2GRAY), _SHARPNESS_SIZE_PX, interpolation=cv2.INTER_AREA)
    light = float(grey.mean())
    off_centre = np.hypot((left + box_width / 2) / width - 0.5, (top + box_height / 2) / height - 0.5)
    right_eye, left_eye, nose = face.landmarks[:3]
    eye_distance = float(np.hypot(*(left_eye - right_eye))) or 1.0
    turned = abs(float(nose[0] - (right_eye[0] + left_eye[0]) / 2)) / eye_distance
    marks = (
        box_width / _FULL_WIDTH_PX,
        float(cv2.Laplacian(grey, cv2.CV_64F).var()) / _SHARP_VARIANCE,
        min((light - _DARK) / (_DIM - _DARK), (_WHITE - light) / (_WHITE - _GLARING)),
        1.0 - float(off_centre),
        1.0 - turned / _TURNED,
    )
    return float(np.prod(np.clip(marks, 0.0, 1.0)) ** (1 / len(marks)))
