"""The engine `dlib` gives face_recognition's numbers, without its side effects."""

import json
import subprocess
import sys

import cv2
import numpy as np
import pytest

from drivers.face.dlib_encoder import DLIB_SHA256, NETWORK_FILE, DlibEncoder
from drivers.face.models import pinned_path
from drivers.practice.pictures import Scene, live_picture
from hallclient.devices import Image
from hallclient.domain.failures import FailureCode, KnownError

# In a process of its own: it makes Pillow accept truncated pictures, for good.
_FACE_RECOGNITION = """
import json, sys
import cv2, numpy
import face_recognition
rgb = numpy.ascontiguousarray(cv2.imdecode(numpy.frombuffer(sys.stdin.buffer.read(), numpy.uint8), 1)[:, :, ::-1])
(encoding,) = face_recognition.face_encodings(rgb)
print(json.dumps([face_recognition.face_locations(rgb), encoding.tolist()]))
"""


@pytest.fixture(scope="module")
def encoder() -> DlibEncoder:
    return DlibEncoder()


def webcam(scene: Scene, width: int = 640) -> Image:
    return np.asarray(cv2.resize(live_picture(scene), (width, width * 3 // 4), interpolation=cv2.INTER_AREA), np.uint8)


def test_it_is_face_recognition(encoder: DlibEncoder) -> None:
    frame = webcam(Scene.HOLDER)
    png = cv2.imencode(".png", frame)[1].tobytes()
    done = subprocess.run((sys.executable, "-c", _FACE_RECOGNITION), input=png, capture_output=True, check=True)
    ((top, right, bottom, left),), encoding = json.loads(done.stdout)
    (face,) = encoder.faces(frame)
    assert (face.top(), face.right(), face.bottom(), face.left()) == (top, right, bottom, left)
    assert encoder.template(encoder.crop(frame, face)) == pytest.approx(np.array(encoding), abs=1e-6)


def test_the_score_is_one_less_the_distance(encoder: DlibEncoder) -> None:
    one = np.array([[0, 0], [3, 4]], np.float32)
    assert encoder.scores(one, np.zeros((1, 2), np.float32)).tolist() == [[1], [-4]]


def test_a_larger_frame_is_looked_at_smaller_and_its_face_has_its_own_pixels(encoder: DlibEncoder) -> None:
    (small,), (large,) = (encoder.faces(webcam(Scene.HOLDER, width)) for width in (640, 1280))
    for side in ("left", "top", "right", "bottom"):
        assert getattr(large, side)() == pytest.approx(2 * getattr(small, side)(), abs=8)


def test_a_person_far_in_the_back_is_left_out(encoder: DlibEncoder) -> None:
    frame, wall = webcam(Scene.HOLDER), np.full((480, 640, 3), 90, np.uint8)
    for picture in (frame, wall):
        picture[:108, :144] = webcam(Scene.STRANGER, 144)
    (alone,) = encoder.faces(wall)
    assert alone.right() < 144
    (customer,) = encoder.faces(frame)
    assert customer.left() > 144


def test_a_changed_model_is_refused() -> None:
    with pytest.raises(KnownError) as caught:
        pinned_path("face_recognition_models", NETWORK_FILE, "0" * 64)
    assert (caught.value.code, caught.value.detail) == (FailureCode.MODEL_CHANGED, NETWORK_FILE)
    for name, sha256 in DLIB_SHA256.items():
        assert pinned_path("face_recognition_models", name, sha256).is_file()


def test_face_recognition_itself_and_its_landmarks_for_non_commercial_use_are_not_loaded() -> None:
    code = (
        "import sys; from drivers.face.engines import open_engine; from PIL import ImageFile; open_engine('dlib');"
        "print('face_recognition' in sys.modules, 'face_recognition_models' in sys.modules,"
        "ImageFile.LOAD_TRUNCATED_IMAGES)"
    )
    done = subprocess.run((sys.executable, "-W", "error", "-c", code), capture_output=True, check=True, text=True)
    assert done.stdout == "False False False\n"
