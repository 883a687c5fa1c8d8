"""What one picture tells about where a face is and how its nose, lids and lips stand.

A turn or a nod is read off the nose alone: it stands out of the face, so it moves against the cheeks, brows and eyes
around it. Those surroundings are fitted to where they were when the person looked straight ahead, by the best affine
map; what the nose's tip is off then is parallax. A flat photograph that is moved, turned, tilted or zoomed is itself
mapped affinely (near enough), so that its nose is never off, however it is held.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from statistics import fmean, median

Point = tuple[float, float]

_EYES = 5  # points of `around` that are at the eyes


@dataclass(frozen=True, slots=True)
class FaceMotion:
    """The measures of one face in one picture.

    Attributes:
        centre: x, y of the point between the eyes, in pixels.
        eye_distance: from outer corner to outer corner, in pixels.
        roll_deg: how far the line of the eyes is from level.
        around: 15 points around the nose, in eye distances from their middle, with the eyes level; the first five are
            the nose's root and the corners of the eyes, which no mouth moves.
        tip: the nose's tip in the same measure.
        eyes: height of the right and the left eye in widths of that eye.
        mouth: gap between the lips in eye distances.
        facing_deg: how far the face looks aside (either way) and up or down from the camera, roughly.
    """

    centre: Point
    eye_distance: float
    roll_deg: float
    around: tuple[Point, ...]
    tip: Point
    eyes: tuple[float, float]
    mouth: float
    facing_deg: tuple[float, float]

    @property
    def is_sane(self) -> bool:
        """All numbers are numbers and the face has a size."""
        numbers = [*self.centre, self.eye_distance, self.roll_deg, *self.tip, *self.eyes, self.mouth, *self.facing_deg]
        numbers += [value for point in self.around for value in point]
        return self.eye_distance > 0 and all(isfinite(number) for number in numbers)


@dataclass(frozen=True, slots=True)
class Movement:
    """How a face differs from the same face at rest.

    Attributes:
        turn: parallax of the nose to the person's own left, in eye distances; about 0.006 per degree.
        nod: parallax of the nose downwards against the eyes alone, in eye distances; about 0.015 per degree. Against
            the cheeks a smile would nod: it lifts them.
        eyes: openness of the eye that is further open, 1 as at rest.
        mouth: the lips' gap more than at rest, in eye distances.
        stretch: height of the face's middle by its width, 1 as at rest.
        shift: of the face in the picture, in eye distances.
        growth: of the face in the picture, 1 as at rest.
        roll_deg: tilt to a shoulder.
    """

    turn: float
    nod: float
    eyes: float
    mouth: float
    stretch: float
    shift: float
    growth: float
    roll_deg: float


class RestingFace:
    """A face that looked straight ahead for some pictures, against which later ones are measured."""

    def __init__(self, seen: Sequence[FaceMotion]) -> None:
        """`seen` are one or more pictures of the face at rest; their median is taken, number by number."""
        self._around = tuple(_median([motion.around[index] for motion in seen]) for index in range(len(seen[0].around)))
        tip = _median([motion.tip for motion in seen])
        self._weights = _affine_weights(self._around, tip)
        self._eye_weights = _affine_weights(self._around[:_EYES], tip)
        self._turn_off, self._nod_off = self._offs(self._around, tip)
        self._height = _height(self._around)
        self._eyes = tuple(max(median(motion.eyes[side] for motion in seen), 1e-6) for side in (0, 1))
        self._mouth = median(motion.mouth for motion in seen)
        self._centre = _median([motion.centre for motion in seen])
        self._eye_distance = median(motion.eye_distance for motion in seen)
        self._roll_deg = median(motion.roll_deg for motion in seen)

    def movement(self, motion: FaceMotion) -> Movement:
        """How `motion` differs from rest."""
        turn, nod = self._offs(motion.around, motion.tip)
        shift_x, shift_y = motion.centre[0] - self._centre[0], motion.centre[1] - self._centre[1]
        return Movement(
            turn=turn - self._turn_off,
            nod=nod - self._nod_off,
            eyes=max(motion.eyes[side] / self._eyes[side] for side in (0, 1)),
            mouth=motion.mouth - self._mouth,
            stretch=_height(motion.around) / self._height if self._height > 0 else 1.0,
            shift=(shift_x**2 + shift_y**2) ** 0.5 / self._eye_distance,
            growth=motion.eye_distance / self._eye_distance,
            roll_deg=motion.roll_deg - self._roll_deg,
        )

    def _offs(self, around: Sequence[Point], tip: Point) -> tuple[float, float]:
        """Where the tip is off to the side from its surroundings, and downwards from the eyes."""
        return _off(self._weights, around, tip)[0], _off(self._eye_weights, around[:_EYES], tip)[1]


def _median(points: Sequence[Point]) -> Point:
    return median(x for x, _ in points), median(y for _, y in points)


def _height(points: Sequence[Point]) -> float:
    mean = fmean(y for _, y in points)
    return fmean(abs(y - mean) for _, y in points)


def _off(weights: Sequence[float], around: Sequence[Point], tip: Point) -> Point:
    """Where the tip is off from where an affine map of its surroundings puts it."""
    return (
        tip[0] - sum(weight * x for weight, (x, _) in zip(weights, around, strict=True)),
        tip[1] - sum(weight * y for weight, (_, y) in zip(weights, around, strict=True)),
    )


def _affine_weights(around: Sequence[Point], tip: Point) -> tuple[float, ...]:
    """One weight per surrounding point, so that the weighted sum of these points, wherever an affine map takes them,
    is where the least-squares affine map takes `tip`. All zero when the points lie on one line."""
    mean = fmean(x for x, _ in around), fmean(y for _, y in around)
    centred = [(x - mean[0], y - mean[1]) for x, y in around]
    xx, yy = sum(x * x for x, _ in centred), sum(y * y for _, y in centred)
    xy = sum(x * y for x, y in centred)
    determinant = xx * yy - xy * xy
    if determinant <= 1e-12:
        return (0.0,) * len(around)
    x, y = tip[0] - mean[0], tip[1] - mean[1]
    along, down = (yy * x - xy * y) / determinant, (xx * y - xy * x) / determinant
    return tuple(1 / len(around) + along * px + down * py for px, py in centred)
