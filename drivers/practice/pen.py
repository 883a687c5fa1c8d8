"""The practice pen: writes a signature that nobody wrote."""

from math import pi, sin
from typing import NamedTuple

from hallclient.domain.signature import PenPoint

_POINTS_PER_STROKE = 36
_POINT_INTERVAL_S = 0.008  # 125 points per second, as ordinary pens report
_LIFTED_S = 0.14


class Stroke(NamedTuple):
    """Where a stroke begins, how far it reaches and how high it swings (in shares of the field), and how often."""

    left: float
    top: float
    reach: float
    swing: float
    waves: float


_STROKES = (
    Stroke(left=0.12, top=0.45, reach=0.30, swing=0.18, waves=1.5),
    Stroke(left=0.38, top=0.60, reach=0.26, swing=0.22, waves=2.0),
    Stroke(left=0.62, top=0.40, reach=0.24, swing=0.12, waves=2.5),
)


class ScriptedPen:
    """Signs by itself, always alike."""

    def sign(self) -> tuple[tuple[PenPoint, ...], ...]:
        """Three strokes of 36 points, with changing speed and pressure, inside the field; times start at 0."""
        strokes = []
        begun_s = 0.0
        for stroke in _STROKES:
            strokes.append(_drawn(stroke, begun_s))
            begun_s = strokes[-1][-1].time_s + _LIFTED_S
        return tuple(strokes)


def _drawn(stroke: Stroke, begun_s: float) -> tuple[PenPoint, ...]:
    points = []
    for number in range(_POINTS_PER_STROKE):
        part = number / (_POINTS_PER_STROKE - 1)
        eased = part - sin(2 * pi * part) / (2 * pi) * 0.6  # a hand starts and stops slowly
        points.append(
            PenPoint(
                time_s=round(begun_s + number * _POINT_INTERVAL_S, 4),
                x=round(stroke.left + stroke.reach * eased, 5),
                y=round(stroke.top + stroke.swing * sin(2 * pi * stroke.waves * eased), 5),
                pressure=round(0.25 + 0.5 * sin(pi * part) ** 0.5, 4),
            )
        )
    return tuple(points)
