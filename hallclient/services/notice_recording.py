"""Records the customer reading the notice: camera and microphone into the recorder, until told to stop."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np

from hallclient.devices import Clock, Frame, Microphone, RecordingReport, Sound
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.services.camera_feed import CameraFeed
from hallclient.services.equipment import Equipment

SHORTEST_LINE_S = 0.5  # a line that was shown for less was not read


class NoticeRecording:
    """A running recording. It owns camera, microphone and recorder; `finish` or `abort` lets go of all three."""

    def __init__(
        self,
        equipment: Equipment,
        clock: Clock,
        path: Path,
        data_key: bytes,
        on_frame: Callable[[Frame], None],
        on_level: Callable[[float], None],
    ) -> None:
        """Begin to record into `path`.

        Args:
            on_frame: gets every picture, on the camera's thread.
            on_level: gets the loudness of each block of sound, 0 to 1, on the microphone's thread.

        Raises camera_missing, microphone_missing, recorder_failed.
        """
        self._clock = clock
        self._recorder = equipment.recorder
        self._on_frame = on_frame
        self._on_level = on_level
        self._line_starts: list[float] = []
        self._stopping = False
        self._sound_failure: KnownError | None = None
        microphone = equipment.microphone
        self._microphone = microphone
        microphone.start(clock.monotonic())
        try:
            self._recorder.start(path, data_key, microphone.rate_hz)
            try:
                self._feed = CameraFeed(equipment.camera, clock, self._picture)
            except KnownError:
                self._recorder.abort()
                raise
        except KnownError:
            microphone.close()
            raise
        self._begun = clock.monotonic()
        self._listener = threading.Thread(target=self._listen, args=(microphone,), name="microphone")
        self._listener.start()

    def show_line(self, index: int) -> None:
        """Line `index` is now before the customer; lines come in their order and may come again.

        Raises camera_stopped, microphone_stopped when the recording has a hole.
        """
        self._raise_failure()
        del self._line_starts[index:]
        self._line_starts.append(round(self._clock.monotonic() - self._begun, 3))

    def finish(self, lines: int) -> tuple[RecordingReport, tuple[float, ...]]:
        """Stop; returns the recorder's report and when each of the `lines` lines was shown.

        Raises recording_too_short (and goes on recording), and for a hole camera_stopped, microphone_stopped,
        recorder_failed.
        """
        self._raise_failure()
        now = self._clock.monotonic() - self._begun
        ends = [*self._line_starts[1:], now]
        shortest = min((end - start for start, end in zip(self._line_starts, ends, strict=True)), default=0.0)
        if len(self._line_starts) != lines or shortest < SHORTEST_LINE_S:
            raise KnownError(FailureCode.RECORDING_TOO_SHORT)
        self._close_sources()
        return self._recorder.stop(), tuple(self._line_starts)

    def abort(self) -> None:
        """Stop and keep nothing."""
        self._close_sources()
        self._recorder.abort()

    def _close_sources(self) -> None:
        self._stopping = True
        self._feed.close()
        self._listener.join()
        self._microphone.close()

    def _raise_failure(self) -> None:
        failure = self._feed.failure or self._sound_failure
        if failure is not None:
            raise failure

    def _picture(self, frame: Frame) -> None:
        self._recorder.picture(frame)
        self._on_frame(frame)

    def _listen(self, microphone: Microphone) -> None:
        failure = KnownError(FailureCode.MICROPHONE_STOPPED)
        try:
            while not self._stopping and (block := microphone.read()) is not None:
                self._recorder.sound(block)
                self._on_level(_loudness(block))
        except KnownError as error:
            failure = error
        if not self._stopping:
            self._sound_failure = failure


def _loudness(block: Sound) -> float:
    """0 for silence (-60 dBFS and below) to 1 for full scale."""
    if block.samples.size == 0:
        return 0.0
    rms = float(np.sqrt(np.mean(np.square(block.samples.astype(np.float32))))) / 32768.0
    return float(np.clip(1.0 + 20.0 * np.log10(max(rms, 1e-6)) / 60.0, 0.0, 1.0))
