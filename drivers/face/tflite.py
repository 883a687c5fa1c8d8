"""A small model in TensorFlow Lite's format, run by LiteRT on one thread.

OpenCV reads such models, too: it takes two to three times as long, and gives one output at a time.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from hallclient.devices import Image

_STANDARD_ERROR = 2
_SILENCE = Lock()


class TfliteModel:
    """One that looks at a picture. Not for two threads at once."""

    def __init__(self, model: bytes) -> None:
        with _silence():
            self._interpreter = Interpreter(model_content=model, num_threads=1)
            self._interpreter.allocate_tensors()
        (given,) = self._interpreter.get_input_details()
        self._input = int(given["index"])
        self._outputs = {str(output["name"]): int(output["index"]) for output in self._interpreter.get_output_details()}

    def look(self, image: Image) -> Mapping[str, npt.NDArray[np.float32]]:
        """Every output, flat, by its name, for a BGR picture of the model's own size."""
        rgb = image[np.newaxis, ..., ::-1].astype(np.float32) / 255.0
        self._interpreter.set_tensor(self._input, rgb)
        self._interpreter.invoke()
        return {
            name: np.asarray(self._interpreter.get_tensor(index), np.float32).ravel()
            for name, index in self._outputs.items()
        }


@contextmanager
def _silence() -> Iterator[None]:
    """LiteRT says on standard error that it uses XNNPACK, each time, and cannot be asked not to."""
    with _SILENCE:  # one at a time: the second would keep what the first had put there
        try:
            kept = os.dup(_STANDARD_ERROR)
        except OSError:  # it is closed, and nobody hears anything
            yield
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, _STANDARD_ERROR)
        try:
            yield
        finally:
            os.dup2(kept, _STANDARD_ERROR)
            os.close(kept)
            os.close(nowhere)
