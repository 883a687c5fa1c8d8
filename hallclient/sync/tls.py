"""The secured line to the centre: who is trusted, and who this device is."""

import errno
import ssl
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cryptography import x509

from hallclient.domain.certificates import CertificateRole, Revoked, role_of
from hallclient.domain.failures import FailureCode, KnownError


class CentreContext(ssl.SSLContext):
    """What a server must be besides what OpenSSL asks: a certificate for a centre's server, and not revoked.

    OpenSSL has followed the chain to the roots by then, and takes none whose purpose is not a server's.
    """

    revocations: Callable[[], Revoked | None] = staticmethod(lambda: None)

    def require_centre(self, der: bytes | None) -> None:
        """Raises SSLCertVerificationError."""
        certificate = None if der is None else x509.load_der_x509_certificate(der)
        if certificate is None or role_of(certificate) is not CertificateRole.TLS:
            raise ssl.SSLCertVerificationError("not the certificate of a centre's server")
        revoked = self.revocations()
        if revoked is not None and revoked.revoked_at(certificate) is not None:
            raise ssl.SSLCertVerificationError("the server's certificate is revoked")


class _CentreSocket(ssl.SSLSocket):
    """Says nothing to a server that is no centre's, and closes itself when the peer hung up between connecting and the
    handshake, which `ssl` forgets to do.
    """

    def do_handshake(self, block: bool = False) -> None:
        """As every socket's; nothing of a request goes out before it ends."""
        super().do_handshake(block)
        if isinstance(self.context, CentreContext):
            self.context.require_centre(self.getpeercert(binary_form=True))

    def getpeername(self) -> Any:
        """As every socket's; `ssl` asks it first of all."""
        try:
            return super().getpeername()
        except OSError as error:
            if error.errno not in (errno.ENOTCONN, errno.EINVAL):  # EINVAL: the same on macOS and Windows
                raise
            self.close()
            raise ConnectionResetError(errno.ECONNRESET, "hung up before the handshake") from None


def client_ssl_context(
    roots_pem: bytes,
    chain_pem: bytes,
    encrypted_key_path: Path,
    password: bytes,
    revocations: Callable[[], Revoked | None] = lambda: None,
) -> ssl.SSLContext:
    """TLS 1.3 with the device's certificate, trusting `roots_pem` and nobody else.

    Args:
        roots_pem, chain_pem: from the enrolment; the device's certificate first, and then its issuer's.
        encrypted_key_path: the device's private key, an encrypted PKCS #8 PEM file: `ssl` loads keys from files only.
        password: of that file.
        revocations: asked with each handshake.

    Raises store_unreadable when the key does not open or is another certificate's, trust_roots_missing.
    """
    context = CentreContext(ssl.PROTOCOL_TLS_CLIENT)
    context.revocations = revocations
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.sslsocket_class = _CentreSocket
    try:
        context.load_verify_locations(cadata=roots_pem.decode("ascii"))
    except (ssl.SSLError, ValueError):
        raise KnownError(FailureCode.TRUST_ROOTS_MISSING, "no certificate in the enrolment") from None
    with TemporaryDirectory() as folder:  # the certificate is no secret; its key stays where it is
        certificate_path = Path(folder) / "device.pem"
        certificate_path.write_bytes(chain_pem)
        try:
            context.load_cert_chain(certificate_path, encrypted_key_path, password)
        except OSError as error:  # ssl.SSLError is one
            raise KnownError(FailureCode.STORE_UNREADABLE, f"device key: {type(error).__name__}") from None
    return context
