"""Runs the centre: HTTPS with TLS 1.3, where the other side must show a certificate of the centre's root."""

import datetime as dt
import logging
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import uvicorn

from hallclient.central.application import application
from hallclient.central.centre import Centre
from hallclient.central.keys import CentreKeys
from hallclient.central.peer import PeerProtocol
from hallclient.devices import Clock, Entropy
from hallclient.domain.failures import FailureCode, KnownError

_SHUTDOWN_S = 20
_IDLE_S = 30
_ISSUER_WARNING = dt.timedelta(days=60)  # what it certifies ends with it

_log = logging.getLogger(__name__)


def serve(folder: Path, host: str, port: int, clock: Clock, entropy: Entropy, on_ready: Callable[[str], None]) -> None:
    """Serve the centre in `folder` until SIGTERM or SIGINT; requests that have begun are finished first.

    Args:
        host: address or name to listen on.
        port: 0 for any free one.
        on_ready: called with the base URL once connections are accepted.

    Raises input_invalid when there is no centre or the address cannot be listened on, store_unreadable.
    """
    centre = Centre.open(folder, clock, entropy)
    left = centre.keys.issuer.leaf.not_valid_after_utc - clock.now()
    if left < _ISSUER_WARNING:
        _log.warning("the issuing key is good for %d days: hallclient central root certify", left.days)
    CentreServer(centre, host, port, on_ready).run()


class CentreServer(uvicorn.Server):
    """One running centre. In a thread of one's own, `stop` ends `run`."""

    def __init__(self, centre: Centre, host: str, port: int, on_ready: Callable[[str], None]) -> None:
        self._host, self._port, self._on_ready = host, port, on_ready
        # pyHanko quotes what it finds in a PDF when it is damaged, and that may be a customer's name.
        logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
        super().__init__(
            uvicorn.Config(
                application(centre),
                http=PeerProtocol,
                ws="none",
                lifespan="off",
                log_config=None,
                log_level=logging.WARNING,
                access_log=False,
                server_header=False,
                ssl_context_factory=lambda _config, _default: server_ssl_context(centre.keys),
                timeout_keep_alive=_IDLE_S,
                timeout_graceful_shutdown=_SHUTDOWN_S,
            )
        )

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until a signal or `stop`."""
        super().run(sockets or [self._listening()])

    def stop(self) -> None:
        """Finish what has begun and end `run`; may be called from any thread."""
        self.should_exit = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal is a wish to stop, not a failure: unlike uvicorn, do not raise it again afterwards."""
        super().handle_exit(sig, frame)
        self._captured_signals.clear()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        port = self.servers[0].sockets[0].getsockname()[1]
        host = f"[{self._host}]" if ":" in self._host else self._host
        self._on_ready(f"https://{host}:{port}")

    def _listening(self) -> socket.socket:
        try:
            self._host.encode("idna")  # as `bind` does, whose failures are of several kinds
        except UnicodeError:
            raise KnownError(FailureCode.INPUT_INVALID, "cannot listen: no name of a host") from None
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((self._host, self._port))
        except OSError as error:
            listener.close()
            raise KnownError(FailureCode.INPUT_INVALID, f"cannot listen: {error.strerror}") from None
        return listener


def server_ssl_context(keys: CentreKeys) -> ssl.SSLContext:
    """TLS 1.3 only, and only with a client that our root vouches for; which role it has is asked later."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(keys.roots_file)
    context.load_cert_chain(*keys.tls_files)
    return context
