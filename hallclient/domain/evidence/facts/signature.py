"""What a signature on a notice is known by."""

from hallclient.domain.step_kind import StepFacts, StepOptions

STROKES, NOTICE = "strokes", "notice"  # its files


class SignatureOptions(StepOptions):
    """`signs` is the id of the step in which the notice was read."""

    signs: str


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

    @property
    def practised(self) -> bool:
        return self.practice
