"""The timestamp service (RFC 3161) that an operator has chosen."""

from urllib.parse import urlsplit

from cryptography import x509
from pydantic import field_validator

from hallclient.domain.certificates import load_roots
from hallclient.domain.failures import KnownError
from hallclient.domain.manifest_part import ManifestPart


class TimestampSettings(ManifestPart):
    """Where it answers, and who vouches for it.

    Attributes:
        url: `http` or `https`; what it says is signed, so the way there need not be trusted.
        roots: one or more certificates in PEM; a timestamp counts only under one of them.
    """

    url: str
    roots: str

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or not url.isascii():
            raise ValueError("not an address of the web")
        return url

    @field_validator("roots")
    @classmethod
    def _are_certificates(cls, roots: str) -> str:
        try:
            load_roots(roots.encode())
        except KnownError as error:
            raise ValueError(error.code) from None
        return roots

    @property
    def certificates(self) -> list[x509.Certificate]:
        """`roots`, read."""
        return load_roots(self.roots.encode())
