"""The protocols that a device or an engine fulfils. Nothing here knows a driver.

Blocking calls block at most the time that they name. All raise `KnownError` for what the environment did and may be
called from any one thread; none is called from the screen's thread.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeGuard

import numpy as np
import numpy.typing as npt

from hallclient.domain.card import CardReading, ReaderIdentity
from hallclient.domain.comparison import Comparison, EngineIdentity, Thresholds
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.face_motion import FaceMotion
from hallclient.domain.face_remark import FaceRemark
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.liveness import Relief
from hallclient.domain.repetition import Repetition

Image = npt.NDArray[np.uint8]
Samples = npt.NDArray[np.int16]


def is_bgr(image: object) -> TypeGuard[Image]:
    """Whether this is what every picture here is: height x width x 3 of uint8. It may be empty."""
    return isinstance(image, np.ndarray) and image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3


class Clock(Protocol):
    """Time, passed in so that tests control it. Durations use `monotonic`, never `now`."""

    def now(self) -> datetime:
        """Wall-clock time with its time zone."""
        ...

    def monotonic(self) -> float:
        """Seconds that only grow, from an arbitrary start."""
        ...


class Entropy(Protocol):
    """Randomness for keys and ids, passed in so that tests control it."""

    def token(self, length: int) -> bytes:
        """`length` unpredictable bytes."""
        ...


class ReaderState(StrEnum):
    """What a reader is doing, as a clerk would say it."""

    TROUBLE = "trouble"
    READY = "ready"
    READING = "reading"
    CARD_READ = "card_read"


@dataclass(frozen=True, slots=True)
class ReaderStatus:
    """A reader's state now. `failure` says why when `state` is TROUBLE; `reader` is None when there is none.

    `detail` and `number` are the failure's: facts for the operator's IT; the number of an internal_error in the log.
    """

    state: ReaderState
    reader: ReaderIdentity | None
    failure: FailureCode | None
    detail: str = ""
    number: str | None = None


class CardReader(Protocol):
    """The hall's ID-card readers as one device: found, lost and found again while running."""

    def watch(self, listener: Callable[[ReaderStatus], None]) -> None:
        """Call `listener` with the state when it is known, then at each change; on any thread, one at a time."""
        ...

    def read(
        self, timeout_s: float, reader: str | None = None, *, put_down_since_s: float | None = None
    ) -> CardReading:
        """Wait up to `timeout_s` for a card and read it once: on the reader of that name, or on whichever it is put.

        With `put_down_since_s`, of the monotonic clock, a card counts only when it was seen to come after that: one
        that lay there before may be somebody else's. It is told to the watchers at once, and raised at the end of the
        time: card_needs_lifting.

        Raises KnownError: reader_service_down, reader_service_hung, reader_missing, card_missing, card_removed,
        card_unreadable, card_needs_lifting, reader_busy, reader_without_sam, reader_too_old, reader_failed,
        card_kind_unsupported.
        """
        ...

    def close(self) -> None:
        """Stop watching and let go of the reader."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture. `time_s` is monotonic; `image` is BGR, height x width x 3, uint8, and never changed in place."""

    time_s: float
    image: Image


