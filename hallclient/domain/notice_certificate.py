"""The certificate of a key that signs one notice: it names the session and the strokes, and serves for no other."""

import re
from uuid import UUID

from cryptography import x509

_SHA256 = re.compile(r"[0-9a-f]{64}")


def notice_uris(session: str, strokes_sha256: str) -> tuple[str, str]:
    """What the certificate names: RFC 9562's URN of the session, and the SHA-256 of the strokes' file."""
    return UUID(session).urn, f"urn:sha256:{strokes_sha256}"


def named_in(certificate: x509.Certificate) -> tuple[str, str] | None:
    """The session and the SHA-256 of the strokes that the certificate names; None unless it names just these."""
    try:
        named = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        session, strokes = (_tail(name) for name in named)
        uris = [x509.UniformResourceIdentifier(uri) for uri in notice_uris(session, strokes)]
    except (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, ValueError):
        return None
    return (session, strokes) if list(named) == uris and _SHA256.fullmatch(strokes) else None


def is_for(certificate: x509.Certificate, session: str, strokes_sha256: str) -> bool:
    """Whether the certificate names this session and these strokes, and nothing else."""
    return named_in(certificate) == (session, strokes_sha256)


def _tail(name: x509.GeneralName) -> str:
    """Raises ValueError for what is no URI."""
    if not isinstance(name, x509.UniformResourceIdentifier):
        raise ValueError("no URI")
    return name.value.rpartition(":")[2]
