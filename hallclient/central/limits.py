"""Turns away bodies that are too large or too many at once, before they are read."""

from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from hallclient.central.messages import PART_BYTES, Refused
from hallclient.central.refusal import RefusalCode, RefusalError

MOST_BYTES_AT_ONCE = 64 * PART_BYTES  # of all bodies that are being received: they are held in memory


class LimitedBodies:
    """Wraps an application. A body must say its length (h11 then holds it to that) and be no longer than a part."""

    def __init__(self, app: ASGIApp, most_bytes_at_once: int = MOST_BYTES_AT_ONCE) -> None:
        self._app = app
        self._left_bytes = most_bytes_at_once

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope.get("headers", []))
        body_bytes = int(headers.get(b"content-length", b"0"))
        if b"transfer-encoding" in headers:
            refusal = RefusalError(RefusalCode.LENGTH_MISSING)
        elif body_bytes > PART_BYTES:
            refusal = RefusalError(RefusalCode.MESSAGE_TOO_LARGE, f"more than {PART_BYTES} bytes")
        elif body_bytes > self._left_bytes:
            refusal = RefusalError(RefusalCode.CENTRE_BUSY, "too much is being received at once")
        else:
            self._left_bytes -= body_bytes
            try:
                await self._app(scope, receive, send)
            finally:
                self._left_bytes += body_bytes
            return
        await refusal_response(refusal)(scope, receive, send)


def refusal_response(refusal: RefusalError) -> JSONResponse:
    """What the sender of a refused request is told."""
    return JSONResponse(Refused(code=refusal.code, detail=refusal.detail).model_dump(), refusal.status)
