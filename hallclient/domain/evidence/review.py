"""A supervisor's decision on a sealed session."""

from enum import StrEnum

from hallclient.domain.documents import Document
from hallclient.domain.evidence.files import FileEntry

REVIEW_NOTE = "review_note"  # its file


class ReviewDecision(StrEnum):
    APPROVED = "approved"
    REJECTED = "rejected"


class ReviewDocument(Document):
    """A supervisor's decision on a sealed session, signed by the device that sealed it.

    The reason and the auxiliary document are a person's free words, so they are an encrypted file like the others:
    `note` lists it by digest.
    """

    session: str
    manifest_sha256: str
    reviewer: str
    decision: ReviewDecision
    note: FileEntry
    at: str
