"""The secured line to the centre: who is trusted, and who this device is."""

import errno
import ssl
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hallclient.domain.failures import FailureCode, KnownError


class _ClosedWhenHungUp(ssl.SSLSocket):
    """Closes itself when the peer hung up between connecting and the handshake, which `ssl` forgets to do."""

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
    roots_pem: bytes, certificate_pem: bytes, encrypted_key_path: Path, password: bytes
) -> ssl.SSLContext:
    """TLS 1.3 with the device's certificate, trusting `roots_pem` and nobody else.

    Args:
        roots_pem, certificate_pem: from the enrolment.
        encrypted_key_path: the device's private key, an encrypted PKCS #8 PEM file: `ssl` loads keys from files only.
        password: of that file.

    Raises store_unreadable when the key does not open or is another certificate's, trust_roots_missing.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.sslsocket_class = _ClosedWhenHungUp
    try:
        context.load_verify_locations(cadata=roots_pem.decode("ascii"))
    except (ssl.SSLError, ValueError):
        raise KnownError(FailureCode.TRUST_ROOTS_MISSING, "no certificate in the enrolment") from None
    with TemporaryDirectory() as folder:  # the certificate is no secret; its key stays where it is
        certificate_path = Path(folder) / "device.pem"
        certificate_path.write_bytes(certificate_pem)
        try:
            context.load_cert_chain(certificate_path, encrypted_key_path, password)
        except OSError as error:  # ssl.SSLError is one
            raise KnownError(FailureCode.STORE_UNREADABLE, f"device key: {type(error).__name__}") from None
    return context
