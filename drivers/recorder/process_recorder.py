"""The application's half of the recorder."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty, Queue
from threading import Event, RLock, Thread
from typing import IO, Any, BinaryIO, cast

from drivers.recorder.feeder import Feeder
from drivers.recorder.wire import Kind, StartOrder
from hallclient.devices import Entropy, Frame, RecordingReport, Sound
from hallclient.domain.aead_stream import RANDOM_BYTES
from hallclient.domain.failures import BugError, FailureCode, KnownError

# -P: a file in the current folder must not be taken for a module of ours.
_COMMAND = (sys.executable, "-P", "-m", "drivers.recorder.process")
_START_PATIENCE_S = 20.0  # a cold start on a busy old PC
_STOP_PATIENCE_S = 30.0  # two seconds of pictures on a disk that stalls
_END_PATIENCE_S = 5.0
_STALLED_S = 2.0  # a process that takes no picture for so long hangs: encoding one takes milliseconds


class ProcessRecorder:
    """Fulfils `Recorder`. One recording at a time; each has a process of its own."""

    def __init__(self, entropy: Entropy, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`entropy` gives each file its salt and nonces; `monotonic` tells how long a process takes nothing."""
        self._entropy = entropy
        self._monotonic = monotonic
        self._warm: _Process | None = None
        self._warming = RLock()  # a session and the preparation may make it ready at the same time
        self._recording: _Process | None = None
        self._path: Path | None = None

    def prewarm(self) -> None:
        """Start the process of the next recording, so that `start` need not wait for it. Does not wait itself.

        Raises recorder_failed when the operating system has no room for a process.
        """
        with self._warming:
            if self._warm is None or self._warm.dead:
                self._discard_warm()
                self._warm = _Process(self._monotonic)

    def start(self, path: Path, data_key: bytes, rate_hz: int) -> None:
        """Begin a new file at `path`, sealed under `data_key` (32 bytes), with sound of `rate_hz`.

        Raises KnownError: recorder_failed (also when there is such a file already, which is left alone), disk_full.
        """
        if self._recording is not None:
            raise BugError("the recorder is recording already")
        order = StartOrder(path, data_key, self._entropy.token(RANDOM_BYTES), rate_hz).to_payload()
        if path.exists():
            raise KnownError(FailureCode.RECORDER_FAILED, "there is such a file already")
        self.prewarm()
        self._recording, self._path = self._take_warm(), path
        self._recording.feeder.order(Kind.START, order)
        try:
            self._recording.answer("started", _START_PATIENCE_S)
        except KnownError:
            self._end_recording(keep=False)
            raise

    @property
    def failure(self) -> KnownError | None:
        """Why the recording that runs cannot be finished: its process died, or takes nothing. Does not wait."""
        process = self._recording
        return None if process is None else process.failure

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
            process.feeder.picture(frame)

    def sound(self, block: Sound) -> None:
        """Hand over a block of sound without waiting; ignored without a recording."""
        process = self._recording
        if process is not None:
            process.feeder.sound(block)

    def stop(self) -> RecordingReport:
        """Finish the file. Raises KnownError: recorder_failed, disk_full; the torn file is deleted then."""
        process = self._recording
        if process is None:
            raise BugError("the recorder is not recording")
        finished = False
        try:
            if process.failure is not None:  # one that hangs would be waited for in vain
                raise process.failure
            process.feeder.order(Kind.STOP)
            report = process.answer("report", _STOP_PATIENCE_S)
            process.finish()
            finished = True
        finally:
            self._end_recording(keep=finished)
        report["pictures_dropped"] += process.feeder.pictures_dropped
        return RecordingReport(**report)

    def abort(self) -> None:
        """Stop at once and delete the file. Without a recording it ends a prewarmed process."""
        self._discard_warm()
        self._end_recording(keep=False)

    def _end_recording(self, *, keep: bool) -> None:
        """End the process and forget it; what it wrote stays only when it is whole."""
        process, self._recording = self._recording, None
        path, self._path = self._path, None
        if process is not None:
            process.kill()
        if path is not None and not keep:
            path.unlink(missing_ok=True)

    def _take_warm(self) -> "_Process":
        with self._warming:
            if self._warm is None:
                raise BugError("there is no prewarmed process")
            warm, self._warm = self._warm, None
            return warm

    def _discard_warm(self) -> None:
        with self._warming:
            if self._warm is not None:
                self._take_warm().kill()


