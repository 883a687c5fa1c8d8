"""The practice camera: a person in front of it who does what is asked, made from a still picture."""

import time
from collections.abc import Callable

import cv2
import numpy as np

from drivers.camera.pacing import PacedCamera
from drivers.practice.actor import Actor
from drivers.practice.performance import PerformanceSource, Performer
from hallclient.devices import Clock, Image
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.liveness import Challenge

_SHARP_FROM = 12  # a camera needs half a second to find its focus
_BLUR_PX = 6.0  # at the very first picture


class PracticeCamera(PacedCamera):
    """A scene of 640x480 at 25 per second: somebody who sways a little; blurred at first."""

    def __init__(
        self,
        still: Image,
        clock: Clock,
        *,
        stops_after_s: float | None = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        """Show the person of `still` (BGR, 4:3, exactly one face). Raises KnownError: model_changed.

        `stops_after_s` seconds after the start it fails as if it was unplugged; `wait` lets seconds of `clock` pass.
        """
        self._source_of_person = _Focusing(still, stops_after_s)
        super().__init__(DeviceIdentity("practice camera", practice=True), self._source_of_person, clock, wait)

    def perform(self, challenge: Challenge | None) -> None:
        """The person reads this on the customer's screen, and does it a little later. From any thread."""
        self._source_of_person.perform(challenge)


class _Focusing(PerformanceSource):
    def __init__(self, still: Image, stops_after_s: float | None) -> None:
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
