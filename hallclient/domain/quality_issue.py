"""What keeps a live picture of a face from being good enough."""

from enum import StrEnum


class QualityIssue(StrEnum):
    """The one thing to change, in the order in which they are named: the first that is true is said."""

    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    BACKLIT = "backlit"
    TOO_FAR = "too_far"
    TOO_NEAR = "too_near"
    OFF_CENTRE = "off_centre"
    TURNED = "turned"
    TILTED = "tilted"
    EYES_COVERED = "eyes_covered"
    MOUTH_COVERED = "mouth_covered"
    EYES_CLOSED = "eyes_closed"
    BLURRED = "blurred"
