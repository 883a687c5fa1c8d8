"""The face process: `python -m drivers.face.process ENGINE THRESHOLDS`, started by `ProcessFaces` and by nobody else.

It holds the models and does all the seeing, so that neither their memory nor their time is the screen's. It ends when
its stdin ends, so it never outlives the application; no picture and no template ever reaches the disk.
"""

import os
import sys

import cv2

from drivers.face.analyser import YuNetAnalyser
from drivers.face.engines import open_engine
from drivers.face.relief import FlowRelief
from drivers.face.repetition import NumpyRepetitions
from drivers.face.sight_memory import SightMemory, UnknownPictureError
from drivers.face.wire import (
    COMPARISON,
    LIKENESS,
    RELIEFS,
    REPETITION,
    SIGHT,
    THRESHOLDS,
    UNKNOWN,
    Request,
    glances_from,
    numbers_from,
    pictures_from,
)
from drivers.framing import Said, crash_teller, private_stdout, receive, say_failed, send
from hallclient.core_dumps import forbid_attaching, forbid_core_dumps
from hallclient.devices import FaceEngines, Image
from hallclient.domain.failures import KnownError

# Looking goes on all the time beside the screen: one thread and a lower priority. On 2 cores tests.bench.face_screen
# saw the event loop at most 13 ms late with one thread and 26 ms with two, and as many looks. A decision is awaited.
_LOOKING_THREADS, _DECIDING_THREADS = 1, -1  # -1: as many as there are cores
_NICE = 5
_WITH_NUMBERS = frozenset({Request.LOOK, Request.COMPARE_KNOWN, Request.LIKENESS_KNOWN, Request.RELIEF_KNOWN})


def main() -> int:
    """Answer questions until nobody asks any more. Exit code 0; 1 when the models cannot be loaded."""
    forbid_core_dumps()
    forbid_attaching()
    answers = private_stdout()
    sys.excepthook = crash_teller(answers)
    if hasattr(os, "nice"):
        os.nice(_NICE)
    try:
        matcher = open_engine(sys.argv[1], THRESHOLDS.validate_json(sys.argv[2]))
        analyser, relief = YuNetAnalyser(), FlowRelief()
    except KnownError as error:
        say_failed(answers, error)
        return 1
    faces = FaceEngines(analyser, relief, matcher, NumpyRepetitions())
    memory = SightMemory(analyser, relief, matcher)
    send(answers, Said.READY)
    while True:
        try:
            question, payload = receive(sys.stdin.buffer)
        except EOFError:
            return 0
        if question == Request.FORGET:  # with it the last question's pictures go, which `payload` held until now
            memory.forget()
            faces.repetitions.begin()
            continue
        if question == Request.PREPARE:
            cv2.setNumThreads(_LOOKING_THREADS)
            memory.prepare(numbers_from(payload)[0])
            continue
        try:
            answer = _answer(Request(question), payload, faces, memory)
        except KnownError as error:
            say_failed(answers, error)
        else:
            send(answers, Said.RESULT, answer)


def _answer(question: Request, payload: bytes, faces: FaceEngines, memory: SightMemory) -> bytes:
    if question in (Request.WATCH, Request.WATCH_ANEW):
        if question is Request.WATCH_ANEW:
            faces.repetitions.begin()
        return REPETITION.dump_json(faces.repetitions.see(glances_from(payload)))
    cv2.setNumThreads(_LOOKING_THREADS if question is Request.LOOK else _DECIDING_THREADS)
    if question in _WITH_NUMBERS:
        numbers, rest = numbers_from(payload)
        return _answer_known(question, numbers, pictures_from(rest), memory)
    images = pictures_from(payload)
    match question:
        case Request.COMPARE:
            return COMPARISON.dump_json(faces.matcher.compare(images[0], images[1:]))
        case Request.LIKENESS:
            return LIKENESS.dump_json(faces.matcher.likeness(images))
        case _:
            return RELIEFS.dump_json(faces.relief.reliefs(images[0], images[1:]))


def _answer_known(question: Request, numbers: list[int], images: list[Image], memory: SightMemory) -> bytes:
    try:
        match question:
            case Request.LOOK:
                return SIGHT.dump_json(memory.look(images[0], numbers[0], numbers))
            case Request.COMPARE_KNOWN:
                return COMPARISON.dump_json(memory.compare(images[0], numbers))
            case Request.LIKENESS_KNOWN:
                return LIKENESS.dump_json(memory.likeness(numbers))
            case _:
                return RELIEFS.dump_json(memory.reliefs(numbers))
    except UnknownPictureError:
        return UNKNOWN


if __name__ == "__main__":
    sys.exit(main())
