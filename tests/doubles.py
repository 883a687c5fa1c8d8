"""Devices that do exactly what a test tells them, for tests of the rules above the devices.

Nothing here is used by the product: the practice devices, which are, live in `drivers/practice`.
"""

import datetime as dt
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np

from hallclient import devices
from hallclient.devices import (
    FaceEngines,
    FaceSight,
    Frame,
    Glance,
    Image,
    ReaderState,
    ReaderStatus,
    RecordingReport,
    Sound,
)
from hallclient.domain.aead_stream import SealedWriter
from hallclient.domain.card import CardKind, CardReading, CardRecord, ReaderIdentity
from hallclient.domain.comparison import Comparison, Decision, EngineIdentity, Thresholds
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.face_motion import FaceMotion
from hallclient.domain.failures import BugError, FailureCode, KnownError
from hallclient.domain.liveness import Challenge, Relief
from hallclient.domain.repetition import Repetition
from hallclient.services.equipment import Equipment
from tests.clock import CountingEntropy, HandClock
from tests.hallclient.domain import program_face

_PACE = threading.Event()  # never set: devices take a little time, or their threads would take all of the machine's
_LOOK_PATIENCE_S = 0.1
_CAMERAS = count(1)
_RECORDED_S = 3600.0  # longer than anybody reads to it: its pictures come by another clock
CUSTOMER = "钱𠮷客户"
NUMBER = "11010519491231002X"
READER = ReaderIdentity("Reader of a test 00", "test", "none", practice=True)


def card_reading(**changes: object) -> CardReading:
    """A resident's card, with `changes` to its record."""
    values: dict[str, object] = {
        "kind": CardKind.RESIDENT,
        "name": CUSTOMER,
        "sex_code": "2",
        "nation_code": "01",
        "birth": dt.date(1949, 12, 31),
        "address": "演练路 1 号",
        "number": NUMBER,
        "authority": "演练公安局",
        "valid_from": dt.date(2020, 1, 1),
        "valid_to": dt.date(2040, 1, 1),
        "long_term": False,
        "raw": bytes(256),
    }
    return CardReading(CardRecord(**{**values, **changes}), b"a portrait", "05.01", READER)  # type: ignore[arg-type]


class Reader:
    """Gives `reading`, or raises it when it is an error."""

    def __init__(self, reading: CardReading | KnownError) -> None:
        self.reading = reading
        self.asked: list[tuple[float, float | None]] = []

    def watch(self, listener: Callable[[ReaderStatus], None]) -> None:
        listener(ReaderStatus(ReaderState.READY, READER, None))

    def read(
        self, timeout_s: float, reader: str | None = None, *, put_down_since_s: float | None = None
    ) -> CardReading:
        self.asked.append((timeout_s, put_down_since_s))
        if isinstance(self.reading, KnownError):
            raise self.reading
        return self.reading

    def close(self) -> None: ...


class PortraitDecoder:
    def __init__(self, picture: Image | None) -> None:
        self.picture = picture

    def decode(self, portrait: bytes) -> Image | None:
        return self.picture


class Camera:
    """A picture every 40 ms of the test's clock, without waiting; `failure` comes after `pictures` of them.

    While a `customer` is looked at, the next picture comes when the one before it was: none is lost on a busy machine.
    """

    identity = DeviceIdentity("camera of a test", practice=True)

    def __init__(
        self,
        clock: HandClock,
        failure: Exception | None = None,
        pictures: int = 0,
        customer: "Customer | None" = None,
    ) -> None:
        self._clock = clock
        self._customer = customer
        self._noise = np.random.default_rng(next(_CAMERAS))  # no two cameras give the same picture
        self.failure = failure
        self.pictures = pictures
        self.read_so_far = 0
        self.open = False

    def start(self, t0: float) -> None:
        if isinstance(self.failure, KnownError) and self.failure.code is FailureCode.CAMERA_MISSING:
            raise self.failure
        self.open = True
        if self._customer is not None:
            self._customer.is_looked_at = False

    def read(self) -> Frame | None:
        if self.failure is not None and self.pictures == 0:
            raise self.failure
        self.pictures -= 1
        self.read_so_far += 1
        if self._customer is not None and self._customer.is_looked_at:
            self._customer.looks.wait(_LOOK_PATIENCE_S)
            self._customer.looks.clear()
        else:
            _PACE.wait(0.002)
        # 14 a second where it waits for each to be looked at: more are not all looked at.
        self._clock.advance(0.04 if self._customer is None else 0.07)
        return Frame(self._clock.monotonic(), self._noise.integers(0, 255, (48, 64, 3), np.uint8))

    def close(self) -> None:
        self.open = False


class Microphone:
    """A faint noise, 20 ms at a time from its start on.

    Nothing but zeros while `muted`, and what `failure` says while there is one.
    """

    identity = DeviceIdentity("microphone of a test", practice=True)
    rate_hz = 16000

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.open = False
        self.muted = False
        self._time_s = 0.0

    def start(self, t0: float) -> None:
        if self.failure is not None:
            raise self.failure
        self.open, self._time_s = True, t0

    def read(self) -> Sound | None:
        if self.failure is not None:
            raise self.failure
        _PACE.wait(0.002)
        self._time_s += 0.02
        return Sound(self._time_s - 0.02, np.full(320, 0 if self.muted else 3, np.int16))

    def close(self) -> None:
        self.open = False


