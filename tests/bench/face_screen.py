"""The clerk's and the customer's windows while the camera previews and the face process looks: do they stay smooth?

The windows, the camera feed and the face process are the product's, and the practice camera gives 25 pictures of
640x480 a second; only the session behind the windows is a double, that looks for longer than a real one does. A timer
of 5 ms on the screen's thread tells how late it comes: that is the event loop's delay, with whatever kept the thread or
the interpreter's lock. Then somebody does what the customer's window asks for, and it is measured how long they wait
for the verdict. All of it once as the machine is, and once beside a busy loop on each core.
"""

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from PySide6.QtCore import QCoreApplication, QEventLoop, QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication

from drivers.face.process_faces import ProcessFaces
from drivers.practice.camera import PracticeCamera
from drivers.practice.pictures import Scene, live_picture, portrait
from hallclient.devices import FaceEngines, Frame, Image
from hallclient.domain.comparison import Comparison
from hallclient.domain.liveness import Challenge, Refusal
from hallclient.domain.liveness_limits import LEAST_LOOKS
from hallclient.domain.plan import PlannedStep
from hallclient.services.camera_feed import CameraFeed
from hallclient.services.counter import Counter
from hallclient.services.dispatch import Dispatch
from hallclient.services.face_capture import Capture
from hallclient.services.look_pace import LookPace
from hallclient.services.portrait_taking import PortraitListener, take_portrait
from hallclient.services.stop import Stop
from hallclient.system import SystemClock
from tests.bench.busy_cores import busy_cores
from tests.bench.figure import Wanted
from tests.ui import doubles
from ui.app import create_application
from ui.clerk.window import ClerkWindow
from ui.customer.window import CustomerWindow

_SECONDS = 25.0
_WARM_UP_S = 3.0  # the windows' first pages, the process's start, the camera's focus
_BEAT_MS = 5
_STEP_TIMEOUT_S = 30.0
_TRIES = 3  # of somebody who is refused, as may be on a busy machine
_ASKED = (Challenge.OPEN_MOUTH, Challenge.TURN_LEFT)


class LookingStep(doubles.PortraitStep):
    """A comparison that looks at the camera for `seconds`, as `capture_face` does, and then takes a portrait.

    Attributes:
        looked_s, previewed_s: when each look of those seconds ended, and each picture came, on the monotonic clock.
        verdict_s: from the picture that ended the last challenge to the comparison's end; None while nobody passed.
        refusals: of those who did not pass.
    """

    def __init__(self, session: doubles.Session, planned: PlannedStep, faces: ProcessFaces, seconds: float) -> None:
        super().__init__(session, planned)
        self._faces, self._seconds = faces, seconds
        self.looked_s: list[float] = []
        self.previewed_s: list[float] = []
        self.verdict_s: float | None = None
        self.refusals: list[Refusal | None] = []

    def compare(self, listener: PortraitListener, stop: Stop | None = None) -> Comparison:
        clock = SystemClock()

        def preview(frame: Frame) -> None:
            self.previewed_s.append(clock.monotonic())
            listener.on_frame(frame)

        self._faces.compare(portrait(), [live_picture(Scene.HOLDER)])  # all of its models are in use, and in memory
        camera = PracticeCamera(live_picture(Scene.HOLDER))
        feed = CameraFeed(camera, clock)
        watch = feed.watch(preview)
        begun, frame, pace = clock.monotonic(), None, LookPace()
        while clock.monotonic() - begun < self._seconds and not (stop and stop.said):
            frame = watch.newer_than(frame, 2.0)
            if not pace.due(frame.time_s):
                continue
            sight = self._faces.look(frame.image)
            self.looked_s.append(clock.monotonic())
            listener.on_sight(frame, sight)
        watch.close()
        while self.verdict_s is None and len(self.refusals) < _TRIES:
            self._take(camera, feed, clock, listener, stop or Stop())
        feed.close()
        self.decide(self._session.result)
        return self._session.result

    def _take(
        self, camera: PracticeCamera, feed: CameraFeed, clock: SystemClock, listener: PortraitListener, stop: Stop
    ) -> None:
        """A portrait with challenges, of somebody who does them, and its comparison with the card's."""

        def ask(challenge: Challenge | None) -> None:
            listener.on_challenge(challenge)
            camera.perform(challenge)

        engines = FaceEngines(self._faces, self._faces, self._faces, self._faces)
        told = replace(listener, on_challenge=ask)

        def captured(capture: Capture) -> None:
            self._prepare(*(frame.image for frame in capture.frames))

        taken = take_portrait(feed, engines, clock, lambda _: _ASKED, told, stop, captured, self._prepare)
        if taken.liveness.live:
            self._faces.compare(portrait(), [frame.image for frame in taken.capture.frames])
            self.verdict_s = clock.monotonic() - taken.liveness.done[-1].done_s
        else:
            self.refusals.append(taken.liveness.refusal)

    def _prepare(self, *images: Image) -> None:
        """As a session does."""
        self._faces.prepare(images)


class LookingSession(doubles.Session):
    """A session whose portrait is taken by `looking`."""

    def __init__(self, faces: ProcessFaces, seconds: float) -> None:
        super().__init__()
        planned = self.work(doubles.Step.PORTRAIT).planned
        self.looking = LookingStep(self, planned, faces, seconds)
        self._works[planned.id] = self.looking


