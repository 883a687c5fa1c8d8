"""From a camera's frame to a decision, against embedding alone: what finding the face and both mirrors add."""

import statistics
import time
from collections.abc import Callable

import cv2

from drivers.face.analyser import YuNetAnalyser
from drivers.face.sface import SFaceMatcher
from drivers.practice.pictures import Scene, live_picture, portrait
from tests.bench.figure import Figure

_ROUNDS = 30


def figures() -> list[Figure]:
    analyser, matcher = YuNetAnalyser(), SFaceMatcher()
    chip = cv2.resize(portrait(), (102, 126), interpolation=cv2.INTER_AREA)
    frame = cv2.resize(live_picture(Scene.HOLDER), (640, 480))
    look = _median(lambda: analyser.look(frame))
    whole = _median(lambda: matcher.compare(chip, [frame]))
    return [Figure("compare a portrait with a 640x480 frame", whole, "only look for faces in the frame", look)]


def _median(call: Callable[[], object]) -> float:
    seconds = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)
