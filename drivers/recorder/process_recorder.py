"""The application's half of the recorder."""

import logging
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import RLock

from pydantic import TypeAdapter, ValidationError

from drivers.child_process import ChildProcess, LostError
from drivers.recorder.wire import Kind, StartOrder, picture_payload, sound_payload
from hallclient.devices import Entropy, Frame, RecordingReport, Sound
from hallclient.domain.aead_stream import RANDOM_BYTES
from hallclient.domain.failures import BugError, FailureCode, KnownError

# -P: a file in the current folder must not be taken for a module of ours.
_COMMAND = (sys.executable, "-P", "-m", "drivers.recorder.process")
_START_PATIENCE_S = 20.0  # a cold start on a busy old PC
_STOP_PATIENCE_S = 30.0  # two seconds of pictures on a disk that stalls, by a process that says that it goes on
# A process that takes no picture for so long, or says nothing while it finishes, hangs: it encodes a picture in
# milliseconds and waits for no disk in silence. Beside two busy loops on two cores 2 s were once too few
# (tests.soak.busy). One that died is told at once.
_STALLED_S = 5.0
_LOOK_AGAIN_S = 0.2  # at one that finishes
_MOST_PICTURES = 50  # that wait: two seconds; 46 MB at 640x480
_MOST_SOUNDS = 3000  # a minute of 20 ms blocks: small, and a hole in the sound is worse than one in the pictures
_MOST_ANSWER_BYTES = 64 * 1024

_log = logging.getLogger(__name__)
_REPORT = TypeAdapter(RecordingReport)


