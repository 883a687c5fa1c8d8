"""Hands the TLS peer's certificate to the application, which uvicorn alone does not.

It travels as the ASGI TLS extension does (`scope["extensions"]["tls"]["client_cert_chain"]`, PEM, the peer's own
first), so that a proxy in front can do the same.
"""

import asyncio
import ssl
from typing import Any

from cryptography import x509
from uvicorn.protocols.http.h11_impl import H11Protocol


class PeerProtocol(H11Protocol):
    """HTTP/1.1 over TLS whose requests know who sent them."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the base class
        super().connection_made(transport)
        tls = transport.get_extra_info("ssl_object")
        certificate = None if tls is None else tls.getpeercert(binary_form=True)
        chain = [] if certificate is None else [ssl.DER_cert_to_PEM_cert(certificate)]
        application = self.app

        async def with_peer(scope: Any, receive: Any, send: Any) -> None:
            extensions = {**scope.get("extensions", {}), "tls": {"client_cert_chain": chain}}
            await application({**scope, "extensions": extensions}, receive, send)

        self.app = with_peer


def peer_certificate(scope: Any) -> x509.Certificate | None:
    """The certificate of the sender of a request; None without TLS, or when it cannot be read."""
    chain = scope.get("extensions", {}).get("tls", {}).get("client_cert_chain", [])
    try:
        return x509.load_pem_x509_certificate(chain[0].encode()) if chain else None
    except (ValueError, x509.InvalidVersion):
        return None
