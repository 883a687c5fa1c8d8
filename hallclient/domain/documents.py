"""Signed documents: canonical JSON (RFC 8785) beside a detached signature file.

Canonical and detached on purpose: every byte of both files then matters, and any change is found and placed.
"""

import hashlib
from enum import StrEnum
from typing import Any, BinaryIO, TypeVar

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, ValidationError

from hallclient.domain.failures import FailureCode, KnownError

# The longest manifest, with every attempt and every event, has a few ten thousand bytes. What is larger is none of
# ours, and whoever put it there must not have it read into memory.
LARGEST_DOCUMENT_BYTES = 4 * 1024 * 1024


class Document(BaseModel):
    """A value that is signed. Unknown fields are refused: what is signed is understood."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def canonical(self) -> bytes:
        """RFC 8785 bytes: the form that is signed and stored."""
        return canonical(self.model_dump(mode="json"))

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.canonical()).hexdigest()


DocumentType = TypeVar("DocumentType", bound=Document)


def canonical(value: Any) -> bytes:
    """RFC 8785 bytes of plain JSON data."""
    return rfc8785.dumps(value)


def read_document(file: BinaryIO) -> bytes:
    """All bytes of a document or a signature. Raises evidence_damaged above `LARGEST_DOCUMENT_BYTES`."""
    data = file.read(LARGEST_DOCUMENT_BYTES + 1)
    if len(data) > LARGEST_DOCUMENT_BYTES:
        raise KnownError(FailureCode.EVIDENCE_DAMAGED, f"larger than {LARGEST_DOCUMENT_BYTES} bytes")
    return data


def parse(kind: type[DocumentType], data: bytes) -> DocumentType:
    """The document in `data`. Raises evidence_damaged unless `data` is exactly its canonical form."""
    try:
        document = kind.model_validate_json(data)
    except ValidationError as error:  # its text would quote the input
        fields = ", ".join(sorted({".".join(map(str, item["loc"])) for item in error.errors()}))
        raise KnownError(FailureCode.EVIDENCE_DAMAGED, f"{kind.__name__}: {fields}") from None
    if not _is_canonical(document, data):
        raise KnownError(FailureCode.EVIDENCE_DAMAGED, f"{kind.__name__} is not in canonical form")
    return document


def sign(key: Ed25519PrivateKey, purpose: str, data: bytes) -> bytes:
    """The signature file of `data` for one `purpose` only: a receipt's signature never passes for a manifest's.

    96 bytes: the SHA-256 of `data`, then Ed25519 over purpose and digest. The digest is there so that a check can
    tell which of the two files was changed.
    """
    digest = hashlib.sha256(data).digest()
    return digest + key.sign(_message(purpose, digest))


class Verdict(StrEnum):
    """What a signature file says about a document."""

    HOLDS = "holds"
    DOCUMENT_CHANGED = "document_changed"
    SIGNATURE_CHANGED = "signature_changed"


def examine(key: Ed25519PublicKey, purpose: str, data: bytes, signature: bytes) -> Verdict:
    """Whether `signature` (see `sign`) is `key`'s for `data` and `purpose`, and if not, which one was changed."""
    actual, stated = hashlib.sha256(data).digest(), signature[:32]
    if _verifies(key, _message(purpose, stated), signature[32:]) and len(signature) == 96:
        return Verdict.HOLDS if stated == actual else Verdict.DOCUMENT_CHANGED
    return Verdict.SIGNATURE_CHANGED


def _is_canonical(document: Document, data: bytes) -> bool:
    try:
        return document.canonical() == data
    except rfc8785.CanonicalizationError:  # JSON's numbers are wider than the canonical form's
        return False


def _verifies(key: Ed25519PublicKey, message: bytes, signature: bytes) -> bool:
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _message(purpose: str, digest: bytes) -> bytes:
    return b"hallclient/" + purpose.encode() + b"\0" + digest
