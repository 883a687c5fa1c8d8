"""What a signature on a notice is known by."""

from enum import StrEnum

from hallclient.domain.step_kind import StepFacts, StepOptions

STROKES, NOTICE = "strokes", "notice"  # its files


class SignatureOptions(StepOptions):
    """`signs` is the id of the step in which the notice was read."""

    signs: str


class NoticeTimestamp(StrEnum):
    """What became of the timestamp of a signature; without one only this computer's clock says when it was made."""

    NO_SERVICE = "no_service"
    UNREACHABLE = "unreachable"
    INVALID = "invalid"
    TIMESTAMPED = "timestamped"


class SignatureFacts(StepFacts):
    """The signature on the notice.

    `unsigned_bytes` and `unsigned_sha256` describe the document as it lay before the customer: the signed PDF begins
    with exactly these bytes, and the strokes carry the same digest. `practice`: a scripted pen wrote them.
    """

    strokes_sha256: str
    points: int
    device: str
    practice: bool
    pressure: bool
    unsigned_bytes: int
    unsigned_sha256: str
    timestamp: NoticeTimestamp = NoticeTimestamp.NO_SERVICE

    @property
    def practised(self) -> bool:
        return self.practice
