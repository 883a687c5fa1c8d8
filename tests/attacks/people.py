"""Honest people made by program, who differ in what nobody should be refused for."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import cos, pi, sin

import cv2
import numpy as np

from drivers.practice.actor import SIZE_PX, Actor, Pose
from drivers.practice.performance import SensorNoise
from hallclient.devices import Image
from hallclient.domain.liveness import Challenge

# The pose in which a movement that is asked for is at its height.
WHOLE = {
    Challenge.BLINK: Pose(closed=1.0),
    Challenge.OPEN_MOUTH: Pose(mouth=1.0),
    Challenge.TURN_LEFT: Pose(turn_deg=19.0),
    Challenge.TURN_RIGHT: Pose(turn_deg=-19.0),
    Challenge.NOD: Pose(nod_deg=19.0),
}
_BLINK_RISE_S, _OWN_BLINK_S = 0.16, 0.2  # up to closed when it is meant; and all of one that is not
_SMILE_S = 0.4  # from none to all of it
_AGAIN_S = 1.0  # after a movement that was not enough, the next one: slower
_SLOWER = 1.5


@dataclass(frozen=True, slots=True)
class Manner:
    """How somebody does what is asked.

    Attributes:
        rise_s: from rest to the whole of a turn, a nod or an open mouth.
        hold_s: how long that is kept.
        rests_away_deg: after a movement of the head it rests so far from where it began, on the way back from it.
        smiles: while doing it, from being asked on.
        own_blinks_s: blinks unasked, on average so often; 0 for never.
    """

    rise_s: float = 0.5
    hold_s: float = 0.4
    rests_away_deg: float = 0.0
    smiles: bool = False
    own_blinks_s: float = 0.0


MANNERS = {
    "brisk": Manner(rise_s=0.3, hold_s=0.15),
    "slow": Manner(rise_s=1.2, hold_s=1.2),
    "comes to rest 4 degrees away": Manner(rests_away_deg=4.0),
    "smiling": Manner(smiles=True),
    "blinking unasked": Manner(own_blinks_s=2.0),
}
LOOKS_HZ = (5.0, 6.0, 8.0, 10.0, 15.0, 30.0)


class Person:
    """Fulfils `Presenter`: does what is asked, and again, more slowly, for as long as it is still asked."""

    def __init__(self, actor: Actor, seed: int, manner: Manner) -> None:
        choose = random.Random(seed)
        self._actor = actor
        self._manner = manner
        self._noise = SensorNoise(seed)
        self._phases = [choose.uniform(0, 2 * pi) for _ in range(3)]
        self._home = Pose(
            turn_deg=choose.uniform(-4, 4),
            nod_deg=choose.uniform(-3, 3),
            shift_px=(choose.uniform(-30, 30), choose.uniform(-15, 15)),
            scale=choose.uniform(0.8, 1.1),
            roll_deg=choose.uniform(-5, 5),
            light=choose.uniform(0.6, 1.15),
        )
        self._react_s: Callable[[], float] = lambda: choose.uniform(0.35, 0.7)
        self._own_blinks = [sum(choose.expovariate(1) + 0.3 for _ in range(n)) for n in range(1, 40)]
        self._asked: tuple[Challenge, float, float] | None = None  # what, from when on, and how much slower
        self._smiled_s: float | None = None

    def perform(self, challenge: Challenge | None, now_s: float) -> None:
        if challenge is None:
            self._come_to_rest(now_s)
        else:
            self._asked = challenge, now_s + self._react_s(), 1.0
            self._smiled_s = self._smiled_s or now_s

    def picture(self, time_s: float) -> Image:
        """What the camera sees at `time_s`, with its noise."""
        pose = self._pose(time_s)
        seen = self._actor.picture(pose)
        if self._manner.smiles and self._smiled_s is not None:
            seen = self._smiling(seen, pose, min(1.0, (time_s - self._smiled_s) / _SMILE_S))
        return self._noise.on(seen)

    def _pose(self, time_s: float) -> Pose:
        first, second, third = self._phases
        pose = replace(
            self._home,
            turn_deg=self._home.turn_deg + 0.8 * sin(2 * pi * time_s / 5.1 + first),
            nod_deg=self._home.nod_deg + 0.5 * sin(2 * pi * time_s / 4.3 + second),
            shift_px=(self._home.shift_px[0] + 4 * sin(2 * pi * time_s / 7.0 + third), self._home.shift_px[1]),
        )
        if self._asked is not None:
            challenge, begin_s, slower = self._asked
            if time_s - begin_s > self._lasts_s(challenge, slower) + _AGAIN_S:
                self._asked = challenge, time_s, slower * _SLOWER
            pose = self._acting(pose, time_s)
        for blink_s in self._own_blinks if self._manner.own_blinks_s else ():
            into = (time_s - blink_s * self._manner.own_blinks_s) / _OWN_BLINK_S
            if 0 < into < 1:
                pose = replace(pose, closed=max(pose.closed, 0.5 - 0.5 * cos(2 * pi * into)))
        return pose

    def _acting(self, pose: Pose, time_s: float) -> Pose:
        if self._asked is None:
            return pose
        challenge, begin_s, slower = self._asked
        whole, rise_s, lasts_s = WHOLE[challenge], self._rise_s(challenge, slower), self._lasts_s(challenge, slower)
        passed_s = min(max(time_s - begin_s, 0.0), lasts_s)
        far = 0.5 - 0.5 * cos(pi * min(1.0, passed_s / rise_s, (lasts_s - passed_s) / rise_s))
        away = abs(self._manner.rests_away_deg / max(abs(whole.turn_deg), abs(whole.nod_deg), 1.0))
        head = max(far, away) if passed_s > lasts_s / 2 else far
        return replace(
            pose,
            turn_deg=pose.turn_deg + whole.turn_deg * head,
            nod_deg=pose.nod_deg + whole.nod_deg * head,
            closed=whole.closed * far,
            mouth=whole.mouth * far,
        )

    def _come_to_rest(self, now_s: float) -> None:
        """What is asked next begins where this one ends: the movement that was done may still be on its way back."""
        if self._asked is None:
            return
        challenge, begin_s, slower = self._asked
        whole, away_deg = WHOLE[challenge], self._manner.rests_away_deg
        if now_s - begin_s > self._rise_s(challenge, slower) and away_deg:
            turned, nodded = np.sign(whole.turn_deg) * away_deg, np.sign(whole.nod_deg) * away_deg
            self._home = replace(self._home, turn_deg=self._home.turn_deg + turned, nod_deg=self._home.nod_deg + nodded)
        self._asked = None

    def _rise_s(self, challenge: Challenge, slower: float) -> float:
        return _BLINK_RISE_S if challenge is Challenge.BLINK else self._manner.rise_s * slower

    def _lasts_s(self, challenge: Challenge, slower: float) -> float:
        hold_s = _BLINK_RISE_S if challenge is Challenge.BLINK else self._manner.hold_s
        return 2 * self._rise_s(challenge, slower) + hold_s

    def _smiling(self, seen: Image, pose: Pose, far: float) -> Image:
        """Corners of the mouth out and up, cheeks up: what lifts the landmarks around the nose."""
        eye_px = self._actor.eye_distance * pose.scale
        centre = np.array(SIZE_PX) / 2
        middle = centre + (np.array(self._actor.middle) - centre) * pose.scale + np.array(pose.shift_px)
        rows, columns = np.mgrid[0 : SIZE_PX[1] : 4, 0 : SIZE_PX[0] : 4].astype(np.float32)
        x, y = (columns - middle[0]) / eye_px, (rows - middle[1]) / eye_px
        move_x, move_y = np.zeros_like(x), np.zeros_like(y)
        for side in (-1, 1):
            corner = np.exp(-((x - side * 0.3) ** 2 + (y - 0.8) ** 2) / 0.02)
            cheek = np.exp(-((x - side * 0.38) ** 2 + (y - 0.45) ** 2) / 0.04)
            move_x += side * 0.08 * corner
            move_y -= 0.06 * corner + 0.04 * cheek
        rows, columns = np.mgrid[0 : SIZE_PX[1], 0 : SIZE_PX[0]].astype(np.float32)
        fine_x, fine_y = (
            cv2.resize((far * eye_px * move).astype(np.float32), SIZE_PX, interpolation=cv2.INTER_LINEAR)
            for move in (move_x, move_y)
        )
        from_x, from_y = columns - fine_x, rows - fine_y
        return np.asarray(cv2.remap(seen, from_x, from_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)
