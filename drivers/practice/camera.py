"""The application's half of the practice camera: it reads the pictures of a process, as a driver reads a device's."""

import io
import struct
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from threading import Condition, Thread
from typing import BinaryIO, cast

import numpy as np

from drivers.framing import receive, send
from drivers.practice.camera_wire import Order, Said, frame_from, start_payload
from hallclient.devices import Clock, Frame, Image
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.liveness import Challenge

# -P: a file in the current folder must not be taken for a module of ours.
_COMMAND = (sys.executable, "-P", "-m", "drivers.practice.camera_process")
_START_PATIENCE_S = 20.0  # a cold start on a busy old PC
_PATIENCE_S = 1.0  # as `Camera.read` promises
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
        clock: Clock,
        *,
        stops_after_s: float | None = None,
        command: Sequence[str] = _COMMAND,
    ) -> None:
        """Show the person of `still` (BGR, 4:3, exactly one face); starts nothing yet.

        `stops_after_s` seconds after the start it fails as if it was unplugged.
        """
        self.identity = DeviceIdentity("practice camera", practice=True)
        self._still = np.ascontiguousarray(still)
        self._clock = clock
        self._stops_after_s = stops_after_s
        self._command = command
        self._process: _Process | None = None

    @property
    def pid(self) -> int | None:
        """The process id, for diagnosis."""
        process = self._process
        return None if process is None else process.pid

    def perform(self, challenge: Challenge | None) -> None:
        """The person reads this on the customer's screen, and does it a little later. From any thread."""
        process = self._process
        if process is not None and challenge is not None:
            process.perform(challenge)

    def start(self, t0: float) -> None:
        """Open it; pictures from before `t0` are left out. Raises camera_missing, model_changed."""
        self.close()
        process = _Process(self._command)
        try:
            process.begin(self._still, self._stops_after_s, t0)
        except KnownError:
            process.end()
            raise
        self._process = process

    def read(self) -> Frame | None:
        """The newest picture that was not read yet, at most 1 s later; None after `close`. Raises camera_stopped."""
        process = self._process
        return None if process is None else process.newest(_PATIENCE_S)

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.end()


class _Process:
    """One process that draws, and the thread that empties its pipe, so that a late reader gets the newest picture."""

    def __init__(self, command: Sequence[str]) -> None:
        # A session of its own: Ctrl-C in a terminal must not reach it before the application has stopped it.
        try:
            self._popen = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            raise KnownError(FailureCode.CAMERA_MISSING, "no process can be started") from error
        self._orders = cast("BinaryIO", self._popen.stdin)
        self._pictures = io.BufferedReader(cast("io.FileIO", self._popen.stdout))
        self._changed = Condition()
        self._ready = False
        self._frame: Frame | None = None
        self._failure: KnownError | None = None
        self._ended = False
        self._t0 = 0.0
        self._thread = Thread(target=self._run, name="practice camera", daemon=True)

    @property
    def pid(self) -> int:
        return self._popen.pid

    def begin(self, still: Image, stops_after_s: float | None, t0: float) -> None:
        """Wait until it can draw. Raises camera_missing, model_changed."""
        self._t0 = t0
        self._thread.start()
        with suppress(OSError):  # it has died; the thread that reads says so
            send(self._orders, Order.START, *start_payload(still, stops_after_s))
        with self._changed:
            self._changed.wait_for(lambda: self._ready or self._failure, _START_PATIENCE_S)
            if not self._ready:
                code = FailureCode.CAMERA_MISSING
                if self._failure is not None and self._failure.code is not FailureCode.CAMERA_STOPPED:
                    code = self._failure.code
                raise KnownError(code, "the practice camera's process")

    def perform(self, challenge: Challenge) -> None:
        with suppress(OSError, ValueError):  # it has died or was ended: nobody can do it, and `newest` says so
            send(self._orders, Order.PERFORM, challenge.value.encode())

    def newest(self, patience_s: float) -> Frame | None:
        with self._changed:
            self._changed.wait_for(lambda: self._frame or self._failure or self._ended, patience_s)
            frame, self._frame = self._frame, None
            if frame is not None or self._ended:
                return frame
            raise self._failure or KnownError(FailureCode.CAMERA_STOPPED, "no picture in time")

    def end(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        self._popen.kill()
        self._popen.wait()
        if self._thread.ident is not None:
            self._thread.join()  # its pipe is broken now
        self._orders.close()
        self._pictures.close()

    def _run(self) -> None:
        failure = KnownError(FailureCode.CAMERA_STOPPED, "the practice camera's process ended")
        try:
            while True:
                said, payload = receive(self._pictures, _MOST_BYTES)
                if said == Said.FAILED:
                    failure = KnownError(FailureCode(payload.decode("ascii", errors="replace")))
                    break
                frame = frame_from(payload) if said == Said.PICTURE else None
                with self._changed:
                    self._ready = True
                    if frame is not None and frame.time_s >= self._t0:
                        self._frame = frame
                    self._changed.notify_all()
        except (OSError, EOFError, ValueError, struct.error):
            pass  # it died, was ended, or does not talk as agreed: `failure` says that it stopped
        with self._changed:
            self._failure = failure
            self._changed.notify_all()
