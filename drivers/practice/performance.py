"""A practice person who does what is asked, a little later and never twice in the same way."""

import random
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from math import cos, pi, sin

import cv2
import numpy as np
import numpy.typing as npt

from drivers.practice.actor import SIZE_PX, Actor, Pose
from hallclient.devices import Image
from hallclient.domain.liveness import Challenge

RATE_HZ = 25

_AMPLITUDE = {
    Challenge.BLINK: 1.0,
    Challenge.OPEN_MOUTH: 1.0,
    Challenge.TURN_LEFT: 19.0,
    Challenge.TURN_RIGHT: -19.0,
    Challenge.NOD: 19.0,
}
_RISE_S = {Challenge.BLINK: 0.16}  # of a blink that is meant; of the others:
_SLOW_RISE_S = 0.5
_NOISE_MARGIN_PX = 64


class SensorNoise:
    """Adds noise as a camera's sensor does: other noise to every picture."""

    def __init__(self, seed: int, deviation: float = 2.5) -> None:
        self._noise = _noise(seed, deviation)
        self._random = random.Random(seed)  # noqa: S311 - a picture's noise is no secret

    def on(self, image: Image) -> Image:
        """`image` (640x480 BGR) with noise."""
        left, top = (self._random.randrange(_NOISE_MARGIN_PX) for _ in range(2))
        height, width = image.shape[:2]
        noise = self._noise[top : top + height, left : left + width]
        return np.asarray(cv2.add(image, noise, dtype=cv2.CV_8U), np.uint8)


@lru_cache(maxsize=12)
def _noise(seed: int, deviation: float) -> npt.NDArray[np.int16]:
    """2 MB that take longer to draw than a picture of a person."""
    width, height = SIZE_PX
    shape = height + _NOISE_MARGIN_PX, width + _NOISE_MARGIN_PX, 3
    return np.random.default_rng(seed).normal(0, deviation, shape).round().astype(np.int16)


class Performer:
    """One person in front of the camera. The same seed does all in the same way."""

    def __init__(self, actor: Actor, seed: int = 0, home: Pose | None = None) -> None:
        """`home` is where and in what light the person sits."""
        self._actor = actor
        self._home = home or Pose()
        self._noise = SensorNoise(seed)
        choose = random.Random(seed)  # noqa: S311 - how somebody sways is no secret
        self._phases = [choose.uniform(0, 2 * pi) for _ in range(4)]
        self._sway = choose.uniform(0.4, 1.0)
        self._tempo = choose.uniform(0.8, 1.25)
        self._vigour = choose.uniform(0.92, 1.12)
        self._react_s: Callable[[], float] = lambda: choose.uniform(0.35, 0.7)
        self._acts: list[tuple[Challenge, float]] = []

    def perform(self, challenge: Challenge | None, now_s: float) -> None:
        """Be asked at `now_s` for a challenge; None asks for nothing."""
        if challenge is not None:
            self._acts.append((challenge, now_s + self._react_s()))

    def picture(self, time_s: float) -> Image:
        """What the camera sees at `time_s`, with its noise."""
        return self._noise.on(self._actor.picture(self.pose(time_s)))

    def pose(self, time_s: float) -> Pose:
        """How the person is at `time_s`."""
        sway = self._sway
        first, second, third, fourth = self._phases
        pose = replace(
            self._home,
            turn_deg=self._home.turn_deg + 1.2 * sway * sin(2 * pi * time_s / 5.1 + first),
            nod_deg=self._home.nod_deg + 0.8 * sway * sin(2 * pi * time_s / 4.3 + second),
            shift_px=(
                self._home.shift_px[0] + 6 * sway * sin(2 * pi * time_s / 7.0 + third),
                self._home.shift_px[1] + 4 * sway * cos(2 * pi * time_s / 5.0 + fourth),
            ),
            scale=self._home.scale * (1 + 0.012 * sway * sin(2 * pi * time_s / 4.0 + first)),
            light=self._home.light * (1 + 0.03 * sway * sin(2 * pi * time_s / 3.0 + second)),
        )
        for challenge, begin_s in self._acts:
            pose = self._act(pose, challenge, time_s - begin_s)
        return pose

    def _act(self, pose: Pose, challenge: Challenge, elapsed_s: float) -> Pose:
        rise_s = _RISE_S.get(challenge, _SLOW_RISE_S) * self._tempo
        hold_s = rise_s * 0.8
        if elapsed_s <= 0 or elapsed_s >= 2 * rise_s + hold_s:
            return pose
        there = min(1.0, elapsed_s / rise_s, (2 * rise_s + hold_s - elapsed_s) / rise_s)
        amount = (0.5 - 0.5 * cos(pi * there)) * _AMPLITUDE[challenge]
        match challenge:
            case Challenge.BLINK:
                return replace(pose, closed=amount)
            case Challenge.OPEN_MOUTH:
                return replace(pose, mouth=amount * min(1.0, self._vigour))
            case Challenge.NOD:
                return replace(pose, nod_deg=pose.nod_deg + amount * self._vigour)
            case _:
                return replace(pose, turn_deg=pose.turn_deg + amount * self._vigour)


class PerformanceSource:
    """Fulfils `PictureSource`: the performer at 25 pictures a second, asked while the camera runs."""

    def __init__(self, performer: Performer) -> None:
        self._performer = performer
        self._newest_s = 0.0

    def open(self) -> float:
        return float(RATE_HZ)

    def picture(self, index: int) -> Image:
        """Picture `index` as it was drawn for all that was asked so far."""
        self._newest_s = index / RATE_HZ
        return self._performer.picture(self._newest_s)

    def perform(self, challenge: Challenge | None) -> None:
        """Ask for a challenge, from any thread; the person begins a little later."""
        self._performer.perform(challenge, self._newest_s)

    def close(self) -> None:
        """There is nothing to let go of."""
