"""Faces against face_recognition in the same run: time from a frame to a decision, and honest people who are missed.

The second needs faces that are not part of this project: $HALLCLIENT_FACES names the index of such a collection, as
`hallclient face evaluate` takes it.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import face_recognition
import numpy as np
from PIL import ImageFile

from drivers.face.analyser import YuNetAnalyser
from drivers.face.sface import SFaceMatcher
from drivers.practice.idcard.portrait_encoder import encode_portrait
from drivers.practice.pictures import Scene, live_picture, portrait
from hallclient.domain.failures import BugError
from hallclient.picture_decoding import decode_picture
from tests.bench.figure import Figure, Wanted

ImageFile.LOAD_TRUNCATED_IMAGES = False  # face_recognition switches it on when it is imported, for the whole process

_BLOCKS, _ROUNDS = 5, 8
_MOST_LOOK_MS = 25.0
_INDEX_VARIABLE = "HALLCLIENT_FACES"
_GROUP = "east_asian"


@dataclass(frozen=True, slots=True)
class Misses:
    """FNMR at FMR 1e-3 of our engine beside that of face_recognition's (`dlib` gives its numbers, by test)."""

    ours: dict[str, Any]
    theirs: dict[str, Any]

    def __str__(self) -> str:
        key = "fnmr_at_fmr_1e-3"
        return (
            f"missed at one false match in 1000, {_GROUP}: {self.ours[key]:.4f} of {self.ours['genuine']} pairs "
            f"(no face in {self.ours['no_face']} of {self.ours['pictures']} pictures); "
            f"face_recognition: {self.theirs[key]:.4f} ({self.theirs['no_face']}); "
            f"ratio {self.ours[key] / self.theirs[key]:.3f}"
        )


def figures() -> Sequence[Figure | Wanted | Misses | str]:
    matcher, analyser = SFaceMatcher(), YuNetAnalyser()
    chip = decode_picture(encode_portrait(portrait()))
    frame = np.asarray(cv2.resize(live_picture(Scene.HOLDER), (640, 480), interpolation=cv2.INTER_AREA), np.uint8)
    rgb = np.ascontiguousarray(frame[:, :, ::-1])
    of_card = matcher.portrait_template(chip)
    known = face_recognition.face_encodings(np.ascontiguousarray(portrait()[:, :, ::-1]))
    if of_card is None:
        raise BugError("no face on the practice card")

    def ours() -> None:
        of_live = matcher.template(frame)
        if of_live is not None:
            matcher.thresholds.decide(float(matcher.scores([of_card], [of_live])[0, 0]))

    def theirs() -> None:
        (found,) = face_recognition.face_encodings(rgb, face_recognition.face_locations(rgb))
        face_recognition.compare_faces(known, found)

    decide, baseline, whole, look = _medians(
        ours, theirs, lambda: matcher.compare(chip, [frame]), lambda: analyser.look(frame)
    )
    look_alone, spent_s = _on_one_core(lambda: analyser.look(frame))
    return [
        Figure("a 640x480 frame to the decision, portrait ready", decide, "face_recognition", baseline),
        Figure("compare a portrait with a 640x480 frame", whole, "only look for faces in the frame", look),
        Figure("a look at a 640x480 frame on one core", look_alone, "face_recognition", baseline),
        Wanted("processor's time of that look", spent_s * 1000, "ms", _MOST_LOOK_MS),
        _misses(),
    ]


def _on_one_core(call: Callable[[], object]) -> tuple[float, float]:
    """Median seconds, and median seconds of the processor, with OpenCV's work in one thread."""
    threads, passed, spent = cv2.getNumThreads(), [], []
    cv2.setNumThreads(1)
    for _ in range(_BLOCKS * _ROUNDS):
        began, busy = time.perf_counter(), time.process_time()
        call()
        passed.append(time.perf_counter() - began)
        spent.append(time.process_time() - busy)
    cv2.setNumThreads(threads)
    return statistics.median(passed), statistics.median(spent)


def _misses() -> Misses | str:
    index = os.environ.get(_INDEX_VARIABLE)
    if index is None:
        return f"missed at one false match in 1000: not measured, ${_INDEX_VARIABLE} names no index of faces"
    command = (
        sys.executable,
        "-m",
        "hallclient",
        "face",
        "evaluate",
        index,
        "--group",
        _GROUP,
        "--rounds",
        "0",
        "--json",
    )
    done = subprocess.run((*command, "--engine", "sface", "--engine", "dlib"), stdout=subprocess.PIPE, check=True)
    return Misses(*json.loads(done.stdout)["results"])


def _medians(*calls: Callable[[], object]) -> list[float]:
    """Of each call. They take turns in blocks, so that a busy moment of the computer slows all of them alike.

    In blocks, and not one by one: a library's threads spin for a while after their work, on the next one's core.
    """
    seconds: list[list[float]] = [[] for _ in calls]
    for _ in range(_BLOCKS):
        for call, spent in zip(calls, seconds, strict=True):
            for _ in range(_ROUNDS):
                began = time.perf_counter()
                call()
                spent.append(time.perf_counter() - began)
    return [statistics.median(spent) for spent in seconds]
