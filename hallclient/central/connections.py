"""A centre's connections: how many there may be, of whom, and how long each may take for what it is at.

Nobody has to be trusted for any of it: a connection that says nothing is cut off after seconds, and makes room for the
next one as soon as there are too many.
"""

import asyncio
import hashlib
import json
import logging
import ssl
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import h11
from cryptography import x509
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES

from hallclient.central.messages import PART_BYTES
from hallclient.central.peer import PeerProtocol
from hallclient.central.refusal import RefusalCode, RefusalError

_SHUTDOWN_S = 1.0  # for the other side to say goodbye, which a client that keeps its connection for later never does
_OTHER_FILES = 96  # the threads' databases and objects, the log, the listener
_MOST_CONNECTIONS = 1024
_MOST_ACCEPTED_AT_ONCE = 128

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """What connections may cost; all times in seconds.

    Attributes:
        most: connections at once, of whatever age.
        accepted_at_once: taken from the system's queue before they are counted.
        most_of_one: connections at once under one certified key. A counter has two.
        handshake_s: until TLS is agreed.
        idle_s: without a request; longer than a client needs to see in a hang-up that its centre is gone.
        header_s: from the first byte of a request to the end of its header.
        pause_s: between two pieces of a body.
        body_s, body_bytes_per_s: for a body, and in addition for its length: a line of 64 kbit/s is served.
        answer_s: from the whole request to the whole answer; a client waits for 120.
    """

    most: int = _MOST_CONNECTIONS
    accepted_at_once: int = _MOST_ACCEPTED_AT_ONCE
    most_of_one: int = 8
    handshake_s: float = 5.0
    idle_s: float = 30.0
    header_s: float = 10.0
    pause_s: float = 20.0
    body_s: float = 30.0
    body_bytes_per_s: float = 8 * 1024.0
    answer_s: float = 150.0

    @classmethod
    def of_this_system(cls) -> "ConnectionLimits":
        """As many as this process may open files, with room for those that are closed a moment later."""
        if sys.platform == "win32":  # where sockets are not counted as files
            return cls()
        # Here and not above: Windows has no such module.
        import resource  # noqa: PLC0415

        allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        room = max((_MOST_CONNECTIONS * 2 if allowed == resource.RLIM_INFINITY else allowed) - _OTHER_FILES, 32)
        return cls(
            most=min(room // 2, _MOST_CONNECTIONS), accepted_at_once=max(min(room // 8, _MOST_ACCEPTED_AT_ONCE), 4)
        )


class Connections:
    """All that are open at one server. Used on its loop only."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self.limits = limits
        self._shaking: dict[Entrance, None] = {}  # in the order of their arrival, as below
        self._served: dict[ServedConnection, None] = {}

    def arrive(self, entrance: "Entrance") -> bool:
        """Count a new one. False when there are too many and every other one is at work."""
        while len(self._shaking) + len(self._served) >= self.limits.most:
            if not self._make_room():
                return False
        self._shaking[entrance] = None
        return True

    def _make_room(self) -> bool:
        """Cut off whoever has least to lose: the oldest without TLS, else the one that has been idle for longest."""
        if self._shaking:
            oldest = next(iter(self._shaking))
            self.leave(oldest)
            oldest.cut_off()
            return True
        return self._cut_off_idle(list(self._served))

    def _cut_off_idle(self, among: "list[ServedConnection]") -> bool:
        idle = [one for one in among if one.is_idle]
        if not idle:
            return False
        longest = min(idle, key=lambda one: one.since_s)
        self.leave(longest)
        longest.cut_off()
        return True

    def join(self, served: "ServedConnection") -> None:
        """TLS is agreed. Whoever has too many under one key loses one: an idle one if there is one."""
        same = [one for one in self._served if one.key == served.key]
        if len(same) >= self.limits.most_of_one and not self._cut_off_idle(same):
            self.leave(same[0])
            same[0].cut_off()
        self._served[served] = None

    def leave(self, connection: "Entrance | ServedConnection") -> None:
        """It is gone, or on its way; again is harmless."""
        if isinstance(connection, Entrance):
            self._shaking.pop(connection, None)
        else:
            self._served.pop(connection, None)

    def cut_off_unserved(self) -> None:
        """All that have no TLS yet: the server stops."""
        for entrance in list(self._shaking):
            self.leave(entrance)
            entrance.cut_off()


class Entrance(asyncio.Protocol):
    """A TCP connection until its TLS is agreed."""

    def __init__(
        self, connections: Connections, context: ssl.SSLContext, served: "Callable[[], ServedConnection]"
    ) -> None:
        self._connections, self._context, self._served = connections, context, served
        self._transport: asyncio.Transport | None = None
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # of `create_server`
        transport.pause_reading()  # what comes now is for TLS
        self._transport = transport
        if self._connections.arrive(self):
            self._task = asyncio.get_running_loop().create_task(self._shake_hands(transport))
        else:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's
        self._connections.leave(self)

    def cut_off(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    async def _shake_hands(self, transport: asyncio.Transport) -> None:
        served = self._served()
        try:
            secured = await asyncio.get_running_loop().start_tls(
                transport,
                served,
                self._context,
                server_side=True,
                ssl_handshake_timeout=self._connections.limits.handshake_s,
                ssl_shutdown_timeout=_SHUTDOWN_S,
            )
        except OSError:  # of TLS, of the network, or too slow: all of them are, and it says nothing about us
            secured = None
        finally:
            self._connections.leave(self)
        if secured is None or secured.is_closing() or served.is_lost:
            transport.abort()
        else:
            served.connection_made(secured)


class _Phase(StrEnum):
    IDLE = "idle"
    HEADER = "header"
    BODY = "body"
    ANSWER = "answer"


class ServedConnection(PeerProtocol):
    """HTTP/1.1 over TLS in which nothing may take for ever.

    Attributes:
        key: of whom it is: SHA-256 of the certified key, or of the certificate where that has none of ours.
        since_s: when it began with what it is at, on the loop's clock.
        is_lost: the other side is gone; perhaps before we were told that TLS is agreed.
    """

    def __init__(self, connections: Connections, **options: Any) -> None:
        super().__init__(**options)
        self._all, self._limits = connections, connections.limits
        self._timer: asyncio.TimerHandle | None = None
        self._at: tuple[_Phase, Any] = (_Phase.IDLE, None)
        self._early = b""  # came with the end of the handshake, before we were told of that
        self.key = ""
        self.since_s = 0.0
        self.is_lost = False

    @property
    def is_idle(self) -> bool:
        return self._at[0] is _Phase.IDLE

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the base class
        super().connection_made(transport)
        tls = transport.get_extra_info("ssl_object")
        self.key = _key_of(tls.getpeercert(binary_form=True))
        self.since_s = self.loop.time()
        self._all.join(self)
        self.data_received(self._early)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_lost = True
        self._stop_timer()
        self._all.leave(self)
        if self.key:
            super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self.key:
            self._early += data
            return
        if data:  # h11 takes nothing for the end
            super().data_received(data)
        self._follow()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._follow()

    def shutdown(self) -> None:
        """The server stops: what has been asked is answered, what has not been asked to its end is not waited for."""
        self._follow()
        if self._at[0] in (_Phase.HEADER, _Phase.BODY):
            self.cut_off()
        else:
            super().shutdown()

    def cut_off(self) -> None:
        self.transport.abort()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP at all is refused in the same words as everything else."""
        self._refuse(RefusalError(RefusalCode.HTTP_MALFORMED, msg))

    def _follow(self) -> None:
        """Give the connection the time that it has for what it is at now."""
        self._stop_timer()
        if self.transport.is_closing():  # TLS gives it up by itself
            return
        now_s, at = self.loop.time(), (self._phase(), self.cycle)
        if at != self._at:
            self._at, self.since_s = at, now_s
        limits = self._limits
        match at[0]:
            case _Phase.IDLE:
                until_s = self.since_s + limits.idle_s
            case _Phase.HEADER:
                until_s = self.since_s + limits.header_s
            case _Phase.BODY:
                whole_s = limits.body_s + self._body_bytes() / limits.body_bytes_per_s
                until_s = min(now_s + limits.pause_s, self.since_s + whole_s)
            case _Phase.ANSWER:
                until_s = self.since_s + limits.answer_s
        self._timer = self.loop.call_at(until_s, self._too_slow)

    def _phase(self) -> _Phase:
        theirs = self.conn.their_state
        if theirs is h11.IDLE:
            return _Phase.HEADER if self.conn.trailing_data[0] else _Phase.IDLE
        if theirs is h11.SEND_BODY:
            return _Phase.BODY
        return _Phase.IDLE if self.cycle is None or self.cycle.response_complete else _Phase.ANSWER

    def _body_bytes(self) -> int:
        """What the body may have: one that is longer is refused, and not read to its end."""
        return min(int(dict(self.headers).get(b"content-length", PART_BYTES)), PART_BYTES)

    def _too_slow(self) -> None:
        self._timer = None
        phase = self._at[0]
        _log.log(logging.DEBUG if phase is _Phase.IDLE else logging.INFO, "a connection is given up: %s", phase)
        if phase is _Phase.BODY and not self.cycle.response_started:
            self._refuse(RefusalError(RefusalCode.REQUEST_TOO_SLOW, f"body not complete, {self._body_bytes()} bytes"))
        elif phase is _Phase.IDLE:
            self.transport.close()
        else:
            self.cut_off()

    def _refuse(self, refusal: RefusalError) -> None:
        """Answer in place of the application, and hang up."""
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.cut_off()
            return
        body = json.dumps({"code": refusal.code, "detail": refusal.detail}).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        head = h11.Response(status_code=refusal.status, headers=headers, reason=STATUS_PHRASES[refusal.status])
        for event in (head, h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _key_of(certificate: bytes) -> str:
    try:
        key = x509.load_der_x509_certificate(certificate).public_key()
        return hashlib.sha256(key.public_bytes_raw()).hexdigest()  # type: ignore[union-attr]
    except Exception:  # noqa: BLE001  # whatever kind of key a root of ours certified: it has one digest, too
        return hashlib.sha256(certificate).hexdigest()
