"""The centre's receipt, and how a session ends."""

from collections.abc import Collection
from enum import StrEnum

from pydantic import Field

from hallclient.domain.certificates import MOST_ISSUERS
from hallclient.domain.documents import Document
from hallclient.domain.evidence.manifest import AuditHead, Manifest
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
    """The centre's word that it holds the whole package, and how the verification ended.

    Attributes:
        device_sequence, audit: as the manifest has them. The signature over them is the centre's countersignature of
            the audit head: a log that is written anew later must still lead through it.
        reasons: what the package contradicts, as codes of `hallclient.domain.inspection_question.Question`; with any of
            them the outcome is `PENDING_REVIEW`.
        clock_difference_s: the device's clock minus the centre's when it was sent, seconds; None where it did not say.
    """

    session: str
    manifest_sha256: str
    device_sequence: int
    audit: AuditHead
    objects: tuple[SentObject, ...]
    outcome: Outcome
    reasons: tuple[str, ...] = ()
    clock_difference_s: float | None = None
    practice: bool
    centre: str
    received_at: str
    certificate: str
    issuers: tuple[str, ...] = Field(max_length=MOST_ISSUERS)


def judge(manifest: Manifest, review: ReviewDocument | None, reasons: Collection[str] = ()) -> Outcome:
    """How a whole and genuine package ends: one without a flag passes, any other only with an approval; none that was
    rejected passes. A step that was done again never passes by itself: it is looked at beside the session that it
    corrects.

    `reasons` are what it contradicts, itself or what the centre knows: whoever approved it, with any it waits for
    somebody at the centre.
    """
    if reasons:
        return Outcome.PENDING_REVIEW
    approved = review is not None and review.decision is ReviewDecision.APPROVED
    rejected = review is not None and not approved
    if rejected or (manifest.needs_review and not approved):
        return Outcome.NOT_PASSED
    return Outcome.PASSED if manifest.corrects is None else Outcome.PENDING_REVIEW
