"""A server that is no centre: it has whatever certificate a test gives it, and writes down what it is sent."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from hallclient.domain.certificates import CertificateChain

_PATIENCE_S = 60


@dataclass
class FalseCentre:
    """Where it is, and what it got of any request."""

    url: str
    received: bytearray = field(default_factory=bytearray)


@contextmanager
def false_centre(chain: CertificateChain, key: Ed25519PrivateKey, folder: Path) -> Iterator[FalseCentre]:
    """Listens on loopback as a TLS server with `chain`, and refuses each package for ever when it is asked."""
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "false.key.pem").write_bytes(pem)
    (folder / "false.pem").write_bytes(chain.to_pem())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "false.pem", folder / "false.key.pem")
    listener = socket.create_server(("127.0.0.1", 0))
    centre = FalseCentre(f"https://127.0.0.1:{listener.getsockname()[1]}")
    thread = threading.Thread(target=_serve, args=(listener, context, centre))
    thread.start()
    try:
        yield centre
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(_PATIENCE_S)
        assert not thread.is_alive()


def _serve(listener: socket.socket, context: ssl.SSLContext, centre: FalseCentre) -> None:
    body = b'{"code":"package_refused","detail":"forged"}'
    reply = b"HTTP/1.1 422 No\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    while True:
        try:
            accepted, _ = listener.accept()
        except OSError:  # closed: the test is over
            return
        accepted.settimeout(_PATIENCE_S)
        # A client that trusts nobody here ends the handshake, or the connection after it.
        with suppress(OSError), accepted, context.wrap_socket(accepted, server_side=True) as connection:
            if data := connection.recv(65536):
                centre.received += data
                connection.sendall(reply)
