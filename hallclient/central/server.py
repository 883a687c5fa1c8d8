"""Runs the centre: HTTPS with TLS 1.3, where the other side must show a certificate of the centre's root."""

import asyncio
import datetime as dt
import logging
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import anyio.to_thread
import uvicorn

from hallclient.central.application import application
from hallclient.central.centre import Centre
from hallclient.central.comparison import PictureEngine
from hallclient.central.connections import ConnectionLimits, Connections, Entrance, ServedConnection
from hallclient.central.keys import CentreKeys
from hallclient.central.policy import Policy
from hallclient.devices import Clock, Entropy
from hallclient.domain.failures import FailureCode, KnownError

_SHUTDOWN_S = 20  # for requests that were asked to their end
_THREADS = 16  # each with a database and an object open
_QUEUE = 1024  # connections that the system keeps until they are accepted
_CLEAR_AFTER_S = 3600.0
_ISSUER_WARNING = dt.timedelta(days=60)  # what it certifies ends with it

_log = logging.getLogger(__name__)


def serve(
    folder: Path,
    host: str,
    port: int,
    clock: Clock,
    entropy: Entropy,
    on_ready: Callable[[str], None],
    engine: Callable[[Policy], PictureEngine | None] = lambda _: None,
) -> None:
    """Serve the centre in `folder` until SIGTERM or SIGINT; requests that have begun are finished first.

    Args:
        engine: as for `Centre.open`.
        host: address or name to listen on.
        port: 0 for any free one.
        on_ready: called with the base URL once connections are accepted.

    Raises input_invalid when there is no centre or the address cannot be listened on, store_unreadable.
    """
    centre = Centre.open(folder, clock, entropy, engine=engine)
    left = centre.keys.issuer.leaf.not_valid_after_utc - clock.now()
    if left < _ISSUER_WARNING:
        _log.warning("the issuing key is good for %d days: hallclient central root certify", left.days)
    CentreServer(centre, host, port, on_ready).run()


class CentreServer(uvicorn.Server):
    """One running centre. In a thread of one's own, `stop` ends `run`."""

    def __init__(
        self,
        centre: Centre,
        host: str,
        port: int,
        on_ready: Callable[[str], None],
        limits: ConnectionLimits | None = None,
    ) -> None:
        self._centre = centre
        self._host, self._port, self._on_ready = host, port, on_ready
        self._connections = Connections(limits or ConnectionLimits.of_this_system())
        self._clearing: asyncio.Task[None] | None = None
        # pyHanko quotes what it finds in a PDF when it is damaged, and that may be a customer's name.
        logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
        super().__init__(
            uvicorn.Config(
                application(centre),
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,
                log_level=logging.WARNING,
                access_log=False,
                server_header=False,
                ssl_context_factory=lambda _config, _default: server_ssl_context(centre.keys),
                timeout_keep_alive=round(self._connections.limits.idle_s),
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
        """As uvicorn's, but a connection is counted before its TLS."""
        anyio.to_thread.current_default_thread_limiter().total_tokens = _THREADS
        loop, self.servers = asyncio.get_running_loop(), []
        for listener in sockets or []:
            accepted_at_once = self._connections.limits.accepted_at_once
            self.servers.append(await loop.create_server(self._entrance, sock=listener, backlog=accepted_at_once))
            listener.listen(_QUEUE)  # those who come all at once wait longer than they would for a second try
        self.started = True
        self._clearing = loop.create_task(self._clear())
        port = self.servers[0].sockets[0].getsockname()[1]
        host = f"[{self._host}]" if ":" in self._host else self._host
        self._on_ready(f"https://{host}:{port}")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._clearing is not None:
            self._clearing.cancel()
        self._connections.cut_off_unserved()
        await super().shutdown(sockets)

    def _entrance(self) -> Entrance:
        context = self.config.ssl
        if context is None:
            raise RuntimeError("without TLS")
        return Entrance(self._connections, context, self._served)

    def _served(self) -> ServedConnection:
        return ServedConnection(
            self._connections, config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )

    async def _clear(self) -> None:
        """Now and then, what was begun and will not be finished."""
        while True:
            try:
                await anyio.to_thread.run_sync(self._centre.clear_unfinished)
            except Exception as error:  # noqa: BLE001  # it is tried again, and what it is about does no harm till then
                _log.warning("unfinished uploads are not cleared: %s", type(error).__name__)
            await asyncio.sleep(_CLEAR_AFTER_S)

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
