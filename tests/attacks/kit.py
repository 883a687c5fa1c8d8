"""Presentation attacks made by program from the practice pictures, and honest people for comparison.

Each presenter is told what is asked, as an attacker would be, and gives a picture for every moment. None of them is a
human attacker, and no camera was there: what the kit shows is what the rules do, not how safe a counter is.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from math import cos, pi, sin
from typing import Protocol

import cv2
import numpy as np

from drivers.practice.actor import SIZE_PX, Actor, Pose
from drivers.practice.performance import Performer, SensorNoise
from drivers.practice.pictures import Scene, live_picture
from hallclient.devices import FaceEngines, Frame, Image
from hallclient.domain.liveness import HEAD_CHALLENGES, Challenge, Refusal
from hallclient.domain.liveness_limits import MOUTH_SLIPS
from hallclient.services.liveness import LivenessResult, LivenessRun
from tests.attacks.people import WHOLE
from tests.attacks.sheet import Hold, show

RATE_HZ = 12.5  # as many pictures as a busy counter analyses
_LONGEST_S = 30.0
_MOVEMENT_S = 1.9  # one after the other in a recording
SEAM_S = 0.3
_OBLIQUE_DEG, _OBLIQUE_S = (16.0, 19.0), 1.4  # turn and nod, there and back


class Presenter(Protocol):
    """Somebody or something in front of the camera."""

    def perform(self, challenge: Challenge | None, now_s: float) -> None: ...

    def picture(self, time_s: float) -> Image: ...


@cache
def actor(scene: Scene) -> Actor:
    return Actor(live_picture(scene))


def honest(seed: int) -> Performer:
    """One of both practice persons, near or far, in some light, a little out of the middle."""
    choose = random.Random(seed)
    home = Pose(
        turn_deg=choose.uniform(-4, 4),
        nod_deg=choose.uniform(-3, 3),
        shift_px=(choose.uniform(-35, 35), choose.uniform(-20, 20)),
        scale=choose.uniform(0.75, 1.15),
        roll_deg=choose.uniform(-6, 6),
        light=choose.uniform(0.6, 1.15),
    )
    return Performer(actor((Scene.HOLDER, Scene.STRANGER)[seed % 2]), seed, home)


class Photograph:
    """A sheet that does what a hand can when something is asked: `holds` says how, by how far the hand is (0 to 1)."""

    def __init__(self, seed: int, holds: Callable[[Challenge, float], Hold], cut_out: bool = False) -> None:
        choose = random.Random(seed)
        self._actor = actor((Scene.HOLDER, Scene.STRANGER)[seed % 2])
        self._noise = SensorNoise(seed)
        self._holds = holds
        self._cut_out = cut_out
        self._strength = choose.uniform(0.7, 1.2)
        self._phase = choose.uniform(0, 2 * pi)
        self._asked: tuple[Challenge, float] | None = None
        self._middle = self._actor.middle

    def perform(self, challenge: Challenge | None, now_s: float) -> None:
        if challenge is not None:
            self._asked = challenge, now_s + 0.5

    def picture(self, time_s: float) -> Image:
        trembling = 2 * sin(2 * pi * time_s / 1.3 + self._phase), 2 * cos(2 * pi * time_s / 1.7 + self._phase)
        hold, pose = replace(self._holds(Challenge.NOD, 0.0), shift_px=trembling), Pose()
        if self._asked is not None and time_s > self._asked[1]:
            challenge, begin_s = self._asked
            far = 0.5 - 0.5 * cos(2 * pi * (time_s - begin_s) / 1.6)  # again and again, until it is over
            if challenge in HEAD_CHALLENGES or not self._cut_out:
                held = self._holds(challenge, far * self._strength)
                hold = replace(held, shift_px=(held.shift_px[0] + trembling[0], held.shift_px[1] + trembling[1]))
            elif time_s - begin_s < 1.6:
                pose = Pose(closed=far) if challenge is Challenge.BLINK else Pose(mouth=far)
        return self._noise.on(show(self._actor.picture(pose), hold, self._middle))


class SlideShow:
    """Photographs of one person in the poses that are asked for, one after the other without a movement between."""

    def __init__(self, seed: int) -> None:
        self._actor = actor((Scene.HOLDER, Scene.STRANGER)[seed % 2])
        self._noise = SensorNoise(seed)
        self._length_s = random.Random(seed).uniform(0.5, 1.2)
        self._asked: tuple[Challenge, float] | None = None

    def perform(self, challenge: Challenge | None, now_s: float) -> None:
        if challenge is not None:
            self._asked = challenge, now_s + 0.5

    def picture(self, time_s: float) -> Image:
        pose = Pose()
        if self._asked is not None and 0 < time_s - self._asked[1] < self._length_s:
            pose = WHOLE[self._asked[0]]
        return self._noise.on(self._actor.picture(pose))


class Recording:
    """An honest person who was recorded doing `acted`, one after the other, and is shown whatever is asked."""

    def __init__(self, seed: int, acted: tuple[Challenge, ...]) -> None:
        self._person = honest(seed)
        for index, challenge in enumerate(acted):
            self._person.perform(challenge, 0.8 + _MOVEMENT_S * index)

    def perform(self, challenge: Challenge | None, now_s: float) -> None: ...

    def picture(self, time_s: float) -> Image:
        return self._person.picture(time_s)


class Oblique:
    """A recording of somebody who turns and nods at once, twice: near to a turn and near to a nod, and neither."""

    def __init__(self, seed: int, asked: tuple[Challenge, ...]) -> None:
        self._actor = actor((Scene.HOLDER, Scene.STRANGER)[seed % 2])
        self._person = Performer(self._actor, seed)
        self._noise = SensorNoise(seed)
        self._turn_deg = -_OBLIQUE_DEG[0] if Challenge.TURN_RIGHT in asked else _OBLIQUE_DEG[0]

    def perform(self, challenge: Challenge | None, now_s: float) -> None: ...

    def picture(self, time_s: float) -> Image:
        pose = self._person.pose(time_s)
        number, into_s = divmod(time_s - 0.8, _MOVEMENT_S)
        far = 0.5 - 0.5 * cos(2 * pi * min(into_s / _OBLIQUE_S, 1.0)) if number in (0, 1) else 0.0
        turn_deg, nod_deg = pose.turn_deg + self._turn_deg * far, pose.nod_deg + _OBLIQUE_DEG[1] * far
        return self._noise.on(self._actor.picture(replace(pose, turn_deg=turn_deg, nod_deg=nod_deg)))


class Companion:
    """An honest person beside whom a second one appears after two seconds."""

    def __init__(self, seed: int) -> None:
        self._person = Performer(actor(Scene.HOLDER), seed, Pose(shift_px=(-90, 0)))
        other = actor(Scene.STRANGER).picture(Pose())
        self._other = cv2.resize(other[40:400, 300:600], (210, 252), interpolation=cv2.INTER_AREA)

    def perform(self, challenge: Challenge | None, now_s: float) -> None:
        if now_s < 1.2:
            self._person.perform(challenge, now_s)

    def picture(self, time_s: float) -> Image:
        picture = self._person.picture(time_s)
        if time_s > 1.5:
            picture[100:352, 428:638] = self._other
        return picture


class Swap:
    """One person does the first challenge, another one the rest, in the same place."""

    def __init__(self, seed: int) -> None:
        self._people = [Performer(actor(Scene.HOLDER), seed), Performer(_in_place_of_holder(), seed)]
        self._asked = 0
        self._swapped_s = float("inf")

    def perform(self, challenge: Challenge | None, now_s: float) -> None:
        if challenge is not None:
            self._asked += 1
            self._people[min(self._asked, 2) - 1].perform(challenge, now_s)
        elif self._asked == 1:
            self._swapped_s = now_s

    def picture(self, time_s: float) -> Image:
        return self._people[time_s > self._swapped_s].picture(time_s)


class Frozen:
    """A camera that gives the same picture for ever after some time."""

    def __init__(self, seed: int) -> None:
        self._person = honest(seed)
        self._stops_s = random.Random(seed).uniform(0.5, 2.5)
        self._last: Image | None = None

    def perform(self, challenge: Challenge | None, now_s: float) -> None:
        self._person.perform(challenge, now_s)

    def picture(self, time_s: float) -> Image:
        if self._last is None or time_s < self._stops_s:
            self._last = self._person.picture(time_s)
        return self._last


class Loop:
    """A clip of an honest person who moves a little, shown again and again; `coarse` as if compressed once more."""

    def __init__(self, seed: int, coarse: bool = False) -> None:
        self._pictures = _clip(seed)
        self._coarse = coarse

    def perform(self, challenge: Challenge | None, now_s: float) -> None: ...

    def picture(self, time_s: float) -> Image:
        index = round(time_s * RATE_HZ)
        picture = self._pictures[index % len(self._pictures)]
        if self._coarse:
            quality = [cv2.IMWRITE_JPEG_QUALITY, 97 - index // len(self._pictures) % 2]
            picture = np.asarray(cv2.imdecode(cv2.imencode(".jpg", picture, quality)[1], cv2.IMREAD_COLOR), np.uint8)
        return picture


@lru_cache(maxsize=12)
def _clip(seed: int) -> list[Image]:
    person = honest(seed)
    return [person.picture(index / RATE_HZ) for index in range(random.Random(seed).randint(18, 40))]


class Paused:
    """A recording, as `Recording`, that stands still until something is asked, goes on for one movement, and so on.

    It is shown on a screen: the camera's own noise goes on while it stands still.
    """

    def __init__(self, seed: int, acted: tuple[Challenge, ...]) -> None:
        self._person = honest(seed)
        for index, challenge in enumerate(acted):
            self._person.perform(challenge, _MOVEMENT_S * index)
        self._end_s = _MOVEMENT_S * len(acted)
        self._asked_s: float | None = None
        self._played_s = self._shown_s = 0.0

    def perform(self, challenge: Challenge | None, now_s: float) -> None:
        self._asked_s = None if challenge is None else now_s + 0.3

    def picture(self, time_s: float) -> Image:
        step_s, self._shown_s = time_s - self._shown_s, time_s
        between = self._played_s % _MOVEMENT_S < step_s  # no movement is going on
        if (self._asked_s is not None and time_s > self._asked_s) or not between:
            self._played_s = min(self._played_s + step_s, self._end_s)
        return self._person.picture(self._played_s)


class Cut:
    """Recordings of one person, one for each challenge: that of what is asked is shown, after a seam of 0.3 s.

    In the seam one fades into the other, or (`dark`) the screen is nearly black.
    """

    def __init__(self, seed: int, dark: bool) -> None:
        choose = random.Random(seed)
        scene = (Scene.HOLDER, Scene.STRANGER)[seed % 2]
        self._seed, self._dark = seed, dark
        self._reacts_s = choose.uniform(0.3, 0.6)
        self._clips: list[tuple[float, Performer]] = []
        self._take: Callable[[], Performer] = lambda: Performer(
            actor(scene),
            choose.randrange(1000),
            Pose(
                turn_deg=choose.uniform(-2, 2),
                nod_deg=choose.uniform(-2, 2),
                shift_px=(choose.uniform(-6, 6), choose.uniform(-4, 4)),
                scale=choose.uniform(0.97, 1.03),
            ),
        )
        self._clips.append((-SEAM_S, self._take()))

    def perform(self, challenge: Challenge | None, now_s: float) -> None:
        if challenge is not None:
            begin_s = now_s + self._reacts_s
            clip = self._take()
            clip.perform(challenge, begin_s)
            self._clips.append((begin_s, clip))

    def picture(self, time_s: float) -> Image:
        *before, (begin_s, clip) = [one for one in self._clips if one[0] <= time_s]
        picture = clip.picture(time_s)
        return (
            _faded(before[-1][1].picture(time_s), picture, (time_s - begin_s) / SEAM_S, self._dark)
            if before
            else picture
        )


class FadedSwap(Swap):
    """As `Swap`, but one face becomes the other within 0.3 s."""

    def picture(self, time_s: float) -> Image:
        if time_s <= self._swapped_s:
            return self._people[0].picture(time_s)
        first, second = (person.picture(time_s) for person in self._people)
        return _faded(first, second, (time_s - self._swapped_s) / SEAM_S, dark=False)


def _faded(first: Image, second: Image, share: float, dark: bool) -> Image:
    if share >= 1:
        return second
    if dark:
        return np.asarray(cv2.convertScaleAbs(first if share < 0.5 else second, alpha=0.03), np.uint8)
    return np.asarray(cv2.addWeighted(first, 1 - share, second, share, 0), np.uint8)


def _still(challenge: Challenge, far: float) -> Hold:
    return Hold()


def _moved(challenge: Challenge, far: float) -> Hold:
    side = {Challenge.TURN_LEFT: (90, 0), Challenge.TURN_RIGHT: (-90, 0), Challenge.NOD: (0, 60)}
    across, down = side.get(challenge, (40, 40))
    return Hold(shift_px=(across * far, down * far), roll_deg=8 * far)


def _tilted(challenge: Challenge, far: float) -> Hold:
    turn = {Challenge.TURN_LEFT: 38, Challenge.TURN_RIGHT: -38}.get(challenge, 0)
    return Hold(turn_deg=turn * far, tilt_deg=(0 if turn else 35) * far)


def _bent(seed: int) -> Callable[[Challenge, float], Hold]:
    """A bend as around a bottle, made while the sheet is turned or from the first on, about any axis."""
    choose = random.Random(seed)
    radius, axis_deg, before = choose.uniform(75, 130), choose.uniform(0, 180), choose.random() < 0.3

    def hold(challenge: Challenge, far: float) -> Hold:
        turn = {Challenge.TURN_LEFT: 30, Challenge.TURN_RIGHT: -30}.get(challenge, 0)
        tilt = 0 if turn else 24
        bend = radius / (1 if before else max(far, 0.05))
        return Hold(turn_deg=turn * far, tilt_deg=tilt * far, bend_px=bend, axis_deg=axis_deg)

    return hold


def _zoomed(challenge: Challenge, far: float) -> Hold:
    return Hold(zoom=1 + 0.35 * far)


def _zoomed_and_turned(challenge: Challenge, far: float) -> Hold:
    return replace(_tilted(challenge, far), zoom=1 + 0.35 * far)


def _other_movements(seed: int, asked: tuple[Challenge, ...]) -> tuple[Challenge, ...]:
    """Some other pair in the order of a recording, never the pair that was asked."""
    pairs = [(a, b) for a in Challenge for b in Challenge if a is not b and (a, b) != asked]
    return random.Random(seed).choice(pairs)


Make = Callable[[int, tuple[Challenge, ...]], Presenter]
ATTACKS: dict[str, tuple[Make, frozenset[Refusal]]] = {
    "photograph, still": (lambda s, _: Photograph(s, _still), frozenset({Refusal.TOO_SLOW})),
    "photograph, moved": (lambda s, _: Photograph(s, _moved), frozenset({Refusal.FLAT, Refusal.TOO_SLOW})),
    "photograph, tilted": (lambda s, _: Photograph(s, _tilted), frozenset({Refusal.FLAT, Refusal.TOO_SLOW})),
    "photograph, bent": (
        lambda s, _: Photograph(s, _bent(s)),
        frozenset({Refusal.FLAT, Refusal.TOO_SLOW, Refusal.WRONG_MOVEMENT}),
    ),
    "photograph, zoomed": (lambda s, _: Photograph(s, _zoomed), frozenset({Refusal.FLAT, Refusal.TOO_SLOW})),
    "photograph, zoomed and turned": (
        lambda s, _: Photograph(s, _zoomed_and_turned),
        frozenset({Refusal.FLAT, Refusal.TOO_SLOW}),
    ),
    # Eyes and mouth help with neither turn nor nod: then it is a sheet as those above.
    "cut-out eyes and mouth": (
        lambda s, _: Photograph(s, _tilted, cut_out=True),
        frozenset({Refusal.FLAT, Refusal.TOO_SLOW}),
    ),
    "cut-out, bent": (
        lambda s, _: Photograph(s, _bent(s), cut_out=True),
        frozenset({Refusal.FLAT, Refusal.TOO_SLOW, Refusal.WRONG_MOVEMENT}),
    ),
    "slide show": (lambda s, _: SlideShow(s), frozenset({Refusal.JUMP, Refusal.TOO_SLOW})),
    "recording of other challenges": (
        lambda s, asked: Recording(s, _other_movements(s, asked)),
        frozenset({Refusal.WRONG_MOVEMENT, Refusal.TOO_SLOW}),
    ),
    "recording of an oblique movement, twice": (
        Oblique,
        frozenset({Refusal.WRONG_MOVEMENT, Refusal.TOO_SLOW}),
    ),
    "recording of other challenges, paused and resumed": (
        lambda s, asked: Paused(s, _other_movements(s, asked)),
        frozenset({Refusal.WRONG_MOVEMENT, Refusal.TOO_SLOW}),
    ),
    "two faces": (lambda s, _: Companion(s), frozenset({Refusal.SECOND_FACE})),
    "swapped face": (lambda s, _: Swap(s), frozenset({Refusal.OTHER_PERSON, Refusal.JUMP})),
    "swapped face, faded": (
        lambda s, _: FadedSwap(s),
        frozenset({Refusal.OTHER_PERSON, Refusal.JUMP, Refusal.SECOND_FACE}),
    ),
    "frozen camera": (lambda s, _: Frozen(s), frozenset({Refusal.FROZEN})),
    "looped clip": (lambda s, _: Loop(s), frozenset({Refusal.REPEATED})),
    "looped clip, compressed again": (lambda s, _: Loop(s, coarse=True), frozenset({Refusal.REPEATED})),
}


def every_challenge(seed: int) -> tuple[Challenge, ...]:
    """All of them, in an order by `seed`."""
    return tuple(random.Random(seed).sample(list(Challenge), len(Challenge)))


def answers(order: Sequence[Challenge], asked: Sequence[Challenge]) -> bool:
    """Whether a recording of `order` that is paused until something is asked shows `asked`, by the rules of the check.

    Another movement of the head is wrong, a mouth is forgiven `MOUTH_SLIPS` times, and blinks always.
    """
    left, slips = iter(order), 0
    for challenge in asked:
        for shown in left:
            if shown is challenge:
                break
            slips += shown is Challenge.OPEN_MOUTH
            if shown in HEAD_CHALLENGES or slips > MOUTH_SLIPS:
                return False
        else:
            return False
    return True


# Faces with depth that do what was drawn: nothing in the rules tells them from a person.
PAUSED = "recording of every challenge, paused and resumed"
DARK = "recordings cut to what is asked, dark seams"
BEYOND: dict[str, Make] = {
    PAUSED: lambda s, _: Paused(s, every_challenge(s)),
    "recordings cut to what is asked, faded": lambda s, _: Cut(s, dark=False),
    DARK: lambda s, _: Cut(s, dark=True),
}


def frames(presenter: Presenter, length_s: float, rate_hz: float = RATE_HZ) -> Iterator[Frame]:
    """What the camera sees, `rate_hz` pictures a second."""
    for index in range(round(length_s * rate_hz)):
        yield Frame(index / rate_hz, presenter.picture(index / rate_hz))


def present(
    presenter: Presenter,
    challenges: tuple[Challenge, ...],
    engines: FaceEngines,
    rate_hz: float = RATE_HZ,
    look_at_every: int = 1,
    longest_s: float = _LONGEST_S,
    width_px: int = SIZE_PX[0],
) -> LivenessResult:
    """The verdict on a presenter who hears what is asked.

    The camera gives `rate_hz` pictures a second, as wide as `width_px`, of which one of `look_at_every` is looked at;
    after `longest_s` it ends.
    """
    now_s = 0.0

    def hear(challenge: Challenge | None) -> None:
        presenter.perform(challenge, now_s)

    run = LivenessRun(engines, hear)
    run.begin(challenges)
    for index, seen in enumerate(frames(presenter, longest_s, rate_hz)):
        now_s = seen.time_s
        frame = _narrowed(seen, width_px)
        run.glance(frame)
        if index % look_at_every == 0:
            run.look(frame)
        if run.over:
            break
    return run.result()


def _narrowed(frame: Frame, width_px: int) -> Frame:
    if width_px == SIZE_PX[0]:
        return frame
    size = width_px, round(width_px * SIZE_PX[1] / SIZE_PX[0])
    return Frame(frame.time_s, np.asarray(cv2.resize(frame.image, size, interpolation=cv2.INTER_AREA), np.uint8))


@cache
def _in_place_of_holder() -> Actor:
    """The stranger, moved and zoomed so that the face is where the holder's is."""
    holder, stranger = actor(Scene.HOLDER), actor(Scene.STRANGER)
    zoom = holder.eye_distance / stranger.eye_distance
    move = np.array([[zoom, 0, 0], [0, zoom, 0]])
    move[:, 2] = np.array(holder.middle) - zoom * np.array(stranger.middle)
    return Actor(np.asarray(cv2.warpAffine(stranger.picture(Pose()), move, SIZE_PX, borderMode=cv2.BORDER_REPLICATE)))