class _Process:
    """One recorder process, the thread that feeds it, and the thread that listens to it."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        # A session of its own: Ctrl-C in a terminal must not reach it before the application has stopped it.
        try:
            self._popen = subprocess.Popen(
                _COMMAND,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            raise KnownError(FailureCode.RECORDER_FAILED, "no process can be started") from error
        self._stderr = _pipe(self._popen.stderr)
        self._answers: Queue[dict[str, Any] | None] = Queue()
        self._named: FailureCode | None = None  # why it ended, when it could say so
        self._silent = Event()  # it will say no more: it has ended
        self._listener = Thread(
            target=self._listen, args=(_pipe(self._popen.stdout),), name="recorder listener", daemon=True
        )
        self._listener.start()
        self.feeder = Feeder(_pipe(self._popen.stdin), monotonic)
        self.feeder.start()

    @property
    def dead(self) -> bool:
        return self._popen.poll() is not None

    @property
    def failure(self) -> KnownError | None:
        """Why it will not finish its file; None while it works. Does not wait."""
        if self._silent.is_set():
            return KnownError(self._named or FailureCode.RECORDER_FAILED, "the process has ended")
        if self.feeder.blocked_s >= _STALLED_S:
            return KnownError(FailureCode.RECORDER_FAILED, f"the process has taken nothing for {_STALLED_S:.0f} s")
        return None

    @property
    def pid(self) -> int:
        return self._popen.pid

    def answer(self, word: str, patience_s: float) -> Any:
        """Wait for the answer called `word`. Raises recorder_failed, or the failure that the process named."""
        while True:
            try:
                message = self._answers.get(timeout=patience_s)
            except Empty:
                raise KnownError(FailureCode.RECORDER_FAILED, f"no answer in {patience_s:.0f} s") from None
            if message is None:
                self._answers.put(None)  # whoever asks next hears it, too
                raise KnownError(self._named or FailureCode.RECORDER_FAILED, self._last_words())
            if word in message:
                return message[word]

    def finish(self) -> None:
        """Wait for the process to end by itself. Raises recorder_failed."""
        try:
            code = self._popen.wait(_END_PATIENCE_S)
        except subprocess.TimeoutExpired:
            raise KnownError(FailureCode.RECORDER_FAILED, "the process does not end") from None
        if code != 0:
            raise KnownError(FailureCode.RECORDER_FAILED, self._last_words())

    def kill(self) -> None:
        """End the process, if it runs, and everything that belongs to it. A second call does nothing."""
        self._popen.kill()
        self._popen.wait()
        self.feeder.give_up()
        self.feeder.join()
        self._listener.join()
        self._stderr.close()

    def _listen(self, stdout: BinaryIO) -> None:
        try:
            with stdout:
                for line in stdout:
                    if not line.endswith(b"\n"):  # a process that was killed may leave half a line
                        continue
                    message = json.loads(line)
                    if "failed" in message:
                        self._named = FailureCode(message["failed"])
                    else:
                        self._answers.put(message)
        finally:
            self._silent.set()
            self._answers.put(None)

    def _last_words(self) -> str:
        """Exit code and the type of the error; the process says no more than that."""
        try:
            code = self._popen.wait(_END_PATIENCE_S)
        except subprocess.TimeoutExpired:
            return "the process does not end"
        words = self._stderr.read().decode(errors="replace").split()
        return f"exit {code}" + (f" {words[-1]}" if words and words[-1].isidentifier() else "")


def _pipe(stream: IO[bytes] | None) -> BinaryIO:
    if stream is None:
        raise BugError("a pipe was asked for")
    return cast("BinaryIO", stream)
