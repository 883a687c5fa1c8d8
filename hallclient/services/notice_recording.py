"""Records the customer reading the notice: camera and microphone into the recorder, until told to stop."""

import logging
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np

from hallclient.devices import Clock, Frame, Microphone, Recorder, RecordingReport, Sound
from hallclient.domain.evidence.facts.notice import MUTED_AFTER_S, LineEnd
from hallclient.domain.failures import BugError, FailureCode, KnownError
from hallclient.domain.notice import Notice, shortest_line_s
from hallclient.services.bug_log import report_bug
from hallclient.services.camera_feed import CameraFeed, CameraWatch
from hallclient.services.stop import Stop

_log = logging.getLogger(__name__)


class NoticeRecording:
    """A running recording. It owns microphone and recorder, and watches the camera; `finish` or `abort` ends all three.

    Camera, microphone and recorder are watched while it runs: when one of them dies the recording has a hole, and only
    `abort` is left.
    """

    def __init__(
        self,
        feed: CameraFeed,
        microphone: Microphone,
        recorder: Recorder,
        clock: Clock,
        notice: Notice,
        path: Path,
        data_key: bytes,
        session: str,
        on_frame: Callable[[Frame], None],
        on_level: Callable[[float], None],
        on_trouble: Callable[[KnownError | None], None],
        stop: Stop,
    ) -> None:
        """Begin to record into `path`, and wait for the first picture, or until `stop` is said.

        Args:
            on_frame: gets every picture, on the camera's thread.
            on_level: gets the loudness of each block of sound, 0 to 1, on the microphone's thread.
            on_trouble: gets what has just gone wrong, on any thread, one at a time: microphone_silent, which may pass
                and is then followed by None, or what ends the recording, and nothing after that. It must be quick, and
                call nothing of this recording.

        Raises check_stopped, camera_missing, camera_virtual, camera_stopped, microphone_missing, recorder_failed,
        disk_full.
        """
        self._clock = clock
        self._notice = notice
        self._microphone = microphone
        self._recorder = recorder
        self._on_frame = on_frame
        self._on_level = on_level
        self._on_trouble = on_trouble
        self._stopping = False
        self._lock = threading.Lock()
        self._telling = threading.Lock()
        self._failure: KnownError | None = None
        self._silence = _Silence()
        self._first_picture_s: float | None = None
        self._line_starts_s: list[float] = []  # on the clock
        self._line_ends: list[LineEnd] = []
        self._watch: CameraWatch | None = None
        self._listener: threading.Thread | None = None
        if stop.said:
            raise KnownError(FailureCode.CHECK_STOPPED)
        microphone.start(clock.monotonic())
        try:
            recorder.start(path, data_key, microphone.rate_hz, session)
            self._watch = feed.watch(self._picture, self._fail)
            with stop.heard_by(self._watch.stop):
                self._watch.opened()
                self._listener = threading.Thread(target=self._listen, name="microphone", daemon=True)
                self._listener.start()
                self._watch.first()
            if stop.said:  # with the first picture
                raise KnownError(FailureCode.CHECK_STOPPED)
        except BaseException:
            self.abort()
            raise

    def show_line(self, index: int, end: LineEnd = LineEnd.CLERK) -> None:
        """Line `index` is now before the customer, because of `end` the one before it was read.

        Lines come in their order; an earlier one may come again. Raises recording_too_short and microphone_silent when
        the line before cannot have been read aloud, which goes on being the line; camera_stopped, microphone_stopped,
        recorder_failed, disk_full when the recording has a hole.
        """
        self._raise_failure()
        if not 0 <= index <= len(self._line_starts_s):
            raise BugError("a line was left out")
        if index and index == len(self._line_starts_s):
            self._require_read(index - 1)
        with self._lock:
            self._silence.begin_line()
        del self._line_starts_s[index:], self._line_ends[max(0, index - 1) :]
        if index:
            self._line_ends.append(end)
        self._line_starts_s.append(self._clock.monotonic())

    def finish(self, end: LineEnd = LineEnd.CLERK) -> tuple[RecordingReport, tuple[float, ...], tuple[LineEnd, ...]]:
        """Stop after the last line; the recorder's report, when each line was shown, and who ended it.

        Times are in seconds since the first picture. Raises as `show_line` does; after recording_too_short and
        microphone_silent the recording goes on.
        """
        self._raise_failure()
        if len(self._line_starts_s) != len(self._notice.lines):
            raise KnownError(FailureCode.RECORDING_TOO_SHORT)
        self._require_read(len(self._line_starts_s) - 1)
        self._close_sources()
        self._raise_failure()
        try:
            report = self._recorder.stop()
        except KnownError as error:
            self._break_off(error)
            raise
        zero_s = self._first_picture_s or 0.0
        starts_s = tuple(round(max(0.0, start_s - zero_s), 3) for start_s in self._line_starts_s)
        return report, starts_s, (*self._line_ends, end)

    @property
    def failure(self) -> KnownError | None:
        """What has ended the recording; None while it is whole."""
        return self._failure

    @property
    def longest_silence_s(self) -> float:
        """Seconds of the longest stretch of zeros so far."""
        with self._lock:
            return round(self._silence.longest_s, 3)

    def abort(self) -> None:
        """Stop and keep nothing."""
        try:
            self._close_sources()
        finally:
            self._recorder.abort()

    def _require_read(self, index: int) -> None:
        shown_s = self._clock.monotonic() - self._line_starts_s[index]
        if shown_s < shortest_line_s(self._notice.lines[index]):
            raise KnownError(FailureCode.RECORDING_TOO_SHORT)
        with self._lock:
            heard = self._silence.line_heard
        if not heard:
            raise KnownError(FailureCode.MICROPHONE_SILENT, self._microphone.identity.name)

    def _close_sources(self) -> None:
        self._stopping = True
        with closing(self._microphone):  # whatever becomes of the camera
            try:
                if self._watch is not None:
                    self._watch.close()
            finally:
                if self._listener is not None:
                    self._listener.join()

    def _raise_failure(self) -> None:
        self._watch_recorder()
        if self._failure is not None:
            raise self._failure.again()

    def _fail(self, error: KnownError) -> None:
        self._tell(error, ends=True)

    def _tell(self, trouble: KnownError | None, *, ends: bool = False) -> None:
        """One at a time, and nothing after what ends the recording: whoever shows only the newest shows that."""
        with self._telling:
            if self._stopping or self._failure is not None:
                return
            if ends and trouble is not None:
                self._break_off(trouble)
            self._on_trouble(trouble)

    def _break_off(self, failure: KnownError) -> None:
        self._failure = failure
        _log.warning("the recording of a reading broke off: %s", failure.code)

    def _watch_recorder(self) -> None:
        if not self._stopping and (failure := self._recorder.failure) is not None:
            self._fail(failure)

    def _picture(self, frame: Frame) -> None:
        self._watch_recorder()
        if self._first_picture_s is None:
            self._first_picture_s = frame.time_s
        self._recorder.picture(frame)
        self._on_frame(frame)

    def _listen(self) -> None:
        failure = KnownError(FailureCode.MICROPHONE_STOPPED, self._microphone.identity.name)
        try:
            while not self._stopping and (block := self._microphone.read()) is not None:
                self._heard(block)
        except KnownError as error:
            failure = error
        except Exception as error:  # noqa: BLE001  # a driver may raise anything; the thread ends with a word
            failure = KnownError(FailureCode.MICROPHONE_STOPPED, number=report_bug(error))
        self._fail(failure)

    def _heard(self, block: Sound) -> None:
        self._watch_recorder()
        self._recorder.sound(block)
        with self._lock:
            was_muted = self._silence.muted
            self._silence.add(block, self._microphone.rate_hz)
            muted = self._silence.muted
        self._on_level(_loudness(block))
        if muted is not was_muted:
            name = self._microphone.identity.name
            self._tell(KnownError(FailureCode.MICROPHONE_SILENT, name) if muted else None)


class _Silence:
    """How long a microphone has given nothing but zeros, by its own samples."""

    def __init__(self) -> None:
        self.longest_s = 0.0
        self.line_heard = False  # something else than zeros came since the line was shown
        self._running_s = 0.0

    @property
    def muted(self) -> bool:
        return self._running_s >= MUTED_AFTER_S

    def begin_line(self) -> None:
        self.line_heard = False

    def add(self, block: Sound, rate_hz: int) -> None:
        if block.samples.any():
            self._running_s = 0.0
            self.line_heard = True
        else:
            self._running_s += block.samples.size / rate_hz
            self.longest_s = max(self.longest_s, self._running_s)


def _loudness(block: Sound) -> float:
    """0 for silence (-60 dBFS and below) to 1 for full scale."""
    if block.samples.size == 0:
        return 0.0
    rms = float(np.sqrt(np.mean(np.square(block.samples.astype(np.float32))))) / 32768.0
    return float(np.clip(1.0 + 20.0 * np.log10(max(rms, 1e-6)) / 60.0, 0.0, 1.0))
