"""A person before a camera who goes on only when a test says so, so that what is read is read while it is true."""

import itertools
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from hallclient import devices
from hallclient.devices import FaceSight, Frame, Glance, Image
from hallclient.domain.comparison import Comparison
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.face_motion import FaceMotion
from hallclient.domain.failures import KnownError
from hallclient.domain.liveness import Challenge, Relief
from hallclient.domain.quality_issue import QualityIssue
from hallclient.domain.repetition import Repetition
from tests import doubles
from tests.clock import HandClock
from tests.drivers.waiting import eventually
from tests.hallclient.domain.program_face import act, face

PICTURE_S = 0.07  # 14 a second: each is looked at
_STUCK_S = 30.0
BLINK, OPEN_MOUTH, LEFT, RIGHT, NOD = Challenge
GOOD = FaceSight(1, (10.0, 10.0, 20.0, 20.0), 0.8, motion=face())
NOBODY, TWO = FaceSight(0, None, 0.0), FaceSight(2, None, 0.0)
NO_FACE_SEEN = replace(NOBODY, issue=QualityIssue.NO_FACE)
Look = FaceSight | KnownError


def seen(motion: FaceMotion) -> FaceSight:
    return replace(GOOD, motion=motion)


RESTING = [GOOD] * 8


class Person:
    """Sits still with a good face until something is asked, and then looks as `does` says, and waits for more of it.

    Fulfils `FaceAnalyser`, `FaceRelief` and `FaceRepetitions`: what it does is what is seen.
    """

    def __init__(self) -> None:
        self.models = {"model": "0" * 64}
        self.deep = True
        self.repetition: Repetition | None = None
        self.missed = 0  # pictures of the camera's that come and go during each look
        self.asked: Challenge | None = None
        self._looks: Iterator[Look] = itertools.repeat(GOOD)
        self._waits = threading.Event()  # for the test, before the next look
        self._goes_on = threading.Event()
        self._goes_on.set()
        self.wanted = self.given = 0  # pictures: the camera may give, and everybody has

    def hears(self, challenge: Challenge | None) -> None:
        """Before the screens do: nothing goes on until they were read."""
        if challenge is not None:
            self.asked = challenge
            self._looks = iter(())
            self._goes_on.clear()

    def does(self, *looks: Look, then: Iterable[Look] = ()) -> None:
        """The next looks; after the last it waits for the test."""
        self._looks = itertools.chain(looks, then)
        self._waits.clear()
        self._goes_on.set()

    @property
    def waits(self) -> bool:
        return self._waits.is_set()

    def look(self, image: Image) -> FaceSight:
        if not self._goes_on.is_set():
            self._waits.set()
            assert self._goes_on.wait(_STUCK_S)
        look = next(self._looks, None)
        while look is None:
            self._goes_on.clear()
            self._waits.set()
            assert self._goes_on.wait(_STUCK_S)
            look = next(self._looks, None)
        if self.missed:
            self.wanted += self.missed
            eventually(lambda: self.given >= self.wanted)
        self.wanted += 1
        if isinstance(look, KnownError):
            raise look
        return look

    def reliefs(self, rest: Image, moved: Sequence[Image]) -> tuple[Relief | None, ...]:
        depth = 0.05 if self.deep else 0.002
        return (Relief(-depth if self.asked is RIGHT else depth, depth),) * len(moved)

    def begin(self) -> None: ...

    def see(self, glances: Sequence[Glance]) -> Repetition | None:
        return self.repetition


class Camera:
    """The next picture comes when the one before it was looked at, however long that takes."""

    identity = DeviceIdentity("camera of a test", practice=True)

    def __init__(self, clock: HandClock, person: Person) -> None:
        self._clock, self._person = clock, person
        self._noise = np.random.default_rng(1)
        self._closed = threading.Event()
        self._read = 0
        self.picture_s = PICTURE_S
        self.failure: KnownError | None = None

    def start(self, t0: float) -> None:
        self._closed.clear()
        self._read = 0
        self._person.wanted, self._person.given = 1, 0

    def look_begins(self) -> None:
        """Somebody has begun to watch, of a camera that may have been open before: a picture is wanted."""
        self._person.wanted = self._read + 1

    def read(self) -> Frame | None:
        self._person.given = self._read  # the one before was handed on by whoever asks for the next
        while self._read == self._person.wanted:
            if self._closed.wait(0.002):
                return None
        self._read += 1
        if self.failure is not None:
            raise self.failure
        self._clock.advance(self.picture_s)
        return Frame(self._clock.monotonic(), self._noise.integers(0, 255, (48, 64, 3), np.uint8))

    def close(self) -> None:
        self._closed.set()


class Matcher(doubles.Matcher):
    """Fails to compare while `failure` stands."""

    failure: KnownError | None = None

    def compare(self, portrait: Image | None, live: Sequence[Image]) -> Comparison:
        if self.failure is not None:
            raise self.failure
        return super().compare(portrait, live)


# mypy holds each double to what it stands for.
_STAND_FOR: tuple[
    type[devices.FaceAnalyser], type[devices.FaceRelief], type[devices.FaceRepetitions], type[devices.Camera]
] = (Person, Person, Person, Camera)


def acts(challenge: Challenge, *amounts: float) -> list[Look]:
    return [seen(act(challenge, amount)) for amount in amounts]


def turned(*degrees: float) -> list[Look]:
    """To the right."""
    return [seen(face(turn_deg=-each)) for each in degrees]


def held(challenge: Challenge, amount: float) -> list[Look]:
    """Begun, and then for 1.5 s as far as this."""
    return acts(challenge, 0.1, 0.2, 0.3, *[amount] * 21)
