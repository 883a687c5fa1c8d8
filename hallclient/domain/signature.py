"""The pen's path over the notice."""

import hashlib
import itertools
from dataclasses import dataclass
from math import hypot, isfinite

import rfc8785
from pydantic import BaseModel, ConfigDict, ValidationError

FIELD_ASPECT = 3.0  # width over height of every signature field: a name looks the same wherever it is shown
MIN_POINTS = 8  # fewer is a slip of the pen, not a name
# Shares of the field's width. A dot, a palm's dab or a pen that lay on one spot is smaller; a single 一 is larger.
MIN_BOX_SHARE = 0.05
MIN_PATH_SHARE = 0.10
MOST_POINTS = 20_000  # a pen at 200 a second for a minute and a half: no name takes longer
DEVICES = frozenset({"pen", "touch", "mouse"})
_LONGEST_S = 24 * 3600.0
_FARTHEST = 100.0  # fields away: a hand that leaves the field with the button down


@dataclass(frozen=True, slots=True)
class PenPoint:
    """One sample of the pen.

    Attributes:
        time_s: monotonic seconds since the first touch.
        x, y: 0 to 1 across the signature field, from its left top.
        pressure: 0 to 1; None for a device that feels none.
    """

    time_s: float
    x: float
    y: float
    pressure: float | None

    @property
    def is_inside(self) -> bool:
        """Whether it lies in the field; ink beside it is none."""
        return isfinite(self.x) and isfinite(self.y) and 0.0 <= self.x <= 1.0 and 0.0 <= self.y <= 1.0


def is_possible(strokes: tuple[tuple[PenPoint, ...], ...], device: str) -> bool:
    """Whether a pad could have given this: finite numbers in their ranges, a known device, at most `MOST_POINTS`."""
    points = [point for stroke in strokes for point in stroke]
    return device in DEVICES and len(points) <= MOST_POINTS and all(_is_possible(point) for point in points)


def _is_possible(point: PenPoint) -> bool:
    """What is not finite is in no range."""
    place = abs(point.x) <= _FARTHEST and abs(point.y) <= _FARTHEST
    return place and abs(point.time_s) <= _LONGEST_S and (point.pressure is None or 0.0 <= point.pressure <= 1.0)


def is_too_little_ink(strokes: tuple[tuple[PenPoint, ...], ...]) -> bool:
    """No name was written: nothing, a dot, or points beside the field.

    A name has at least `MIN_POINTS` points inside the field, in a box whose longer side is at least
    `MIN_BOX_SHARE` of the field's width, on a path of at least `MIN_PATH_SHARE` of it.
    """
    inside = [point for stroke in strokes for point in stroke if point.is_inside]
    if len(inside) < MIN_POINTS:
        return True
    across = [point.x for point in inside]
    down = [point.y / FIELD_ASPECT for point in inside]
    box = max(max(across) - min(across), max(down) - min(down))
    path = sum(
        hypot(after.x - before.x, (after.y - before.y) / FIELD_ASPECT)
        for stroke in strokes
        for before, after in itertools.pairwise(stroke)
        if before.is_inside and after.is_inside
    )
    return box < MIN_BOX_SHARE or path < MIN_PATH_SHARE


@dataclass(frozen=True, slots=True)
class Signature:
    """Strokes in the order they were written, and the digest of the notice they were written on.

    Attributes:
        strokes: each the points between pen down and pen up.
        notice_sha256: digest of the unsigned notice, in hex (E-Signature Law art. 13: changes are detectable).
        device: "pen", "touch" or "mouse".
        practice: written by a scripted pen.
        session: in which it was written.
    """

    strokes: tuple[tuple[PenPoint, ...], ...]
    notice_sha256: str
    device: str
    practice: bool
    session: str

    @property
    def point_count(self) -> int:
        return sum(len(stroke) for stroke in self.strokes)

    @property
    def is_empty(self) -> bool:
        """See `is_too_little_ink`."""
        return is_too_little_ink(self.strokes)

    def to_json(self) -> bytes:
        """Canonical JSON (RFC 8785): the form that is stored, and that `sha256` is taken of."""
        return rfc8785.dumps(
            {
                "notice_sha256": self.notice_sha256,
                "device": self.device,
                "practice": self.practice,
                "session": self.session,
                "strokes": [
                    [[point.time_s, point.x, point.y, point.pressure] for point in stroke] for stroke in self.strokes
                ],
            }
        )

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.to_json()).hexdigest()


def signature_from_json(data: bytes) -> Signature:
    """What `Signature.to_json` made. Raises ValueError for anything else, without quoting it."""
    try:
        return _Stored.model_validate_json(data).signature()
    except ValidationError:
        raise ValueError("no strokes") from None


class _Stored(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    strokes: list[list[tuple[float, float, float, float | None]]]
    notice_sha256: str
    device: str
    practice: bool
    session: str

    def signature(self) -> Signature:
        strokes = tuple(tuple(PenPoint(*point) for point in stroke) for stroke in self.strokes)
        return Signature(strokes, self.notice_sha256, self.device, self.practice, self.session)
