"""A supervisor's decision on a sealed session."""

from enum import StrEnum

from pydantic import Field

from hallclient.domain.certificates import MOST_ISSUERS
from hallclient.domain.documents import Document
from hallclient.domain.evidence.files import FileEntry

REVIEW_NOTE = "review_note"  # its file


class ReviewDecision(StrEnum):
    APPROVED = "approved"
    REJECTED = "rejected"


class ReviewDocument(Document):
    """A supervisor's decision on a sealed session, signed with their own key.

    The reason and the auxiliary document are a person's free words, so they are an encrypted file like the others:
    `note` lists it by digest.

    Attributes:
        reviewer: their staff number.
        certificate: theirs, DER in hex.
        issuers: those that vouch for it, nearest first, without the root.
    """

    session: str
    manifest_sha256: str
    reviewer: str
    certificate: str
    issuers: tuple[str, ...] = Field(max_length=MOST_ISSUERS)
    decision: ReviewDecision
    note: FileEntry
    at: str
