"""The practice camera's process: `python -m drivers.practice.camera_process`, started by `PracticeCamera` only.

It draws a person who does what is asked, 25 pictures a second, as if a sensor made them: a picture for which there was
no time is lost. It ends when its stdin ends, so it never outlives the application.
"""

import os
import sys
import time
from threading import Thread

import cv2
import numpy as np

from drivers.camera.pacing import PacedCamera
from drivers.framing import Said, crash_teller, private_stdout, receive, say_failed, send
from drivers.practice.actor import Actor
from drivers.practice.camera_wire import Order, picture_payload, start_from
from drivers.practice.performance import PerformanceSource, Performer
from hallclient.core_dumps import forbid_core_dumps
from hallclient.devices import Image
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.failures import BugError, FailureCode, KnownError
from hallclient.domain.liveness import Challenge

_SHARP_FROM = 12  # a camera needs half a second to find its focus
_BLUR_PX = 6.0  # at the very first picture


class FocusingSource(PerformanceSource):
    """A performance as a camera sees it that finds its focus first, and may be told to fail."""

    def __init__(self, still: Image, stops_after_s: float | None = None) -> None:
        """Show the person of `still`. Raises model_changed."""
        super().__init__(Performer(Actor(still)))
        self._stops_after_s = stops_after_s

    def picture(self, index: int) -> Image:
        """Picture `index`. Raises camera_stopped from the time on when the camera is to fail."""
        if self._stops_after_s is not None and index >= round(self._stops_after_s * self.open()):
            raise KnownError(FailureCode.CAMERA_STOPPED, "the practice camera was told to stop")
        picture = super().picture(index)
        if index < _SHARP_FROM:
            return np.asarray(cv2.GaussianBlur(picture, (0, 0), _BLUR_PX * (1 - index / _SHARP_FROM)), np.uint8)
        return picture


def main() -> int:
    """Draw until nobody looks any more. Exit code 0; 1 over what cannot be drawn, makes no sense, or is to fail."""
    forbid_core_dumps()
    pictures = private_stdout()
    sys.excepthook = crash_teller(pictures)
    cv2.setNumThreads(1)
    try:
        _, payload = receive(sys.stdin.buffer)
        still, stops_after_s = start_from(payload)
        source = FocusingSource(still, stops_after_s)
        camera = PacedCamera(DeviceIdentity("practice camera", practice=True), source, time)
        Thread(target=_obey, args=(source,), daemon=True).start()
        send(pictures, Said.READY)
        camera.start(time.monotonic())
        while (frame := camera.read()) is not None:
            send(pictures, Said.RESULT, *picture_payload(frame.time_s, frame.image))
    except KnownError as error:
        say_failed(pictures, error)
        return 1
    except (EOFError, BrokenPipeError):  # the application has ended
        return 0
    return 0


def _obey(source: PerformanceSource) -> None:
    """Do what comes over stdin; without anybody there the process ends at once, whatever it is drawing."""
    try:
        while True:
            order, payload = receive(sys.stdin.buffer)
            if order != Order.PERFORM:
                raise BugError("started twice")
            source.perform(Challenge(payload.decode("ascii")))
    except (EOFError, OSError):  # the application has ended
        os._exit(0)
    except Exception:  # noqa: BLE001  # an order that makes no sense: told as the crash of any process of ours
        sys.excepthook(*sys.exc_info())


if __name__ == "__main__":
    os._exit(main())  # at once: a thread still waits for orders, and Python would abort over its lock
