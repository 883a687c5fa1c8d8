"""What several files of tests about videos share."""

import hashlib
from collections.abc import Iterator

import pytest

from drivers.face.analyser import Findings, YuNetAnalyser
from hallclient.devices import Image


@pytest.fixture(scope="module")
def looked_at_once() -> Iterator[None]:
    """Of a video that many commands are given, each picture is looked at by the engines once: they find the same."""
    known: dict[tuple[tuple[int, ...], bytes], Findings] = {}
    look = YuNetAnalyser.findings

    def findings(analyser: YuNetAnalyser, image: Image) -> Findings:
        key = image.shape, hashlib.blake2b(image.tobytes()).digest()
        if key not in known:
            known[key] = look(analyser, image)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(YuNetAnalyser, "findings", findings)
        yield
