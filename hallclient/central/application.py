"""The centre over HTTP. Endpoints are plain functions, so that FastAPI runs what blocks in its threads."""

import logging
from typing import Annotated

from fastapi import APIRouter, Body, Depends, FastAPI, Header, Path, Request, Response
from fastapi.exceptions import RequestValidationError

from hallclient.central.centre import Centre
from hallclient.central.limits import LimitedBodies, refusal_response
from hallclient.central.messages import (
    MOST_PARTS,
    Committed,
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
from hallclient.domain.enrolment import SignedEnrolment
from hallclient.domain.staff_documents import StaffApplication

TITLE, VERSION = "hallclient centre", "1"

_log = logging.getLogger(__name__)

_UUID7 = r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
_REFUSALS = (403, 404, 409, 411, 413, 422)

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

    409 for the same id with other content and for a device's sequence number that another session has.
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
def commit(centre: CentreHere, sender: From, session: Session) -> Committed:
    """Have the whole package inspected and signed for; again gives the same bytes.

    409 when parts are missing. A package that does not hold is refused with 422 and forgotten.
    """
    committed = centre.commit(sender, session)
    _log.info("session %s received", session)
    return committed


def application(centre: Centre) -> FastAPI:
    """The ASGI application of one centre."""
    app = FastAPI(title=TITLE, version=VERSION, openapi_url=None)
    app.state.centre = centre
    app.include_router(router)
    app.add_exception_handler(RefusalError, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_middleware(LimitedBodies)
    return app


def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, RefusalError):
        raise error
    _log.warning("refused %s: %s", request.url.path, error.code)
    return refusal_response(error)


def _malformed(request: Request, error: Exception) -> Response:
    """Names the fields only: FastAPI's own answer would quote what was sent."""
    if not isinstance(error, RequestValidationError):
        raise error
    fields = sorted({".".join(map(str, item["loc"])) for item in error.errors()})
    return _refused(request, RefusalError(RefusalCode.MESSAGE_MALFORMED, ", ".join(fields)))
