"""The practice person in the middle of each movement, as a camera would have seen it."""

from functools import cache

from drivers.practice.actor import Actor, Pose
from hallclient.devices import Image
from hallclient.domain.liveness import Challenge
from tests.drivers.face.spoilt import webcam

_POSES = {
    Challenge.BLINK: Pose(closed=1.0),
    Challenge.OPEN_MOUTH: Pose(mouth=1.0),
    Challenge.TURN_LEFT: Pose(turn_deg=24.0),
    Challenge.TURN_RIGHT: Pose(turn_deg=-24.0),
    Challenge.NOD: Pose(nod_deg=22.0),
}


@cache
def acted(challenge: Challenge) -> Image:
    """640x480, BGR."""
    return _actor().picture(_POSES[challenge])


@cache
def _actor() -> Actor:
    return Actor(webcam())
