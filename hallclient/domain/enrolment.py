"""What the centre gives a new device: all that the counter must believe, signed.

The counter keeps the signed text as it came. Whoever reads it again asks the signature again, under roots that they
know from elsewhere: the text alone could be anybody's, with a root of their own.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from hallclient.domain.certificates import (
    STAFF_ROLES,
    CertificateChain,
    CertificateRole,
    from_text,
    halls_of,
    name_of,
    public_key_of,
    role_of,
    workstation_of,
)
from hallclient.domain.comparison import Thresholds
from hallclient.domain.documents import Document, Verdict, examine, parse, sign
from hallclient.domain.equipment import Place, Workstation
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.manifest_part import ManifestPart
from hallclient.domain.timestamp_settings import TimestampSettings

ENROLMENT = "enrolment"  # what is signed
SHORTEST_IDLE_LOCK_S, LONGEST_IDLE_LOCK_S = 30, 3600


class EngineThresholds(ManifestPart):
    """The operator's thresholds for one face engine."""

    engine: str = Field(pattern=r"^[a-z0-9_-]{1,64}$")
    thresholds: Thresholds

    @field_validator("thresholds")
    @classmethod
    def _sane(cls, given: Thresholds) -> Thresholds:
        if not given.sane:
            raise ValueError("nobody can have measured these")
        return given


class EnrolmentSettings(ManifestPart):
    """What the operator sets for its counters; what is not set is as shipped.

    Attributes:
        thresholds: at most one for each face engine.
        timestamps: the service that signs times (RFC 3161).
        portrait_library_sha256: the vendor's library that decodes the chip's portrait.
        idle_lock_s: after so many seconds without a hand on it a counter is locked.
    """

    thresholds: tuple[EngineThresholds, ...] = ()
    timestamps: TimestampSettings | None = None
    portrait_library_sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    idle_lock_s: int | None = Field(default=None, ge=SHORTEST_IDLE_LOCK_S, le=LONGEST_IDLE_LOCK_S)


class StaffCertificate(ManifestPart):
    """A person who was certified with the device: the first administrator of a hall, of a practice hall everybody."""

    number: str
    certificate: str


class Enrolment(Document):
    """The centre's word. Certificates are DER in hex.

    Attributes:
        centre: its name.
        practice: it is for rehearsals; what it receives proves nothing.
        addresses: where it answers, as far as it knows.
        roots: what the device trusts.
        certificate: the device's.
        staff: of whoever is certified with it.
        issuers: of every certificate here.
        data_key: the X25519 key that sessions' data keys are sealed to, 32 bytes in hex.
        signer: the receipt certificate whose key signs this.
        issued_at: ISO 8601 in UTC.
    """

    format: Literal["hallclient-enrolment/1"] = "hallclient-enrolment/1"
    centre: str
    practice: bool
    addresses: tuple[str, ...] = ()
    roots: tuple[str, ...] = Field(min_length=1, max_length=8)
    place: Place
    device: str
    certificate: str
    staff: tuple[StaffCertificate, ...] = ()
    issuers: tuple[str, ...]
    data_key: str = Field(pattern=r"^[0-9a-f]{64}$")
    settings: EnrolmentSettings = EnrolmentSettings()
    signer: str
    issued_at: str

    @property
    def workstation(self) -> Workstation:
        return Workstation(self.place, self.device)

    def root_certificates(self) -> tuple[x509.Certificate, ...]:
        """Raises evidence_damaged."""
        return tuple(from_text(root) for root in self.roots)

    def chain_of(self, certificate: str) -> CertificateChain:
        """One of the certificates here with its issuers. Raises evidence_damaged."""
        return CertificateChain.from_texts(certificate, self.issuers)


class SignedEnrolment(BaseModel):
    """An enrolment as it travels, in a file or as an answer: its canonical JSON, and the signature in hex."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    enrolment: str
    signature: str = Field(pattern=r"^[0-9a-f]{192}$")

    def to_json(self) -> bytes:
        return self.model_dump_json(indent=2).encode()

    @classmethod
    def from_json(cls, data: bytes) -> "SignedEnrolment":
        """Raises input_invalid."""
        try:
            return cls.model_validate_json(data)
        except ValidationError:
            raise KnownError(FailureCode.INPUT_INVALID, "not an enrolment") from None

    def unverified(self) -> Enrolment:
        """What it says, for showing the roots to somebody who knows theirs; see `verified`. Raises input_invalid."""
        try:
            return parse(Enrolment, self.enrolment.encode())
        except (KnownError, UnicodeEncodeError):
            raise KnownError(FailureCode.INPUT_INVALID, "not an enrolment") from None

    def verified(self, at: dt.datetime, roots: Sequence[x509.Certificate] | None = None) -> Enrolment:
        """What it says, if a centre that `roots` vouch for signed it, and all certificates in it are good at `at`.

        Args:
            roots: those that are known; None believes the enrolment's own, and then somebody must have compared them.

        Raises input_invalid for something else than an enrolment, centre_untrusted for one that does not hold, and
        clock_wrong for one that held when it was issued.
        """
        enrolment = self.unverified()
        if self._holds(enrolment, at, roots):
            return enrolment
        issued_at = _moment(enrolment.issued_at)
        if issued_at is not None and self._holds(enrolment, issued_at, roots):
            raise KnownError(FailureCode.CLOCK_WRONG, f"an enrolment of {issued_at.date().isoformat()}")
        raise KnownError(FailureCode.CENTRE_UNTRUSTED, "the enrolment does not hold")

    def _holds(self, enrolment: Enrolment, at: dt.datetime, roots: Sequence[x509.Certificate] | None) -> bool:
        try:
            trusted = enrolment.root_certificates() if roots is None else roots
            signer = enrolment.chain_of(enrolment.signer)
            return (
                signer.is_issued_for(CertificateRole.RECEIPT, trusted, at)
                and _signed(self, signer)
                and _device_holds(enrolment, trusted, at)
                and all(_person_holds(enrolment, person, trusted, at) for person in enrolment.staff)
            )
        except KnownError:
            return False


def sign_enrolment(enrolment: Enrolment, key: Ed25519PrivateKey) -> SignedEnrolment:
    """`key` is that of the enrolment's `signer`."""
    data = enrolment.canonical()
    return SignedEnrolment(enrolment=data.decode(), signature=sign(key, ENROLMENT, data).hex())


def _moment(text: str) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _signed(signed: SignedEnrolment, signer: CertificateChain) -> bool:
    data, signature = signed.enrolment.encode(), bytes.fromhex(signed.signature)
    return examine(public_key_of(signer.leaf), ENROLMENT, data, signature) is Verdict.HOLDS


def _device_holds(enrolment: Enrolment, roots: Sequence[x509.Certificate], at: dt.datetime) -> bool:
    device = enrolment.chain_of(enrolment.certificate)
    return (
        device.is_issued_for(CertificateRole.DEVICE, roots, at) and workstation_of(device.leaf) == enrolment.workstation
    )


def _person_holds(
    enrolment: Enrolment, person: StaffCertificate, roots: Sequence[x509.Certificate], at: dt.datetime
) -> bool:
    chain = enrolment.chain_of(person.certificate)
    role = role_of(chain.leaf)
    return (
        role in STAFF_ROLES
        and chain.is_issued_for(role, roots, at)
        and name_of(chain.leaf) == person.number
        and enrolment.place.hall in halls_of(chain.leaf)
    )