class ProcessRecorder:
    """Fulfils `Recorder`. One recording at a time; each has a process of its own."""

    def __init__(self, entropy: Entropy, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`entropy` gives each file its salt and nonces; `monotonic` tells how long a process takes nothing."""
        self._entropy = entropy
        self._monotonic = monotonic
        self._warm: ChildProcess | None = None
        self._warming = RLock()  # a session and the preparation make it ready, another thread closes: all at once
        self._closed = False
        self._recording: ChildProcess | None = None
        self._path: Path | None = None
        self._dropped = 0  # pictures for which the process was late or gone

    def prewarm(self) -> None:
        """Start the process of the next recording, so that `start` need not wait for it. Does not wait itself.

        Raises recorder_failed when the operating system has no room for a process, and after `close`.
        """
        with self._warming:
            if self._closed:
                raise KnownError(FailureCode.RECORDER_FAILED, "closed")
            if self._warm is None or self._warm.failure is not None:
                self._discard_warm()
                self._warm = ChildProcess(
                    _COMMAND,
                    FailureCode.RECORDER_FAILED,
                    most_bytes=_MOST_ANSWER_BYTES,
                    monotonic=self._monotonic,
                )

    def await_ready(self) -> None:
        """As `Recorder.await_ready`."""
        with self._warming:
            self.prewarm()
            process = self._warm
        if process is None:
            raise BugError("there is no prewarmed process")
        try:
            process.await_ready(_START_PATIENCE_S)
        except KnownError:
            with self._warming:
                if self._warm is not process:  # a recording has taken it: what became of it is told there
                    return
                self._discard_warm()  # another one is started when somebody asks
            raise

    def start(self, path: Path, data_key: bytes, rate_hz: int, session: str) -> None:
        """Begin a new file at `path`, sealed under `data_key` (32 bytes), with sound of `rate_hz`, of `session`.

        Raises KnownError: recorder_failed (also when there is such a file already, which is left alone), disk_full.
        """
        if self._recording is not None:
            raise BugError("the recorder is recording already")
        order = StartOrder(path, data_key, self._entropy.token(RANDOM_BYTES), rate_hz, session).to_payload()
        if path.exists():
            raise KnownError(FailureCode.RECORDER_FAILED, "there is such a file already")
        with self._warming:
            self.prewarm()
            process = self._take_warm()
            self._recording, self._path, self._dropped = process, path, 0
        process.feed(Kind.START, order)
        try:
            process.take(_START_PATIENCE_S)
        except KnownError:
            self._end_recording(keep=False)
            raise

    @property
    def failure(self) -> KnownError | None:
        """Why the recording that runs cannot be finished: its process died, or takes nothing. Does not wait.

        Once said it is said until the recording is stopped or aborted, though the process may stir again.
        """
        process = self._recording
        if process is None:
            return None
        if process.failure is None and process.blocked_s >= _STALLED_S:
            process.give_up(f"the process has taken nothing for {_STALLED_S:.0f} s")
        return process.failure

    @property
    def pid(self) -> int | None:
        """The process id of the recording that runs, or of the process that is ready for one, for diagnosis."""
        process = self._recording or self._warm
        return None if process is None else process.pid

    def picture(self, frame: Frame) -> None:
        """Hand over a picture without waiting; dropped and counted when the process is late or dead.

        Without a recording it is ignored: the camera goes on while another thread stops the recording.
        """
        process = self._recording
        if process is not None:
            taken = process.feed(Kind.PICTURE, *picture_payload(frame), most=_MOST_PICTURES)
            self._dropped += not taken

    def sound(self, block: Sound) -> None:
        """Hand over a block of sound without waiting; ignored without a recording."""
        process = self._recording
        if process is not None:
            process.feed(Kind.SOUND, *sound_payload(block), most=_MOST_SOUNDS)

    def stop(self) -> RecordingReport:
        """Finish the file. Raises KnownError: recorder_failed, disk_full; the torn file is deleted then.

        A process that takes nothing and says nothing is waited for as long as while it records (`failure`).
        """
        process = self._recording
        if process is None:
            raise BugError("the recorder is not recording")
        finished = False
        try:
            if (failure := self.failure) is not None:  # one that hangs would be waited for in vain
                raise failure.again()
            process.feed(Kind.STOP)
            report = _REPORT.validate_json(self._said_in_the_end(process))
            finished = True
        except ValidationError:
            raise KnownError(FailureCode.RECORDER_FAILED, "a report that makes no sense") from None
        finally:
            self._end_recording(keep=finished)
        return replace(report, pictures_dropped=report.pictures_dropped + self._dropped)

    def abort(self) -> None:
        """Stop at once and delete the file; the process that is warm for the next recording stays."""
        self._end_recording(keep=False)

    def close(self) -> None:
        """Abort the recording, and end the process that is warm for the next one. Whoever still asks is refused."""
        with self._warming:
            self._closed = True
            self._discard_warm()
        self.abort()

    def _said_in_the_end(self, process: ChildProcess) -> bytes:
        """The report of one that was told to stop. Raises KnownError, also when it moves no more."""
        moved_s = begun_s = self._monotonic()
        while (now_s := self._monotonic()) - begun_s < _STOP_PATIENCE_S:
            ended = process.failure is not None  # before it is asked: the last that it said may come in between
            try:
                said = process.take(_LOOK_AGAIN_S)
            except LostError:
                if ended:
                    raise
                if process.blocked_s > 0:  # it is at what came before: a sign is each picture that it takes
                    moved_s = now_s - process.blocked_s
                if now_s - moved_s >= _STALLED_S:
                    process.give_up(f"the process has not gone on for {_STALLED_S:.0f} s")
            else:
                if said:
                    return said
                moved_s = now_s
        raise KnownError(FailureCode.RECORDER_FAILED, f"not finished in {_STOP_PATIENCE_S:.0f} s")

    def _end_recording(self, *, keep: bool) -> None:
        """End the process and forget it; what it wrote stays only when it is whole."""
        process, self._recording = self._recording, None
        path, self._path = self._path, None
        if process is not None:
            process.end()
        if path is not None and not keep:
            try:
                path.unlink(missing_ok=True)
            except OSError as error:  # it is encrypted, and goes before the next recording, or when the hall is opened
                _log.warning("an aborted recording is still there: errno %s", error.errno)

    def _take_warm(self) -> ChildProcess:
        with self._warming:
            if self._warm is None:
                raise BugError("there is no prewarmed process")
            warm, self._warm = self._warm, None
            return warm

    def _discard_warm(self) -> None:
        with self._warming:
            if self._warm is not None:
                self._take_warm().end()
