"""The centre over HTTP. Endpoints are plain functions, so that FastAPI runs what blocks in its threads."""

import logging
import re
import sqlite3
from typing import Annotated

from fastapi import APIRouter, Body, Depends, FastAPI, Header, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from hallclient.central.centre import Centre
from hallclient.central.limits import LimitedBodies, refusal_response
from hallclient.central.messages import (
    MOST_PARTS,
    Committed,
    DeviceAudit,
    Health,
    ObjectName,
    Refused,
    Registered,
    Registration,
    StaffCertified,
    StaffRenewal,
)
from hallclient.central.peer import peer_certificate
from hallclient.central.refusal import RefusalCode, RefusalError
from hallclient.central.sender import Sender
from hallclient.central.storage_failures import refusal_of
from hallclient.domain.enrolment import SignedEnrolment
from hallclient.domain.staff_documents import StaffApplication

TITLE, VERSION = "hallclient centre", "1"

_log = logging.getLogger(__name__)

_UUID7 = r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
_PLAIN_PATH = re.compile(r"/v1/[a-z0-9_./-]{1,200}")
_REFUSALS = (403, 404, 405, 408, 409, 411, 413, 422, 425, 429, 500, 503, 507)

router = APIRouter(prefix="/v1", responses={status: {"model": Refused} for status in _REFUSALS})


class PemResponse(Response):
    """Certificates and their like as text."""

    media_type = "application/x-pem-file"


def _centre(request: Request) -> Centre:
    centre: Centre = request.app.state.centre
    return centre


def _sender(request: Request, centre: Annotated[Centre, Depends(_centre)]) -> Sender:
    return centre.sender_of(peer_certificate(request.scope))


CentreHere = Annotated[Centre, Depends(_centre)]
From = Annotated[Sender, Depends(_sender)]
Session = Annotated[str, Path(pattern=_UUID7, description="UUIDv7")]


@router.get("/health", dependencies=[Depends(_sender)])
def health(centre: CentreHere) -> Health:
    """Answers an enrolled device: the centre is there, and this is its time."""
    return centre.health()


@router.get("/revocations", dependencies=[Depends(_sender)], response_class=PemResponse)
def revocations(centre: CentreHere) -> PemResponse:
    """What is revoked: an X.509 list in PEM (RFC 5280) and the certificate of the issuer that signed it."""
    return PemResponse(centre.revocations().to_pem())


@router.post("/device/renewal")
def renew_device(centre: CentreHere, request: Request) -> SignedEnrolment:
    """The enrolment of the device that asks, with a new certificate for the same key and place."""
    return centre.renew_device(peer_certificate(request.scope))


@router.post("/staff")
def certify_staff(centre: CentreHere, request: Request, application: StaffApplication) -> StaffCertified:
    """Certify somebody whom an administrator of the sender's hall has invited; again gives the same answer.

    409 for a staff number that somebody has.
    """
    certified = centre.admit_staff(peer_certificate(request.scope), application)
    _log.info("staff %s certified", application.request.number)
    return certified


@router.post("/staff/renewal")
def renew_staff(centre: CentreHere, request: Request, renewal: StaffRenewal) -> StaffCertified:
    """Another certificate for the key of a person of the sender's hall, whose own is still good."""
    return centre.renew_staff(peer_certificate(request.scope), renewal.certificate)


@router.put("/sessions/{session}")
def register(centre: CentreHere, sender: From, session: Session, registration: Registration) -> Registered:
    """Register a session, or ask again which of its parts are missing.

    409 for the same id with other content. 429 for a device that has begun much and finished little, 507 where the
    centre has no room for it now: both may be over later.
    """
    return centre.register(sender, session, registration)


@router.put("/sessions/{session}/objects/{name}/parts/{number}", status_code=204)
def put_part(
    centre: CentreHere,
    sender: From,
    session: Session,
    name: ObjectName,
    number: Annotated[int, Path(ge=1, le=MOST_PARTS)],
    body: Annotated[bytes, Body(media_type="application/octet-stream")],
    x_content_sha256: Annotated[str, Header()],
) -> None:
    """Upload one part of an object; again is harmless."""
    centre.put_part(sender, session, name, number, body, x_content_sha256)


@router.post("/sessions/{session}/commit")
def commit(
    centre: CentreHere,
    sender: From,
    session: Session,
    x_sent_at: Annotated[str | None, Header(max_length=40, description="The device's time, ISO 8601 in UTC.")] = None,
) -> Committed:
    """Have the whole package inspected, judged and signed for; again gives the same bytes.

    409 when parts are missing. A broken package is refused with 422 and forgotten. One that contradicts itself or what
    the centre knows is kept: its receipt says `pending_review`, with the reasons.
    """
    committed = centre.commit(sender, session, x_sent_at)
    _log.info("session %s received", session)
    return committed


@router.get("/audit")
def audit(
    centre: CentreHere,
    sender: From,
    after: Annotated[int, Query(ge=-(2**53), lt=2**53, description="Sessions with a higher number than this.")] = 0,
) -> DeviceAudit:
    """What the centre knows of the device that asks: its sessions, their chain, and the audit heads."""
    return centre.audit(sender, after)


def application(centre: Centre) -> FastAPI:
    """The ASGI application of one centre."""
    app = FastAPI(title=TITLE, version=VERSION, openapi_url=None, redirect_slashes=False)
    app.state.centre = centre
    app.include_router(router)
    app.add_exception_handler(RefusalError, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _not_ours)
    app.add_exception_handler(OSError, _storage_failed)
    app.add_exception_handler(sqlite3.Error, _storage_failed)
    app.add_exception_handler(Exception, _failed)
    app.add_middleware(LimitedBodies)
    return app


# The handlers are coroutines: none of them waits for a thread, of which a busy centre may have none.


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, RefusalError):
        raise error
    path = str(request.scope["path"])  # decoded: it may be anybody's words, in several lines
    _log.warning("refused %s: %s", path if _PLAIN_PATH.fullmatch(path) else "?", error.code)
    return refusal_response(error)


async def _malformed(request: Request, error: Exception) -> Response:
    """Names the fields only: FastAPI's own answer would quote what was sent."""
    if not isinstance(error, RequestValidationError):
        raise error
    fields = sorted({".".join(map(str, item["loc"])) for item in error.errors()})
    return await _refused(request, RefusalError(RefusalCode.MESSAGE_MALFORMED, ", ".join(fields)))


async def _not_ours(request: Request, error: Exception) -> Response:
    """What never came to an endpoint: another address, another verb, a body that broke off."""
    if not isinstance(error, HTTPException):
        raise error
    code = {404: RefusalCode.ROUTE_UNKNOWN, 405: RefusalCode.METHOD_UNKNOWN}.get(error.status_code)
    if code is None:  # whoever broke off does not hear it
        return refusal_response(RefusalError(RefusalCode.MESSAGE_MALFORMED))
    return await _refused(request, RefusalError(code))


async def _storage_failed(request: Request, error: Exception) -> Response:
    centre: Centre = request.app.state.centre
    refusal = refusal_of(error, centre.folder) if isinstance(error, OSError | sqlite3.Error) else None
    if refusal is None:
        raise error
    return await _refused(request, refusal)


async def _failed(_: Request, error: Exception) -> Response:
    """A mistake of ours, which the server writes into its log."""
    return refusal_response(RefusalError(RefusalCode.CENTRE_FAILED, type(error).__name__))
