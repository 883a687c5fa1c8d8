"""What keeps picture and sound."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hallclient.devices.pictures_and_sound import Frame, Sound
from hallclient.domain.failures import KnownError


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
