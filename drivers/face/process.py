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
from drivers.face.wire import (
    COMPARISON,
    LIKENESS,
    RELIEFS,
    REPETITION,
    SIGHT,
    THRESHOLDS,
    Question,
    glances_from,
    pictures_from,
)
from drivers.framing import Said, crash_teller, private_stdout, receive, say_failed, send
from hallclient.core_dumps import forbid_core_dumps
from hallclient.devices import FaceEngines
from hallclient.domain.failures import KnownError

# Looking goes on all the time beside the screen: one thread and a lower priority. On 2 cores tests.bench.face_screen
# saw the event loop at most 13 ms late with one thread and 26 ms with two, and as many looks. A decision is awaited.
_LOOKING_THREADS, _DECIDING_THREADS = 1, -1  # -1: as many as there are cores
_NICE = 5


def main() -> int:
    """Answer questions until nobody asks any more. Exit code 0; 1 when the models cannot be loaded."""
    forbid_core_dumps()
    answers = private_stdout()
    sys.excepthook = crash_teller(answers)
    if hasattr(os, "nice"):
        os.nice(_NICE)
    try:
        matcher = open_engine(sys.argv[1], THRESHOLDS.validate_json(sys.argv[2]))
        faces = FaceEngines(YuNetAnalyser(), FlowRelief(), matcher, NumpyRepetitions())
    except KnownError as error:
        say_failed(answers, error)
        return 1
    send(answers, Said.READY)
    while True:
        try:
            question, payload = receive(sys.stdin.buffer)
        except EOFError:
            return 0
        try:
            answer = _answer(Question(question), payload, faces)
        except KnownError as error:
            say_failed(answers, error)
        else:
            send(answers, Said.RESULT, answer)


def _answer(question: Question, payload: bytes, faces: FaceEngines) -> bytes:
    if question in (Question.WATCH, Question.WATCH_ANEW):
        if question is Question.WATCH_ANEW:
            faces.repetitions.begin()
        return REPETITION.dump_json(faces.repetitions.see(glances_from(payload)))
    images = pictures_from(payload)
    cv2.setNumThreads(_LOOKING_THREADS if question is Question.LOOK else _DECIDING_THREADS)
    match question:
        case Question.LOOK:
            return SIGHT.dump_json(faces.analyser.look(images[0]))
        case Question.COMPARE:
            return COMPARISON.dump_json(faces.matcher.compare(images[0], images[1:]))
        case Question.LIKENESS:
            return LIKENESS.dump_json(faces.matcher.likeness(images))
        case _:
            return RELIEFS.dump_json(faces.relief.reliefs(images[0], images[1:]))


if __name__ == "__main__":
    sys.exit(main())