class Recorder:
    """Encrypts a few bytes as if they were a recording; `die` is what kill -9 is to the real one.

    `dies_at_stop` is raised by `stop`. Held to the same contract as the real one (tests/drivers/recorder).
    """

    def __init__(self, dies_at_stop: KnownError | None = None) -> None:
        self.dies_at_stop = dies_at_stop
        self.path: Path | None = None
        self.pictures = 0
        self._failure: KnownError | None = None

    @property
    def failure(self) -> KnownError | None:
        return self._failure

    def prewarm(self) -> None: ...

    def await_ready(self) -> None: ...

    def close(self) -> None:
        self.abort()

    def start(self, path: Path, data_key: bytes, rate_hz: int, session: str) -> None:
        if self.path is not None:
            raise BugError("the recorder is recording already")
        if path.exists():
            raise KnownError(FailureCode.RECORDER_FAILED, "there is such a file already")
        self.path = path
        with path.open("xb") as file, SealedWriter(file, data_key, CountingEntropy().token(39)) as writer:
            writer.write(f"a video of {session}".encode())
        self._writer = writer

    def picture(self, frame: Frame) -> None:
        if self.path is not None and self._failure is None:
            self.pictures += 1

    def sound(self, block: Sound) -> None: ...

    def die(self, code: FailureCode = FailureCode.RECORDER_FAILED) -> None:
        self._failure = KnownError(code, "exit -9")

    def stop(self) -> RecordingReport:
        if self.path is None:
            raise BugError("the recorder is not recording")
        failure = self._failure or self.dies_at_stop
        if failure is not None:
            self.abort()
            raise failure
        self.path = None
        return RecordingReport(_RECORDED_S, 175, 0, _RECORDED_S, self._writer.plain_bytes, self._writer.plain_sha256)

    def abort(self) -> None:
        path, self.path, self._failure = self.path, None, None
        if path is not None:
            path.unlink(missing_ok=True)


class Customer:
    """Sits before the camera, sees to it that every picture is fine, and does what is asked at once.

    Fulfils `FaceAnalyser` and `FaceRelief`: what it does is what is seen. `obeys`: otherwise it sits still.
    """

    def __init__(self, sight: FaceSight | None = None, *, obeys: bool = True) -> None:
        self._sight = sight or FaceSight(1, (10.0, 10.0, 20.0, 20.0), 0.8)
        self.obeys = obeys
        self._acts: list[FaceMotion] = []
        self._asked: Challenge | None = None
        self.models = {"model": "0" * 64}
        self.looks = threading.Event()
        self.is_looked_at = False

    def asked(self, challenge: Challenge | None) -> None:
        self._asked = challenge or self._asked
        if challenge is not None and self.obeys:
            self._acts = [program_face.face()] * 5 + program_face.acted(challenge)

    def look(self, image: Image) -> FaceSight:
        self.is_looked_at = True
        self.looks.set()
        return replace(self._sight, motion=self._acts.pop(0) if self._acts else program_face.face())

    def reliefs(self, rest: Image, moved: Sequence[Image]) -> tuple[Relief | None, ...]:
        return (Relief(-0.035 if self._asked is Challenge.TURN_RIGHT else 0.035, 0.03),) * len(moved)


class Repetitions:
    """Says `said` to every picture, and remembers the glances."""

    def __init__(self, said: Repetition | None = None) -> None:
        self.said = said
        self.glances: list[Glance] = []

    def begin(self) -> None:
        self.glances.clear()

    def see(self, glances: Sequence[Glance]) -> Repetition | None:
        self.glances.extend(glances)
        return self.said


class Matcher:
    """Compares any two pictures with `score`."""

    identity = EngineIdentity("engine of a test", "1", {"model": "0" * 64})
    thresholds = Thresholds(0.44, 0.30, 1e-4, "test", "2026-11-22")

    def __init__(self, score: float = 0.6, likeness: float | None = 0.9) -> None:
        self.score = score
        self.lowest_likeness = likeness
        self.held_together: list[Image] = []

    def compare(self, portrait: Image | None, live: Sequence[Image]) -> Comparison:
        if portrait is None:
            return Comparison(Decision.NO_PORTRAIT, None, self.thresholds, self.identity)
        return Comparison(self.thresholds.decide(self.score), self.score, self.thresholds, self.identity)

    def likeness(self, images: Sequence[Image]) -> float | None:
        self.held_together = list(images)
        return self.lowest_likeness


class Printer:
    def __init__(self, file: Path | None = None) -> None:
        self.practice = file is not None
        self.file = file
        self.printed: list[bytes] = []

    def print_pdf(self, pdf: bytes) -> Path | None:
        self.printed.append(pdf)
        return self.file


def equipment(
    clock: HandClock, *, customer: Customer | None = None, matcher: Matcher | None = None, **changes: object
) -> Equipment:
    """A counter whose devices all work, with `changes`, and a customer before it."""
    customer = customer or Customer()
    values: dict[str, object] = {
        "card_reader": Reader(card_reading()),
        "portrait_decoder": PortraitDecoder(np.full((126, 102, 3), 200, np.uint8)),
        "camera": Camera(clock, customer=customer),
        "faces": FaceEngines(customer, customer, matcher or Matcher(), Repetitions()),
        "microphone": Microphone(),
        "recorder": Recorder(),
        "printer": Printer(),
        "practice_pen": True,
    }
    return Equipment(**{**values, **changes})  # type: ignore[arg-type]


# mypy holds each double to what it stands for: one that drifts from its protocol is a type error here.
_STAND_FOR: tuple[
    type[devices.CardReader],
    type[devices.PortraitDecoder],
    type[devices.Camera],
    type[devices.Microphone],
    type[devices.Recorder],
    type[devices.FaceAnalyser],
    type[devices.FaceRelief],
    type[devices.FaceRepetitions],
    type[devices.FaceMatcher],
    type[devices.Printer],
] = (Reader, PortraitDecoder, Camera, Microphone, Recorder, Customer, Customer, Repetitions, Matcher, Printer)
