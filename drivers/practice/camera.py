"""The practice camera: a person in front of it, made from a still picture."""

import time
from collections.abc import Callable
from math import cos, pi, sin

import cv2
import numpy as np

from drivers.camera.pacing import PacedCamera
from hallclient.devices import Clock, Image
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.failures import FailureCode, KnownError

RATE_HZ = 25
SIZE_PX = 640, 480
_SHARP_FROM = 12  # a camera needs half a second to find its focus
_BLUR_PX = 6.0  # at the very first picture
_ZOOM = 1.06  # what the drift may use without showing the edge


class PracticeCamera(PacedCamera):
    """A scene of 640x480 at 25 per second that drifts, breathes and changes its light a little; blurred at first.

    The same picture number always looks the same.
    """

    def __init__(
        self,
        still: Image,
        clock: Clock,
        *,
        stops_after_s: float | None = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        """Show `still` (BGR, 4:3).

        `stops_after_s` seconds after the start it fails as if it was unplugged; `wait` lets seconds of `clock` pass.
        """
        identity = DeviceIdentity("practice camera", practice=True)
        super().__init__(identity, StillScene(still, stops_after_s), clock, wait)


class StillScene:
    """Numbered pictures of one person who cannot sit quite still."""

    def __init__(self, still: Image, stops_after_s: float | None) -> None:
        self._still = cv2.resize(still, SIZE_PX, interpolation=cv2.INTER_AREA)
        self._stops_at = None if stops_after_s is None else round(stops_after_s * RATE_HZ)

    def open(self) -> float:
        return float(RATE_HZ)

    def picture(self, index: int) -> Image:
        """Picture `index`. Raises camera_stopped from the time on when the camera is to fail."""
        if self._stops_at is not None and index >= self._stops_at:
            raise KnownError(FailureCode.CAMERA_STOPPED, "the practice camera was told to stop")
        time_s = index / RATE_HZ
        width, height = SIZE_PX
        scale = _ZOOM + 0.02 * sin(2 * pi * time_s / 4.0)
        shift = 6 * sin(2 * pi * time_s / 7.0), 4 * cos(2 * pi * time_s / 5.0)
        move = np.array(
            [[scale, 0, shift[0] - (scale - 1) * width / 2], [0, scale, shift[1] - (scale - 1) * height / 2]]
        )
        moved = cv2.warpAffine(self._still, move, SIZE_PX, borderMode=cv2.BORDER_REPLICATE)
        lit = cv2.convertScaleAbs(moved, alpha=1 + 0.05 * sin(2 * pi * time_s / 3.0))
        if index < _SHARP_FROM:
            lit = cv2.GaussianBlur(lit, (0, 0), _BLUR_PX * (1 - index / _SHARP_FROM))
        return np.asarray(lit, np.uint8)

    def close(self) -> None:
        """There is nothing to let go of."""
