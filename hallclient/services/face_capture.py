"""Takes the live photo: looks at the newest picture, keeps the good ones, and knows when there are enough."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from hallclient.devices import Clock, FaceAnalyser, FaceSight, Frame
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.held_issue import HeldIssue
from hallclient.services.camera_feed import CameraWatch
from hallclient.services.look_pace import LookPace

CAPTURE_S = 1.5  # looking this long at a usable face finds a sharp, open-eyed picture
GIVE_UP_S = 10.0
LEAST_LOOKS = 20  # before it is said that nothing good was seen: a computer may lose all its time
FRAMES = 3  # are compared and averaged
APART_S = 0.4  # pictures of one moment have one moment's faults
FRAME_TIMEOUT_S = 4.0  # longer than a camera waits: it says itself why it has stopped

SightListener = Callable[[Frame, FaceSight], None]


@dataclass(frozen=True, slots=True, eq=False)
class Capture:
    """The best picture; `frames` are it and up to two more good ones, `APART_S` from each other, best first.

    `looked_s` are the times of all pictures that were looked at, `lost_s` of those whose look came after a loss
    (`FaceSight.after_loss`).
    """

    best: Frame
    frames: tuple[Frame, ...]
    looked_s: tuple[float, ...]
    lost_s: frozenset[float]


def capture_face(watch: CameraWatch, analyser: FaceAnalyser, clock: Clock, on_sight: SightListener) -> Capture:
    """Look until one face was good enough for `CAPTURE_S` seconds; returns the best pictures of it.

    Only a picture without an issue is taken, while none is held. `on_sight` gets each picture that was looked at and
    what was seen, with the issue that is held (`HeldIssue`); those that come while one is looked at, or before the
    turn of `LookPace`, are never looked at.
    Raises as `CameraWatch.newer_than` does, face_worker_failed, and no_usable_face after `GIVE_UP_S` seconds and
    `LEAST_LOOKS` looks without a good picture; its detail is the issue that was held most often.
    """
    watch.opened()  # a camera that takes long for it takes nothing off the customer's time
    begun, pace = clock.monotonic(), LookPace()
    good, held = _GoodFrames(), HeldIssue()
    issues: Counter[str] = Counter()
    frame: Frame | None = None
    looked_s: list[float] = []
    lost_s: set[float] = set()
    while clock.monotonic() - begun < GIVE_UP_S or len(looked_s) < LEAST_LOOKS:
        frame = watch.newer_than(frame, FRAME_TIMEOUT_S)
        if not pace.due(frame.time_s):
            continue
        sight = analyser.look(frame.image)
        looked_s.append(frame.time_s)
        if sight.after_loss:
            lost_s.add(frame.time_s)
        said = held.update(sight.issue, frame.time_s)
        on_sight(frame, replace(sight, issue=said))
        if said is not None:
            issues[said] += 1
        elif sight.issue is None and sight.quality > 0.0:
            good.add(sight.quality, frame)
            if good.seen_for_s >= CAPTURE_S:
                break
    if not good.best:
        raise KnownError(FailureCode.NO_USABLE_FACE, *(issue for issue, _ in issues.most_common(1)))
    return Capture(good.best[0], good.best, tuple(looked_s), frozenset(lost_s))


class _GoodFrames:
    """The best picture of each span of `APART_S`: no more are kept, however long the looking takes."""

    def __init__(self) -> None:
        self._spans: dict[int, tuple[float, Frame]] = {}
        self._first_s = self._last_s = 0.0

    @property
    def seen_for_s(self) -> float:
        """Seconds from the first good picture to the last."""
        return self._last_s - self._first_s

    @property
    def best(self) -> tuple[Frame, ...]:
        """Up to `FRAMES`, best first."""
        by_quality = sorted(self._spans.values(), key=lambda span: span[0], reverse=True)
        chosen: list[Frame] = []
        for _, frame in by_quality:
            if len(chosen) < FRAMES and all(abs(frame.time_s - other.time_s) >= APART_S for other in chosen):
                chosen.append(frame)
        return tuple(chosen)

    def add(self, quality: float, frame: Frame) -> None:
        if not self._spans:
            self._first_s = frame.time_s
        self._last_s = frame.time_s
        span = int((frame.time_s - self._first_s) / APART_S)
        if span not in self._spans or quality > self._spans[span][0]:
            self._spans[span] = quality, frame
