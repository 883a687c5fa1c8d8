"""Takes the live photo: looks at the newest picture, keeps the best, and knows when it is good enough."""

from collections.abc import Callable
from dataclasses import dataclass

from hallclient.devices import Camera, Clock, FaceAnalyser, FaceSight, Frame
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.services.camera_feed import CameraFeed

CAPTURE_S = 1.5  # looking this long at a usable face finds a sharp, open-eyed picture
GIVE_UP_S = 10.0
_FRAME_TIMEOUT_S = 2.0

FrameListener = Callable[[Frame, FaceSight | None], None]


@dataclass(frozen=True, slots=True, eq=False)
class Capture:
    """The best picture and how many were looked at."""

    best: Frame
    looked_at: int


def capture_face(camera: Camera, analyser: FaceAnalyser, clock: Clock, on_frame: FrameListener) -> Capture:
    """Open `camera` until one face was in sight for `CAPTURE_S` seconds; returns the best picture of it.

    `on_frame` gets every picture for the preview, and again with what was seen in those that were looked at.
    Raises camera_missing, camera_stopped, and no_usable_face after `GIVE_UP_S` seconds without one.
    """
    feed = CameraFeed(camera, clock, lambda frame: on_frame(frame, None))
    try:
        begun = clock.monotonic()
        first_seen: float | None = None
        best: tuple[float, Frame] | None = None
        frame: Frame | None = None
        looked_at = 0
        while clock.monotonic() - begun < GIVE_UP_S:
            frame = feed.newer_than(frame, _FRAME_TIMEOUT_S)
            sight = analyser.look(frame.image)
            looked_at += 1
            on_frame(frame, sight)
            if sight.quality > 0.0:
                first_seen = first_seen if first_seen is not None else frame.time_s
                if best is None or sight.quality > best[0]:
                    best = (sight.quality, frame)
                if frame.time_s - first_seen >= CAPTURE_S:
                    break
        if best is None:
            raise KnownError(FailureCode.NO_USABLE_FACE)
        return Capture(best[1], looked_at)
    finally:
        feed.close()
