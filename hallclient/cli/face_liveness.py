"""`hallclient face liveness`: whether a video shows a live person doing what was asked."""

from pathlib import Path
from typing import Annotated

import typer

from drivers.camera.video_file import frames_of
from drivers.face.analyser import YuNetAnalyser
from drivers.face.engines import DEFAULT_ENGINE
from drivers.face.relief import FlowRelief
from drivers.face.repetition import NumpyRepetitions
from hallclient.cli.given_file import about, given_path
from hallclient.cli.output import JsonOption, answer
from hallclient.devices import FaceEngines
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.liveness import Challenge
from hallclient.services.liveness import judge_frames
from hallclient.wiring.face_engine import chosen_engine


def liveness(
    video: Annotated[Path, typer.Argument(parser=given_path, metavar="VIDEO", help="A video file of the person.")],
    challenges: Annotated[str, typer.Option(help=f"One, or two in order with a comma, of {', '.join(Challenge)}.")],
    engine: Annotated[str, typer.Option(help="The face engine that tells one person from another.")] = DEFAULT_ENGINE,
    as_json: JsonOption = False,
) -> None:
    """Say whether the video shows one live person who does the challenges. Exits with 1 when it does not.

    The client draws the challenges by lot when the camera is already running; a file could have been made afterwards.
    """
    wanted = _challenges(challenges)
    engines = FaceEngines(YuNetAnalyser(), FlowRelief(), chosen_engine(engine), NumpyRepetitions())
    with about("VIDEO"):  # and not by its name, which may be a person's
        result = judge_frames(frames_of(video), wanted, engines)
    document = {
        "live": result.live,
        "reason": result.refusal.value if result.refusal else None,
        "done": [
            {"challenge": done.challenge.value, "asked_s": round(done.asked_s, 3), "done_s": round(done.done_s, 3)}
            for done in result.done
        ],
        "hint": round(result.hint, 3),
        "likeness": None if result.likeness is None else round(result.likeness, 3),
    }
    lines = [
        f"live: {'yes' if result.live else 'no'}",
        f"reason: {result.refusal or '-'}",
        *(
            f"done: {done.challenge}, asked at {done.asked_s:.2f} s, done at {done.done_s:.2f} s"
            for done in result.done
        ),
        f"hint for the reviewer: {result.hint:.2f}",
    ]
    answer(document, lines, as_json, positive=result.live)


def _challenges(names: str) -> tuple[Challenge, ...]:
    try:
        challenges = tuple(Challenge(name.strip()) for name in names.split(","))
    except ValueError:
        challenges = ()
    if len(challenges) not in (1, 2) or len(set(challenges)) < len(challenges):
        known = ", ".join(Challenge)
        raise KnownError(FailureCode.INPUT_INVALID, f"--challenges: one or two different of {known}, with commas")
    return challenges
