"""The centre's receipt, and how a session ends."""

from enum import StrEnum

from pydantic import Field

from hallclient.domain.certificates import MOST_ISSUERS
from hallclient.domain.documents import Document
from hallclient.domain.evidence.manifest import Manifest
from hallclient.domain.evidence.review import ReviewDecision, ReviewDocument
from hallclient.domain.manifest_part import ManifestPart


class Outcome(StrEnum):
    """What the customer hears. Only the centre says `PASSED` or `NOT_PASSED`."""

    PASSED = "passed"
    NOT_PASSED = "not_passed"
    PROVISIONAL = "provisional"
    PENDING_REVIEW = "pending_review"


class SentObject(ManifestPart):
    """One object as the centre received it."""

    name: str
    bytes: int
    sha256: str


class Receipt(Document):
    """The centre's word that it holds the whole package, and how the verification ended."""

    session: str
    manifest_sha256: str
    objects: tuple[SentObject, ...]
    outcome: Outcome
    practice: bool
    centre: str
    received_at: str
    certificate: str
    issuers: tuple[str, ...] = Field(max_length=MOST_ISSUERS)


def judge(manifest: Manifest, review: ReviewDocument | None) -> Outcome:
    """How a whole and genuine package ends: one without a flag passes, any other only with an approval. A step that was
    done again never passes by itself: it is looked at beside the session that it corrects.

    The inspection must hold: no approval outweighs an unusable card, or a face that was used otherwise than the
    customer answered.
    """
    approved = review is not None and review.decision is ReviewDecision.APPROVED
    if manifest.needs_review and not approved:
        return Outcome.NOT_PASSED
    return Outcome.PASSED if manifest.corrects is None else Outcome.PENDING_REVIEW
