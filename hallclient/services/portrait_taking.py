"""The customer before the camera: good pictures first, then the challenges that show a live face, in one sight."""

from collections.abc import Callable
from dataclasses import dataclass

from hallclient.devices import Clock, FaceEngines, FaceSight, Frame, Image
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.liveness import Challenge, Refusal
from hallclient.services.camera_feed import CameraFeed
from hallclient.services.face_capture import FRAME_TIMEOUT_S, Capture, SightListener, capture_face
from hallclient.services.liveness import (
    AdviceListener,
    ChallengeListener,
    LivenessResult,
    LivenessRun,
    require_rate,
    steady_looks_per_s,
)
from hallclient.services.look_pace import LookPace
from hallclient.services.stop import Stop

# Each challenge has its own time limit; this is for a camera that shows nothing to judge by.
_GIVE_UP_S = 90.0


@dataclass(frozen=True, slots=True)
class PortraitListener:
    """Who follows what happens, for the screens. All must be quick; they are called on different threads.

    Attributes:
        on_frame: every picture of the camera, for the preview.
        on_sight: a picture that was looked at, and what was seen.
        on_challenge: what the customer shall do now; None for looking straight ahead.
        on_advice: what is missing now; None for nothing.
        on_done: no challenge is left, the verdict is being found; after the last `on_challenge`.
    """

    on_frame: Callable[[Frame], None]
    on_sight: SightListener
    on_challenge: ChallengeListener
    on_advice: AdviceListener
    on_done: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True, eq=False)
class PortraitTaken:
    """The pictures to compare, and whether they show a live face.

    `failure` is what kept the whole verdict from being found when the check was already over: all was done, and it
    could not be seen whether one person did it, or it had been refused before.
    """

    capture: Capture
    liveness: LivenessResult
    failure: Exception | None = None


def take_portrait(
    feed: CameraFeed,
    faces: FaceEngines,
    clock: Clock,
    draw: Callable[[float], tuple[Challenge, ...]],
    listener: PortraitListener,
    stop: Stop,
    on_capture: Callable[[Capture], None] = lambda _: None,
    on_rest: Callable[[Image], None] = lambda _: None,
) -> PortraitTaken:
    """Watch `feed` until there are good pictures and the challenges are done, or are not, or `stop` was said.

    `on_capture` is given the good pictures as soon as there are enough, whatever becomes of the challenges, and
    `on_rest` those that the verdict will compare with them (`LivenessRun`). `draw` says
    what to ask for, when it is known how many pictures a second are looked at (`steady_looks_per_s`). No picture is
    kept that may not be needed: of most only what tells whether they were there before.
    Raises camera_missing, camera_stopped, no_usable_face, face_worker_failed, model_changed, check_stopped: whatever
    fails before the check is over; and computer_too_slow and camera_too_slow before anything is asked when the
    challenges could not be seen.
    """
    if stop.said:
        raise KnownError(FailureCode.CHECK_STOPPED)
    run = LivenessRun(faces, listener.on_challenge, listener.on_advice, listener.on_done, on_rest)

    def note(frame: Frame) -> None:
        run.glance(frame)
        listener.on_frame(frame)

    def seen(frame: Frame, sight: FaceSight) -> None:
        run.watch()
        listener.on_sight(frame, sight)

    watch = feed.watch(note)
    try:
        with stop.heard_by(watch.stop):
            capture = capture_face(watch, faces.analyser, clock, seen)
            on_capture(capture)
            require_rate((), capture.looked_s, run.came_s, capture.lost_s)
            challenges = draw(steady_looks_per_s(capture.looked_s, capture.lost_s))
            require_rate(challenges, capture.looked_s, run.came_s, capture.lost_s)
            run.begin(challenges)
            begun_s, pace = clock.monotonic(), LookPace()
            pace.due(capture.looked_s[-1])  # that picture was looked at, and is still the newest
            frame: Frame | None = None
            while not run.over and clock.monotonic() - begun_s < _GIVE_UP_S:
                frame = watch.newer_than(frame, FRAME_TIMEOUT_S)
                if pace.due(frame.time_s):
                    listener.on_sight(frame, run.look(frame))
            taken = _judged(run, capture)
            if taken.liveness.refusal is Refusal.COMPUTER_FAILED:  # as where no other process could be started
                raise KnownError(FailureCode.FACE_WORKER_FAILED, Refusal.COMPUTER_FAILED)
            return taken
    finally:
        watch.close()


def _judged(run: LivenessRun, capture: Capture) -> PortraitTaken:
    try:
        return PortraitTaken(capture, run.result(capture.frames))
    except Exception as error:
        if not run.over:
            raise
        return PortraitTaken(capture, run.unjudged(), error)
