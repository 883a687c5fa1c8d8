"""Turns away bodies that are too large, before they are read."""

from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from hallclient.central.messages import PART_BYTES, Refused
from hallclient.central.refusal import RefusalCode, RefusalError


class LimitedBodies:
    """Wraps an application. A body must say its length (h11 then holds it to that) and be no longer than a part."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope.get("headers", []))
        refusal: RefusalError | None = None
        if b"transfer-encoding" in headers:
            refusal = RefusalError(RefusalCode.LENGTH_MISSING)
        elif int(headers.get(b"content-length", b"0")) > PART_BYTES:
            refusal = RefusalError(RefusalCode.MESSAGE_TOO_LARGE, f"more than {PART_BYTES} bytes")
        await (self._app if refusal is None else refusal_response(refusal))(scope, receive, send)


def refusal_response(refusal: RefusalError) -> JSONResponse:
    """What the sender of a refused request is told."""
    return JSONResponse(Refused(code=refusal.code, detail=refusal.detail).model_dump(), refusal.status)
