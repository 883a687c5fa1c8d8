"""The application's half of the practice camera: it reads the pictures of a process, as a driver reads a device's."""

import struct
import sys
import time
from collections.abc import Sequence
from threading import Lock

import numpy as np

from drivers.child_process import ChildProcess, LostError
from drivers.practice.camera_wire import Order, frame_from, start_payload
from hallclient.devices import Frame, Image
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.liveness import Challenge

# -P: a file in the current folder must not be taken for a module of ours.
_COMMAND = (sys.executable, "-P", "-m", "drivers.practice.camera_process")
_START_PATIENCE_S = 20.0  # a cold start on a busy old PC
_PATIENCE_S = 3.0  # a process that dies says so at once; one of a busy PC may wait seconds for its turn
_MOST_BYTES = 16 * 1024 * 1024


class PracticeCamera:
    """Fulfils `Camera`: 640x480 at 25 per second of somebody who sways a little, blurred at first.

    The pictures are drawn in a process of their own, as no camera's are made by the application: a busy PC loses some
    of them, and they delay none of the screen's work. Their times are when they were due on the monotonic clock, which
    is one for all processes of a machine. The process lives from `start` to `close` and ends with the application.
    """

    def __init__(
        self,
        still: Image,
        *,
        stops_after_s: float | None = None,
        command: Sequence[str] = _COMMAND,
    ) -> None:
        """Show the person of `still` (BGR, 4:3, exactly one face); starts nothing yet.

        `stops_after_s` seconds after the start it fails as if it was unplugged.
        """
        self.identity = DeviceIdentity("practice camera", practice=True)
        self._still = np.ascontiguousarray(still)
        self._stops_after_s = stops_after_s
        self._command = command
        self._lock = Lock()
        self._turn: object = None  # of the newest `start`, until `close`
        self._process: ChildProcess | None = None
        self._t0 = 0.0

    @property
    def pid(self) -> int | None:
        """The process id, for diagnosis."""
        process = self._process
        return None if process is None else process.pid

    def perform(self, challenge: Challenge | None) -> None:
        """The person reads this on the customer's screen, and does it a little later. From any thread."""
        process = self._process
        if process is not None and challenge is not None:
            process.feed(Order.PERFORM, challenge.value.encode())

    def start(self, t0: float) -> None:
        """Open it; pictures from before `t0` are left out.

        Raises model_changed, and camera_missing, also when meanwhile `close` or another `start` was called.
        """
        turn = object()
        self._let_go(turn)
        process = ChildProcess(self._command, FailureCode.CAMERA_MISSING, most_bytes=_MOST_BYTES, keeps=1)
        try:
            with self._lock:
                self._require(turn)
                self._process, self._t0 = process, t0  # at once: `close` ends it, and with it this start
            process.feed(Order.START, *start_payload(self._still, self._stops_after_s))
            process.await_ready(_START_PATIENCE_S)
            with self._lock:
                self._require(turn)
        except BaseException:
            with self._lock:
                if self._process is process:
                    self._process = None
            process.end()
            raise

    def _require(self, turn: object) -> None:
        if self._turn is not turn:
            raise KnownError(FailureCode.CAMERA_MISSING, "closed while it was opened")

    def read(self) -> Frame | None:
        """The newest picture that was not read yet, at most 3 s later; None after `close`. Raises camera_stopped."""
        process = self._process
        if process is None:
            return None
        try:
            return self._newest(process)
        except (LostError, ValueError, struct.error) as error:
            if process is not self._process:  # closed meanwhile
                return None
            detail = error.detail if isinstance(error, LostError) else "no picture"
            raise KnownError(FailureCode.CAMERA_STOPPED, detail) from None

    def _newest(self, process: ChildProcess) -> Frame:
        until_s = time.monotonic() + _PATIENCE_S
        while True:
            frame = frame_from(process.take(max(0.0, until_s - time.monotonic())))
            if frame.time_s >= self._t0:
                return frame

    def close(self) -> None:
        """End the process."""
        self._let_go(None)

    def _let_go(self, turn: object) -> None:
        with self._lock:
            self._turn = turn
            process, self._process = self._process, None
        if process is not None:
            process.end()
