"""`python -m tests.bench.liveness_rules CACHE INDEX [options]`: `hallclient face liveness-evaluate`, many times over.

For tuning the rules: what the networks say of each picture (boxes, landmarks, lids, templates) is kept in the file
CACHE, so that a second run with other rules, measures or relief takes a fraction of the time. Only for recordings that
are public: templates of faces are kept in the clear. Pictures are not kept; what was computed out of the networks'
answers is computed again each time. Delete CACHE when a model or the way a picture is given to it changes.
"""

import hashlib
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from drivers.face.detector import FaceDetector
from drivers.face.eyelids import EyeLids
from drivers.face.landmarks import FaceLandmarks
from drivers.face.sface import SFaceEncoder
from hallclient.cli import main

_ARGUMENTS = 2


class Answers:
    """What functions answered before, by a digest of the pixels and numbers that they were given."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: dict[bytes, Any] = pickle.loads(file.read_bytes()) if file.exists() else {}
        self._begun_with = len(self._known)
        self._newest: tuple[Any, bytes] = (None, b"")

    def keep(self, of: type, name: str) -> None:
        """Let the method `name` of the class `of` answer out of memory what it was asked before."""
        asked: Callable[..., Any] = getattr(of, name)

        def answer(engine: Any, image: Any, *rest: Any) -> Any:
            numbers = b"".join(np.ascontiguousarray(getattr(one, "row", one)).tobytes() for one in rest)
            key = hashlib.blake2b(name.encode() + self._digest(image) + numbers, digest_size=16).digest()
            if key not in self._known:
                self._known[key] = asked(engine, image, *rest)
            return self._known[key]

        setattr(of, name, answer)

    def save(self) -> None:
        if len(self._known) > self._begun_with:
            unfinished = self._file.with_suffix(".new")
            unfinished.write_bytes(pickle.dumps(self._known))
            unfinished.replace(self._file)

    def _digest(self, image: Any) -> bytes:
        if image is not self._newest[0]:  # one picture is asked about several times
            content = np.ascontiguousarray(image).data
            self._newest = image, hashlib.blake2b(content, key=str(content.shape).encode(), digest_size=16).digest()
        return self._newest[1]


def keep_answers(file: Path) -> Answers:
    """Let all networks that liveness asks answer out of `file` where they can."""
    answers = Answers(file)
    for of, name in (
        (FaceDetector, "faces"),
        (FaceLandmarks, "find"),
        (EyeLids, "openness"),
        (SFaceEncoder, "template"),
    ):
        answers.keep(of, name)
    return answers


if __name__ == "__main__":
    if len(sys.argv) <= _ARGUMENTS:
        sys.exit(__doc__)
    answers = keep_answers(Path(sys.argv[1]))
    sys.argv[1:2] = ["face", "liveness-evaluate"]
    try:
        main()
    finally:
        answers.save()
