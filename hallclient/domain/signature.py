"""The pen's path over the notice."""

import hashlib
from dataclasses import dataclass

import rfc8785

MIN_POINTS = 8  # fewer is a slip of the pen, not a name


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


@dataclass(frozen=True, slots=True)
class Signature:
    """Strokes in the order they were written, and the digest of the notice they were written on.

    Attributes:
        strokes: each the points between pen down and pen up.
        notice_sha256: digest of the unsigned notice, in hex (E-Signature Law art. 13: changes are detectable).
        device: "pen", "touch" or "mouse".
        practice: written by a scripted pen.
    """

    strokes: tuple[tuple[PenPoint, ...], ...]
    notice_sha256: str
    device: str
    practice: bool

    @property
    def point_count(self) -> int:
        return sum(len(stroke) for stroke in self.strokes)

    @property
    def is_empty(self) -> bool:
        """No name was written: nothing, or a dot."""
        return self.point_count < MIN_POINTS

    def to_json(self) -> bytes:
        """Canonical JSON (RFC 8785): the form that is stored, and that `sha256` is taken of."""
        return rfc8785.dumps(
            {
                "notice_sha256": self.notice_sha256,
                "device": self.device,
                "practice": self.practice,
                "strokes": [
                    [[point.time_s, point.x, point.y, point.pressure] for point in stroke] for stroke in self.strokes
                ],
            }
        )

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.to_json()).hexdigest()
