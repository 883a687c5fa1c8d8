"""What is signed so that somebody new gets a login: an administrator invites, they ask, the centre certifies.

An invitation has a key pair of its own. Its private half lies in the hall's file under a one-time code, so that whoever
has the code can sign one request with it; the new person's own keys never leave their box.
"""

import datetime as dt
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import Field

from hallclient.domain.documents import Document, Verdict, examine, sign
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.permissions import needs_two_to_invite
from hallclient.domain.staff import Role, Staff
from hallclient.domain.staff_word import SignedWord

INVITATION, REQUEST, INVITED_REQUEST = "staff/invitation", "staff/request", "staff/invited-request"
HALL_KEY_ROTATION = "staff/hall-key-rotation"
INVITATION_TIME = dt.timedelta(days=3)
# By this much later at the latest, by the centre's own clock, it hears of somebody who joined in time by the counter's
# word: a line may be down for weeks, and a counter whose clock lies gains no more than this.
DELIVERY_TIME = dt.timedelta(days=30)

_Key = Field(pattern=r"^[0-9a-f]{64}$")
_Signature = Field(pattern=r"^[0-9a-f]{192}$")


class Invitation(Document):
    """Somebody may have a login. `until`: ISO 8601; `replaces`: they had one, and have forgotten what opens it.

    Another administrator and a replaced login need two administrators, or the centre's word: one alone could otherwise
    be everybody.
    """

    id: str = Field(pattern=r"^[0-9a-f]{32}$")
    number: str
    role: Role
    hall: str
    signing_key: str = _Key
    until: str
    replaces: bool

    @property
    def staff(self) -> Staff:
        return Staff(self.number, self.role)

    @property
    def needs_two(self) -> bool:
        """Whether one administrator alone is not enough."""
        return self.replaces or needs_two_to_invite(self.role)

    def holds_at(self, moment: dt.datetime) -> bool:
        try:
            return moment <= dt.datetime.fromisoformat(self.until)
        except (ValueError, TypeError):
            return False


class JoinRequest(Document):
    """Keys that somebody who was invited wants to be known by.

    Attributes:
        invitation: its SHA-256.
        joined_at: ISO 8601, by the counter's clock, which is believed within `DELIVERY_TIME` only.
    """

    number: str
    role: Role
    hall: str
    signing_key: str = _Key
    receiving_key: str = _Key
    invitation: str
    joined_at: str

    @property
    def staff(self) -> Staff:
        return Staff(self.number, self.role)

    @property
    def public_key(self) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.signing_key))


class Endorsement(Document):
    """Somebody's signature, with the certificates that say who it is (hex of DER, issuers nearest first)."""

    certificate: str
    issuers: tuple[str, ...]
    signature: str = _Signature


class HallKeyRotation(Document):
    """An administrator's word that another hall key is the hall's now; both by `hall_key_id`. `at`: ISO 8601."""

    hall: str
    at: str
    previous: str = _Key
    next: str = _Key


class StaffApplication(Document):
    """All that the centre needs to certify somebody who was invited.

    Attributes:
        possession: the new signing key's own signature of the request.
        invited: the invitation's one-time key's signature of the request.
        endorsements: who signed the invitation.
        word: the centre's leave, instead of a second administrator.
    """

    request: JoinRequest
    possession: str = _Signature
    invitation: Invitation
    invited: str = _Signature
    endorsements: tuple[Endorsement, ...]
    word: SignedWord | None = None


def make_application(
    request: JoinRequest,
    key: Ed25519PrivateKey,
    invitation: Invitation,
    one_time_key: Ed25519PrivateKey,
    endorsements: Sequence[Endorsement],
    word: SignedWord | None,
) -> StaffApplication:
    """What somebody who was invited asks the centre with."""
    data = request.canonical()
    return StaffApplication(
        request=request,
        possession=sign(key, REQUEST, data).hex(),
        invitation=invitation,
        invited=sign(one_time_key, INVITED_REQUEST, data).hex(),
        endorsements=tuple(endorsements),
        word=word,
    )


def must_be_own(application: StaffApplication) -> None:
    """Who asks has the key, and was meant. Raises input_invalid; who endorsed an invitation is asked elsewhere."""
    request = application.request
    data = request.canonical()
    if not _holds(request.signing_key, REQUEST, data, application.possession):
        raise KnownError(FailureCode.INPUT_INVALID, "the request is not signed by its own key")
    invitation = application.invitation
    meant = (invitation.number, invitation.role, invitation.hall, invitation.sha256)
    if meant != (request.number, request.role, request.hall, request.invitation):
        raise KnownError(FailureCode.INPUT_INVALID, "the invitation is for somebody else")
    if not _holds(invitation.signing_key, INVITED_REQUEST, data, application.invited):
        raise KnownError(FailureCode.INPUT_INVALID, "the request is not signed by the invitation's key")


def _holds(key: str, purpose: str, data: bytes, signature: str) -> bool:
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
    return examine(public, purpose, data, bytes.fromhex(signature)) is Verdict.HOLDS
