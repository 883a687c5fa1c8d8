"""A face of program: points with depth, seen turned, nodding, or as a photograph that is mapped affinely."""

from dataclasses import replace
from math import cos, radians, sin

from hallclient.domain.face_motion import FaceMotion
from hallclient.domain.liveness import Challenge

# In eye distances: x, y and depth; the nose is in front. First its root and the corners of the eyes.
EYES = ((0.0, -0.31, -0.05), (-0.17, -0.25, 0.0), (0.17, -0.25, 0.0), (-0.5, -0.25, 0.1), (0.5, -0.25, 0.1))
AROUND = (*EYES, *((x / 4, y / 4, 0.1 * abs(x)) for x in (-2, -1, 0, 1, 2) for y in (0, 2)))
TIP = (0.0, 0.25, -0.4)


def face(turn_deg: float = 0.0, nod_deg: float = 0.0, **changes: object) -> FaceMotion:
    turn, nod = radians(turn_deg), radians(nod_deg)

    def seen(point: tuple[float, float, float]) -> tuple[float, float]:
        x, y, z = point
        across, deep = cos(turn) * x - sin(turn) * z, sin(turn) * x + cos(turn) * z
        return across, cos(nod) * y - sin(nod) * deep

    whole = FaceMotion(
        (320, 200), 90.0, 0.0, tuple(map(seen, AROUND)), seen(TIP), (0.2, 0.2), 0.05, (turn_deg, nod_deg)
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def mapped(motion: FaceMotion, matrix: tuple[float, float, float, float], shift: tuple[float, float]) -> FaceMotion:
    a, b, c, d = matrix

    def through(point: tuple[float, float]) -> tuple[float, float]:
        return a * point[0] + b * point[1] + shift[0], c * point[0] + d * point[1] + shift[1]

    return replace(motion, around=tuple(map(through, motion.around)), tip=through(motion.tip))


BUMP = (0.3, 0.7, 1, 1, 0.7, 0.3, 0)


def act(challenge: Challenge, amount: float) -> FaceMotion:
    return {
        Challenge.BLINK: face(eyes=(0.2 - 0.19 * amount, 0.2 - 0.18 * amount)),
        Challenge.OPEN_MOUTH: face(mouth=0.05 + 0.3 * amount),
        Challenge.TURN_LEFT: face(turn_deg=22 * amount),
        Challenge.TURN_RIGHT: face(turn_deg=-22 * amount),
        Challenge.NOD: face(nod_deg=20 * amount),
    }[challenge]


def acted(challenge: Challenge) -> list[FaceMotion]:
    return [act(challenge, amount) for amount in BUMP]