class Beat:
    """How late a precise timer comes on the thread that made it."""

    def __init__(self) -> None:
        self.late_s: list[tuple[float, float]] = []  # when, and by how much
        self._last_s = time.perf_counter()
        self._timer = QTimer(interval=_BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._note)
        self._timer.start()

    def _note(self) -> None:
        now_s = time.perf_counter()
        self.late_s.append((time.monotonic(), max(0.0, now_s - self._last_s - _BEAT_MS / 1000)))
        self._last_s = now_s

    def stop(self) -> None:
        self._timer.stop()


@dataclass(frozen=True, slots=True)
class Measured:
    """What was seen in `lasted_s` seconds of looking, and of the verdict after them."""

    lasted_s: float
    late_ms: list[float]  # ascending
    previews: int
    looks: int
    memory_mb: float
    looking: LookingStep

    @property
    def p99_ms(self) -> float:
        return self.late_ms[int(len(self.late_ms) * 0.99)]

    @property
    def verdict_ms(self) -> float:
        """Infinite where nobody passed."""
        verdict_s = self.looking.verdict_s
        return float("inf") if verdict_s is None else verdict_s * 1000


def figures(seconds: float = _SECONDS) -> list[Wanted]:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    create_application(dark=False)
    faces = ProcessFaces()
    faces.prewarm()
    try:
        idle = _shown(faces, seconds)
        with busy_cores():
            busy = _shown(faces, seconds)
    finally:
        faces.close()
    screen = f"on {QGuiApplication.platformName()}, {idle.lasted_s:.0f} s"
    beside = "beside a busy loop on each core"
    return [
        Wanted(f"event loop's delay, median ({screen})", statistics.median(idle.late_ms), "ms", 16),
        Wanted("event loop's delay, p99", idle.p99_ms, "ms", 16),
        Wanted("event loop's delay, maximum", idle.late_ms[-1], "ms", 50),
        Wanted(f"event loop's delay, p99 {beside}", busy.p99_ms, "ms", 50),
        Wanted("preview, pictures a second", idle.previews / idle.lasted_s, "1/s", 24, at_least=True),
        Wanted("face loop, analysed pictures a second", idle.looks / idle.lasted_s, "1/s", 10, at_least=True),
        Wanted(f"face loop {beside}", busy.looks / busy.lasted_s, "1/s", LEAST_LOOKS, at_least=True),
        Wanted(f"last challenge done to verdict{_refused(idle)}", idle.verdict_ms, "ms", 500),
        Wanted(f"last challenge done to verdict {beside}{_refused(busy)}", busy.verdict_ms, "ms", 500),
        Wanted("face process's resident memory, maximum", max(idle.memory_mb, busy.memory_mb), "MB", 350),
    ]


def _refused(measured: Measured) -> str:
    refusals = [str(refusal) for refusal in measured.looking.refusals]
    return f" (refused before: {', '.join(refusals)})" if refusals else ""


def _shown(faces: ProcessFaces, seconds: float) -> Measured:
    session = LookingSession(faces, seconds + _WARM_UP_S)
    customer = CustomerWindow(practice=True)
    # That the doubles are as the services, tests/ui/test_doubles.py holds.
    counter, dispatch = cast(Counter, doubles.Counter(session)), cast(Dispatch, doubles.Dispatch())
    clerk = ClerkWindow(counter, dispatch, customer, SystemClock())
    clerk.resize(QSize(1366, 768))
    customer.resize(QSize(1280, 800))
    customer.show()
    clerk.show()
    try:
        return _measured(session, customer, clerk, faces)
    finally:
        clerk.close()
        customer.finish()


def _measured(session: LookingSession, customer: CustomerWindow, clerk: ClerkWindow, faces: ProcessFaces) -> Measured:
    looking = session.looking
    session.come_to(doubles.Step.PORTRAIT)
    clerk.start.started.emit(session.plan.scene, session.service_number)
    _until(lambda: customer.page is customer.consent)
    customer.consent.agree.click()
    _until(lambda: len(looking.looked_s) > 0)
    beat = Beat()
    begun_s = time.monotonic() + _WARM_UP_S
    memory: list[float] = []
    watch = QTimer(interval=1000)
    watch.timeout.connect(lambda: memory.append(_resident_mb(faces.pid)))
    watch.start()
    _until(lambda: looking.facts.face is not None, seconds=_SECONDS * 8)
    watch.stop()
    beat.stop()
    ended_s = looking.looked_s[-1]
    return Measured(
        lasted_s=ended_s - begun_s,
        late_ms=sorted(late * 1000 for at, late in beat.late_s if begun_s <= at <= ended_s),
        previews=sum(begun_s <= at <= ended_s for at in looking.previewed_s),
        looks=sum(at >= begun_s for at in looking.looked_s),
        memory_mb=max(memory),
        looking=looking,
    )


def _until(condition: Callable[[], object], seconds: float = _STEP_TIMEOUT_S) -> None:
    end_s = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end_s:
            raise TimeoutError
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 20)


def _resident_mb(pid: int | None) -> float:
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1]) * 1024 / 1e6


if __name__ == "__main__":
    for figure in figures():
        print(figure)  # noqa: T201
