"""A video file that behaves like a camera: for tests, demonstrations and faults that somebody recorded."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame

from drivers.camera.pacing import PacedCamera
from hallclient.devices import Clock, Image
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.failures import BugError, FailureCode, KnownError


class FileCamera(PacedCamera):
    """Plays a video file at its own rate. Its pictures always count as practice: a file must never pass as a person."""

    def __init__(
        self, path: Path, clock: Clock, *, loop: bool = True, wait: Callable[[float], None] = time.sleep
    ) -> None:
        """`loop` begins again after the last picture instead of ending; `wait` lets seconds of `clock` pass."""
        super().__init__(DeviceIdentity("file camera", practice=True), VideoFile(path, loop=loop), clock, wait)


class VideoFile:
    """The pictures of a video file, in any format that PyAV reads, with a constant rate of 1 per second or more."""

    def __init__(self, path: Path, *, loop: bool) -> None:
        self._path = path
        self._loop = loop
        self._container: InputContainer | None = None
        self._pictures: Iterator[VideoFrame] = iter(())
        self._following = 0

    def open(self) -> float:
        """Open the file; the rate in pictures per second. Raises camera_missing when it is no such video."""
        self.close()
        try:
            self._container = av.open(self._path, "r")
            rate_hz = float(self._container.streams.video[0].average_rate or 0)
        except (OSError, av.FFmpegError, IndexError) as error:
            self.close()
            raise KnownError(FailureCode.CAMERA_MISSING, "the video file cannot be opened") from error
        if rate_hz < 1:
            self.close()
            raise KnownError(FailureCode.CAMERA_MISSING, "the video file has less than one picture per second")
        self._pictures = self._container.decode(video=0)
        self._following = 0
        return rate_hz

    def picture(self, index: int) -> Image | None:
        """Decode up to picture `index`; only that one is converted. Raises camera_stopped when the file is damaged."""
        try:
            while True:
                frame = self._decode_next()
                if frame is None:
                    return None
                self._following += 1
                if self._following > index:
                    return np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
        except (OSError, av.FFmpegError) as error:
            raise KnownError(FailureCode.CAMERA_STOPPED, "the video file cannot be decoded") from error

    def close(self) -> None:
        """Close the file."""
        if self._container is not None:
            self._container.close()
            self._container = None

    def _decode_next(self) -> VideoFrame | None:
        if self._container is None:
            raise BugError("the video file is not open")
        frame = next(self._pictures, None)
        if frame is None and self._loop and self._following:
            self._container.seek(0)
            self._pictures = self._container.decode(video=0)
            frame = next(self._pictures, None)
        return frame
