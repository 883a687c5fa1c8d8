"""The old root's word for a new one: whoever trusts the old one may take the new one for it."""

import datetime as dt
from collections.abc import Sequence
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hallclient.domain.certificates import CertificateRole, from_text, is_valid_at, public_key_of, role_of, to_text
from hallclient.domain.documents import Document, Verdict, examine, parse, sign
from hallclient.domain.failures import FailureCode, KnownError

_PURPOSE = "root"  # what is signed


class RootIntroduction(Document):
    """What the old root says.

    Attributes:
        introduced_by: SHA-256 of the old root's certificate.
        root: the new one, DER in hex.
        at: ISO 8601 in UTC.
    """

    format: Literal["hallclient-root-introduction/1"] = "hallclient-root-introduction/1"
    introduced_by: str
    root: str
    at: str


class SignedIntroduction(BaseModel):
    """As it lies in a file: canonical JSON, and the signature in hex."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    introduction: str
    signature: str = Field(pattern=r"^[0-9a-f]{192}$")

    def to_json(self) -> bytes:
        return self.model_dump_json(indent=2).encode()

    @classmethod
    def from_json(cls, data: bytes) -> "SignedIntroduction":
        """Raises input_invalid."""
        try:
            return cls.model_validate_json(data)
        except ValidationError:
            raise KnownError(FailureCode.INPUT_INVALID, "not an introduction of a root") from None

    @property
    def said_at(self) -> dt.datetime:
        """When it says that it was made. Raises input_invalid."""
        try:
            moment = dt.datetime.fromisoformat(parse(RootIntroduction, self.introduction.encode()).at)
        except (KnownError, ValueError):
            raise KnownError(FailureCode.INPUT_INVALID, "not an introduction of a root") from None
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=dt.UTC)

    def introduced(self, known: Sequence[x509.Certificate], at: dt.datetime) -> x509.Certificate:
        """The new root, if one of the `known` ones introduced it and both are valid at `at`.

        Raises centre_untrusted, input_invalid for what is no introduction.
        """
        try:
            introduction = parse(RootIntroduction, self.introduction.encode())
            root = from_text(introduction.root)
        except (KnownError, UnicodeEncodeError):
            raise KnownError(FailureCode.INPUT_INVALID, "not an introduction of a root") from None
        introducers = [one for one in known if fingerprint(one) == introduction.introduced_by and _is_root(one, at)]
        if not _is_root(root, at) or not any(map(self._is_signed_by, introducers)):
            raise KnownError(FailureCode.CENTRE_UNTRUSTED, "no known root introduced this one")
        return root

    def _is_signed_by(self, root: x509.Certificate) -> bool:
        data, signature = self.introduction.encode(), bytes.fromhex(self.signature)
        return examine(public_key_of(root), _PURPOSE, data, signature) is Verdict.HOLDS


def introduce(
    old: x509.Certificate, old_key: Ed25519PrivateKey, new: x509.Certificate, now: dt.datetime
) -> SignedIntroduction:
    """Raises input_invalid for what is no root."""
    if not _is_root(new, now):
        raise KnownError(FailureCode.INPUT_INVALID, "the new one is not a root that is valid now")
    introduction = RootIntroduction(introduced_by=fingerprint(old), root=to_text(new), at=now.isoformat())
    data = introduction.canonical()
    return SignedIntroduction(introduction=data.decode(), signature=sign(old_key, _PURPOSE, data).hex())


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the DER form in hex: what two people compare."""
    return certificate.fingerprint(SHA256()).hex()


def _is_root(certificate: x509.Certificate, at: dt.datetime) -> bool:
    return role_of(certificate) is CertificateRole.ROOT and is_valid_at(certificate, at)