class Camera(Protocol):
    """A source of pictures paced by the clock."""

    @property
    def identity(self) -> DeviceIdentity:
        """Which it is; what is known of it may change with `start`, when another one was plugged in."""
        ...

    def start(self, t0: float) -> None:
        """Open the device, after letting go of it if it was open; `t0` is the monotonic time that counts as the start.

        When `close` or another `start` is called on another thread before this one has ended, this one fails: late
        perhaps, as no driver may be interrupted while it opens. It lets go of what it opened itself, and of nothing
        that is another's. Raises camera_missing, also for that.
        """
        ...

    def read(self) -> Frame | None:
        """The next picture, at most 3 s later (the first: 5 s); None when the camera has ended for good.

        Times need not grow from one to the next; they do in the long run. Raises camera_stopped.
        """
        ...

    def close(self) -> None:
        """Let go of the device; harmless when it was not started. A `read` on another thread ends soon, with None.

        A `start` that is under way on another thread is not waited for, and fails.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """A block of sound. `time_s` is the monotonic time of its first sample; `samples` is mono, int16."""

    time_s: float
    samples: Samples


class Microphone(Protocol):
    """A source of sound paced by the clock. What `identity` and `rate_hz` say is known after `start`."""

    @property
    def identity(self) -> DeviceIdentity: ...

    @property
    def rate_hz(self) -> int:
        """Samples per second, 8,000 to 96,000."""
        ...

    def start(self, t0: float) -> None:
        """Open the device. Raises microphone_missing."""
        ...

    def read(self) -> Sound | None:
        """The next block, at most 1 s later; None when the microphone has ended. Raises microphone_stopped."""
        ...

    def close(self) -> None:
        """Let go of the device; harmless when it was not started."""
        ...


@dataclass(frozen=True, slots=True)
class RecordingReport:
    """What a finished recording holds.

    Attributes:
        duration_s: from the first to the last picture.
        pictures: written.
        pictures_dropped: handed over but not written, because the recorder was late or they came with a time not after
            the one before.
        sound_s: seconds of sound written.
        plain_bytes, plain_sha256: of the Matroska stream before encryption.
    """

    duration_s: float
    pictures: int
    pictures_dropped: int
    sound_s: float
    plain_bytes: int
    plain_sha256: str


class Recorder(Protocol):
    """Writes picture and sound into one encrypted file, in a process of its own.

    `picture` and `sound` never block: what a late recorder cannot take is dropped. Such pictures are counted; sound is
    dropped only when a minute of it waits, and by then the recorder has long been told as hung. A file that cannot be
    finished is deleted as soon as that is known to whoever calls, so the next `start` at the same path works.
    """

    @property
    def failure(self) -> KnownError | None:
        """Why the recording that runs cannot be finished (it died, or hangs); None while it works. Does not wait.

        Told within 1 s of a death, and once it has taken nothing for 5 s; then until the recording is stopped or
        aborted. A disk that is slow is no hang: it may take 10 s over one piece of work.
        """
        ...

    def prewarm(self) -> None:
        """Make ready, so that `start` does not keep a customer waiting; waits for nothing. Raises recorder_failed."""
        ...

    def await_ready(self) -> None:
        """Wait until it could begin a recording at once, made ready if need be. Raises recorder_failed."""
        ...

    def start(self, path: Path, data_key: bytes, rate_hz: int, session: str) -> None:
        """Begin a new file at `path` (an `aead_stream` under `data_key`), with sound of `rate_hz`.

        The id of `session` stands in the file's own tags, at its beginning.

        Raises disk_full, and recorder_failed, also when there is a file already; that one is left alone.
        """
        ...

    def picture(self, frame: Frame) -> None: ...

    def sound(self, block: Sound) -> None: ...

    def stop(self) -> RecordingReport:
        """Finish the file. Raises recorder_failed, disk_full when that fails: the file is deleted then."""
        ...

    def abort(self) -> None:
        """Stop at once and delete the file: an aborted recording is never kept. Harmless without a recording.

        What was made ready for the next recording stays ready.
        """
        ...

    def close(self) -> None:
        """Abort the recording and let go of everything that was made ready."""
        ...


@dataclass(frozen=True, slots=True)
class FaceSight:
    """What one picture shows.

    Attributes:
        count: faces found.
        box: left, top, width, height of the largest face in pixels; None without a face.
        quality: 0 to 1, larger is better for comparing; 0 unless exactly one face is there.
        remark: the one thing to change; None when the picture is good enough to compare.
        motion: where the face is and how nose, lids and lips stand; None unless exactly one face is there.
        after_loss: whoever looks was lost and replaced since the look before: what was between them nobody saw.
    """

    count: int
    box: tuple[float, float, float, float] | None
    quality: float
    remark: FaceRemark | None = None
    motion: FaceMotion | None = None
    after_loss: bool = False


class FaceAnalyser(Protocol):
    """Sees what a picture of a person shows, without knowing who it is."""

    def look(self, image: Image) -> FaceSight:
        """What a BGR picture shows. A NaN-free uint8 picture of any size; an empty one shows no face."""
        ...


class FaceRelief(Protocol):
    """Tells a face with depth from a picture of one.

    Attributes:
        models: SHA-256 of each model file that seeing a live face rests on, by its name.
    """

    models: dict[str, str]

    def reliefs(self, rest: Image, moved: Sequence[Image]) -> tuple[Relief | None, ...]:
        """How the nose moved against the skin around it from one BGR picture to each of the others of the same face.

        None where one of the two does not show exactly one face.
        """
        ...


@dataclass(frozen=True, slots=True)
class Glance:
    """What is kept of a picture of the camera that need not be looked at.

    Attributes:
        time_s: the picture's time.
        samples: a few hundred of its raw values of one colour, always at the same places.
    """

    time_s: float
    samples: bytes


class FaceRepetitions(Protocol):
    """Tells live pictures from a still or a clip, by every picture of the camera since `begin`."""

    def begin(self) -> None:
        """Forget all pictures: those that come now are of another opening of the camera."""
        ...

    def see(self, glances: Sequence[Glance]) -> Repetition | None:
        """What the pictures up to `glances` (all since the last call, oldest first) do; the first thing of several."""
        ...


class FaceMatcher(Protocol):
    """Compares faces: an engine."""

    identity: EngineIdentity
    thresholds: Thresholds

    def compare(self, portrait: Image | None, live: Sequence[Image]) -> Comparison:
        """Compare the chip's portrait (None when there is none) with one or more pictures of one live person.

        All are BGR. Several live pictures are averaged; one of them without exactly one face decides for all.
        """
        ...

    def likeness(self, images: Sequence[Image]) -> float | None:
        """The lowest score of any later picture against the first: whether all show one person.

        None when there are fewer than two pictures or one has no face.
        """
        ...


@dataclass(frozen=True, slots=True)
class FaceEngines:
    """What looks at pictures of faces."""

    analyser: FaceAnalyser
    relief: FaceRelief
    matcher: FaceMatcher
    repetitions: FaceRepetitions


class FaceWorker(Protocol):
    """The process that the face engines live in, where they do not live in the application's."""

    def prewarm(self) -> None:
        """Start it without waiting, so that the first customer need not. Raises face_worker_failed."""
        ...

    def await_ready(self) -> None:
        """Wait until it has loaded its models, started if need be. Raises face_worker_failed, model_changed."""
        ...

    def watch(self, listener: Callable[[], None]) -> None:
        """Call `listener`, which must be quick, whenever it was lost and has been started again.

        It is called on the thread whose call found the loss, before that call goes on; it may ask something itself.
        """
        ...

    def prepare(self, images: Sequence[Image]) -> None:
        """Let it do now, of pictures that were looked at, what they will be compared by, so that a verdict is not
        waited for. Waits for nothing and raises nothing: what it does not do now it does when it is asked.
        """
        ...

    def forget(self) -> None:
        """Let it keep nothing of any face that it has seen. Waits for nothing and raises nothing, whatever it does.

        For the thread that looks. Pictures that are asked about later are seen as if for the first time.
        """
        ...


class PortraitDecoder(Protocol):
    """Turns the chip's portrait bytes into a picture."""

    def decode(self, portrait: bytes) -> Image | None:
        """BGR picture, or None when no decoder on this machine knows the format (WLT without a vendor's library)."""
        ...


class Printer(Protocol):
    """Prints a finished PDF.

    Attributes:
        practice: it puts no ink on paper but a file on the disk, and prints documents of practice halls only.
    """

    @property
    def practice(self) -> bool: ...

    def print_pdf(self, pdf: bytes) -> Path | None:
        """Hand the document to the printer. Raises printer_failed.

        A real one's document never touches the disk in the clear, and the answer is None; a practice one answers with
        the file that stands for the paper.
        """
        ...
