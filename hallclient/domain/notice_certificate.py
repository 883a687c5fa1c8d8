"""The certificate of a key that signs one notice: it names the session and the strokes, and serves for no other."""

from uuid import UUID

from cryptography import x509


def notice_uris(session: str, strokes_sha256: str) -> tuple[str, str]:
    """What the certificate names: RFC 9562's URN of the session, and the SHA-256 of the strokes' file."""
    return UUID(session).urn, f"urn:sha256:{strokes_sha256}"


def is_for(certificate: x509.Certificate, session: str, strokes_sha256: str) -> bool:
    """Whether the certificate names this session and these strokes, and nothing else."""
    try:
        named = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        wanted = [x509.UniformResourceIdentifier(uri) for uri in notice_uris(session, strokes_sha256)]
    except (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, ValueError):
        return False
    return list(named) == wanted
