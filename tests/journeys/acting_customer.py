"""A customer who does what the screen asks, before a camera that draws nobody and engines that only say so.

For journeys whose subject is not what the engines see: the windows, the services, the rules of liveness, the recorder
and whatever dies are the product's. The real engines on the practice customer are walked by `test_decisions.py` and
`test_rehearsal.py`, and by the rows of `test_deaths.py` that kill them.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from drivers.camera.pacing import PacedCamera
from drivers.practice.performance import RATE_HZ, SensorNoise
from hallclient import devices
from hallclient.devices import Camera, FaceEngines, FaceMatcher, FaceSight, FaceWorker, Glance, Image
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.liveness import Challenge, Relief
from hallclient.domain.repetition import Repetition
from hallclient.system import SystemClock
from hallclient.wiring.practice_counter import PracticeCounter
from tests import doubles
from tests.hallclient.domain.program_face import act, face

_REACTS_S = 0.5
_RISE_S = {Challenge.BLINK: 0.16}  # as the practice customer; of the others:
_SLOW_RISE_S = 0.5
_HOLDS = 0.8  # of what it takes to rise
_SIGHT = FaceSight(1, (10.0, 10.0, 20.0, 20.0), 0.8, motion=face())


class Still:
    """A picture that nobody moves in, noisy where it is to look as if a sensor made it: to record that costs more."""

    def __init__(self, image: Image, *, noisy: bool) -> None:
        self._image = image
        self._noise = SensorNoise(3) if noisy else None

    def open(self) -> float:
        return float(RATE_HZ)

    def picture(self, index: int) -> Image:
        if self._noise is not None:
            return self._noise.on(self._image)
        picture = self._image.copy()
        picture[:16, :16] = index % 256  # no two key pictures of a session are the same
        return picture

    def close(self) -> None: ...


def still_camera(image: Image, *, noisy: bool = True) -> PacedCamera:
    return PacedCamera(DeviceIdentity("still camera", practice=True), Still(image, noisy=noisy), SystemClock())


def empty_chair() -> Image:
    return np.full((480, 640, 3), 110, np.uint8)


class ActingCustomer(doubles.Matcher):
    """Fulfils all of `FaceEngines`, and `FaceWorker`: does what is asked half a second later, as fast as a person."""

    def __init__(self, read_s: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.models = {"model": "0" * 64}
        self._read_s = read_s
        self._asked: tuple[Challenge, float] | None = None

    def asked(self, challenge: Challenge | None) -> None:
        """What stands on the screen, from any thread."""
        if challenge is not None:
            self._asked = challenge, self._read_s()

    def look(self, image: Image) -> FaceSight:
        if self._asked is None:
            return _SIGHT
        challenge, asked_s = self._asked
        since_s, rise_s = self._read_s() - asked_s - _REACTS_S, _RISE_S.get(challenge, _SLOW_RISE_S)
        amount = min(1.0, since_s / rise_s, 2 + _HOLDS - since_s / rise_s)
        return replace(_SIGHT, motion=act(challenge, amount)) if amount > 0 else _SIGHT

    def reliefs(self, rest: Image, moved: Sequence[Image]) -> tuple[Relief | None, ...]:
        to_right = self._asked is not None and self._asked[0] is Challenge.TURN_RIGHT
        return (Relief(-0.05 if to_right else 0.05, 0.05),) * len(moved)

    def begin(self) -> None: ...

    def see(self, glances: Sequence[Glance]) -> Repetition | None:
        return None

    def prewarm(self) -> None: ...

    def await_ready(self) -> None: ...

    def watch(self, listener: Callable[[], None]) -> None: ...

    def prepare(self, images: Sequence[Image]) -> None: ...

    def forget(self) -> None: ...

    def close(self) -> None: ...


def before_acting_customer(
    counter: PracticeCounter,
    camera: Camera,
    *,
    matcher: FaceMatcher | None = None,
    worker: FaceWorker | None = None,
) -> PracticeCounter:
    """`counter` with this customer before `camera`; `matcher` and `worker` where the real ones are wanted."""
    customer = ActingCustomer()
    equipment = replace(
        counter.equipment,
        camera=camera,
        faces=FaceEngines(customer, customer, matcher or customer, customer),
        face_worker=worker or customer,
    )
    return replace(counter, equipment=equipment, see=customer.asked)


# mypy holds the double to what it stands for.
_STANDS_FOR: tuple[
    type[devices.FaceAnalyser],
    type[devices.FaceRelief],
    type[devices.FaceMatcher],
    type[devices.FaceRepetitions],
    type[devices.FaceWorker],
] = (ActingCustomer,) * 5
