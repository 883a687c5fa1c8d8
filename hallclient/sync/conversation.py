"""Asks the centre, and asks again where the line was cut off."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.sync.connections import Connections
from hallclient.sync.replies import AnswerType, refusal, understood, unreached

# The centre may take long to inspect a large video; everything else answers at once.
TIMEOUT = httpx.Timeout(30, connect=5, read=120)
_PIECE_BYTES = 16 * 1024  # of a body; with each that the network takes it is known that the line moves
_PAUSES_S = (0.2, 1.0)  # between the tries of one request that was cut off; the courier waits longer between deliveries
_CUT_OFF = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError, httpx.CloseError)


class Conversation:
    """The requests of one delivery.

    `connects_once`: who asks will ask again anyway, and wants to know at once. `moved` is called whenever the network
    has taken or brought something.
    """

    def __init__(
        self,
        http: httpx.Client,
        connections: Connections,
        pause: Callable[[float], None],
        timeout: httpx.Timeout = TIMEOUT,
        *,
        connects_once: bool = False,
        moved: Callable[[], None] = lambda: None,
    ) -> None:
        self._http = http
        self._moved = moved
        self._connections = connections
        self._pause = pause
        self._timeout = timeout
        self._final = (httpx.TimeoutException, httpx.ConnectError) if connects_once else (httpx.TimeoutException,)
        self._answered = False

    def ask(
        self,
        kind: type[AnswerType],
        method: str,
        url: str,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> AnswerType:
        return understood(kind, self.response(method, url, body, headers))

    def put_part(self, url: str, body: bytes, sha256: str) -> None:
        headers = {"Content-Type": "application/octet-stream", "X-Content-SHA256": sha256}
        response = self.response("PUT", url, body, headers)
        if not response.is_success:
            raise refusal(response)

    def response(
        self, method: str, url: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """The centre's reply. A request that was cut off is made again: all of them may be repeated."""
        cut_off = 0
        failure = KnownError(FailureCode.CENTRE_UNREACHABLE, "cut off by this program")
        for pause_s in (*_PAUSES_S, None):
            if self._connections.are_cut:
                break
            try:
                response = self._http.request(
                    method,
                    url,
                    content=self._pieces(body) if body else None,
                    headers={**(headers or {}), "Content-Length": str(len(body))} if body else headers,
                    timeout=self._timeout,
                    extensions={"trace": self._trace},
                )
            except httpx.RequestError as error:
                failure = unreached(error)
                cut_off += isinstance(error, _CUT_OFF)
                final = failure.code is FailureCode.CENTRE_UNTRUSTED or isinstance(error, self._final)
                if final or pause_s is None or self._connections.are_cut:
                    break
                self._pause(pause_s)
            else:
                self._answered = True
                return response
        # TLS 1.3 lets the client finish its handshake before the server looks at the client's certificate. A server
        # that does not like it hangs up: connections that always come about and never answer are that.
        if cut_off > len(_PAUSES_S) and not self._answered:
            failure = KnownError(FailureCode.CENTRE_REFUSED_DEVICE, "hangs up after the handshake")
        raise failure

    def _pieces(self, body: bytes) -> Iterator[bytes]:
        for at in range(0, len(body), _PIECE_BYTES):
            yield body[at : at + _PIECE_BYTES]
            self._moved()

    def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        self._connections.trace(event, info)
        if event.endswith(".complete"):
            self._moved()
