"""The public-key infrastructure: what each certificate is for, and who vouches for whom.

root -> issuer -> tls       the centre's server
               -> device    a counter's computer: mTLS, manifests, checkpoints; issues one-time notice keys
               -> clerk, supervisor, administrator    a person, for the halls that the certificate names
               -> receipt   signs receipts and enrolments
device -> notice            one per signing (P-256, because PDF readers know it); the key is destroyed after

The root's key is offline. A role stands in the organisational unit of the subject and, with an identifier of our own,
in the extended key usage; both are asked on each use, so that a certificate of one role never serves for another.
Whoever shows a certificate shows its issuers, too: see `CertificateChain`. How they are made: `certificate_issuing`.
"""

import datetime as dt
import re
from base64 import b64decode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hallclient.domain.certificate_serial import must_have_serial
from hallclient.domain.equipment import Place, Workstation
from hallclient.domain.failures import FailureCode, KnownError

# Where a device stands is in its subject, each id by itself: the nearest that X.520 has a name for.
HALL, CHANNEL, COUNTER = NameOID.LOCALITY_NAME, NameOID.BUSINESS_CATEGORY, NameOID.STREET_ADDRESS
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----")
_MOST_KNOWN_SIGNATURES = 1024  # a certificate has about a kilobyte
MOST_ISSUERS = 8  # that are looked at: those of two chains, and room; each costs a signature's check


class CertificateRole(StrEnum):
    """What a certificate is for."""

    ROOT = "root"
    ISSUER = "issuer"
    TLS = "tls"
    DEVICE = "device"
    CLERK = "clerk"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    RECEIPT = "receipt"
    NOTICE = "notice"


STAFF_ROLES = frozenset({CertificateRole.CLERK, CertificateRole.SUPERVISOR, CertificateRole.ADMINISTRATOR})

VOUCHED_BY = {
    CertificateRole.ISSUER: CertificateRole.ROOT,
    CertificateRole.NOTICE: CertificateRole.DEVICE,
    **dict.fromkeys(
        (CertificateRole.TLS, CertificateRole.DEVICE, CertificateRole.RECEIPT, *sorted(STAFF_ROLES)),
        CertificateRole.ISSUER,
    ),
}
"""The role of who issues a certificate of each role. Nobody issues a root."""

# Each made from a UUID (X.667), so that nobody else's mean the same.
_ROLE_OIDS = {
    role: x509.ObjectIdentifier(f"2.25.{number}")
    for role, number in {
        CertificateRole.ROOT: 145329298900070399181693490602993393569,
        CertificateRole.ISSUER: 301091313693243861120517082702749161915,
        CertificateRole.TLS: 223825968309512736922198701885563644912,
        CertificateRole.DEVICE: 75603797755573246402805072185111698680,
        CertificateRole.CLERK: 110908188360630984232458183859217847258,
        CertificateRole.SUPERVISOR: 61527629834336466007430122201487959,
        CertificateRole.ADMINISTRATOR: 179530223238304243291396998052269960283,
        CertificateRole.RECEIPT: 40122948583932937952025640487432475293,
        CertificateRole.NOTICE: 135411723849898264699726981159856497999,
    }.items()
}
_SERVER, _CLIENT = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH
_DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336
# Who vouches for TLS must have its purposes (so OpenSSL). A device lacks the server's: OpenSSL takes neither it nor
# what it vouches for as the centre.
_FURTHER_USES: dict[CertificateRole, frozenset[x509.ObjectIdentifier]] = {
    CertificateRole.ROOT: frozenset({_SERVER, _CLIENT}),
    CertificateRole.ISSUER: frozenset({_SERVER, _CLIENT}),
    CertificateRole.TLS: frozenset({_SERVER}),
    CertificateRole.DEVICE: frozenset({_CLIENT}),
    CertificateRole.NOTICE: frozenset({_DOCUMENT_SIGNING}),
}


class Revoked(Protocol):
    """Who knows what was revoked: `hallclient.domain.revocations.Revocations`."""

    def revoked_at(self, certificate: x509.Certificate) -> dt.datetime | None:
        """When it was revoked; None when it was not."""
        ...


@dataclass(frozen=True, slots=True)
class CertificateChain:
    """A certificate with those that vouch for it.

    Attributes:
        issuers: nearest first, without the root. More than its own may be among them: a document has one list for all
            the certificates that stand in it.
    """

    leaf: x509.Certificate
    issuers: tuple[x509.Certificate, ...] = ()

    def is_issued_for(
        self,
        role: CertificateRole,
        roots: Sequence[x509.Certificate],
        at: dt.datetime,
        revocations: Revoked | None = None,
    ) -> bool:
        """Whether the certificate is one for `role`, by a chain of the right roles that ends at one of `roots`, each of
        them valid at the time `at`, and none of them revoked by then.
        """
        above = VOUCHED_BY.get(role)
        if above is None:
            return False
        candidates = roots if above is CertificateRole.ROOT else self._issuers()
        for issuer in candidates:
            # The leaf last: what stands in a certificate is believed only under a good signature.
            if not is_signed_by(self.leaf, issuer):
                continue
            if above is CertificateRole.ROOT:
                vouches = _is_good(issuer, above, at, None)
            else:
                vouches = CertificateChain(issuer, self.issuers).is_issued_for(above, roots, at, revocations)
            if vouches:
                return _is_good(self.leaf, role, at, revocations)
        return False

    def revoked_at(self, revocations: Revoked) -> dt.datetime | None:
        """When it, or one of those that vouch for it, was revoked; the earliest. None for one that is good."""
        chain, others = [self.leaf], list(self._issuers())
        for below in chain:  # which grows meanwhile
            chain += [one for one in others if is_signed_by(below, one)]
            others = [one for one in others if one not in chain]
        times = [revocations.revoked_at(one) for one in chain]
        return min((time for time in times if time is not None), default=None)

    def is_revoked_by(self, at: dt.datetime, revocations: Revoked) -> bool:
        """Whether it, or one of those that vouch for it, was revoked when it was `at`: whoever signs then does not."""
        revoked_at = self.revoked_at(revocations)
        return revoked_at is not None and revoked_at <= at

    @property
    def with_itself(self) -> tuple[x509.Certificate, ...]:
        """The certificate and then its issuers: those of what it issues."""
        return (self.leaf, *self.issuers)

    def to_texts(self) -> tuple[str, tuple[str, ...]]:
        """The fields `certificate` and `issuers` of a document."""
        return to_text(self.leaf), tuple(to_text(issuer) for issuer in self.issuers)

    @classmethod
    def from_texts(cls, certificate: str, issuers: Iterable[str]) -> "CertificateChain":
        """The chain of `to_texts`. Raises evidence_damaged."""
        return cls(from_text(certificate), tuple(from_text(issuer) for issuer in issuers))

    def to_pem(self) -> bytes:
        """The certificate and then its issuers: the order in which TLS shows them."""
        return b"".join(one.public_bytes(Encoding.PEM) for one in self.with_itself)

    @classmethod
    def from_pem(cls, pem: bytes) -> "CertificateChain":
        """The chain of `to_pem`. Raises evidence_damaged."""
        try:
            leaf, *issuers = _from_pem(pem)
        except (ValueError, x509.InvalidVersion):
            raise KnownError(FailureCode.EVIDENCE_DAMAGED, "certificates cannot be read") from None
        return cls(leaf, tuple(issuers))

    def _issuers(self) -> tuple[x509.Certificate, ...]:
        return tuple(dict.fromkeys(self.issuers[:MOST_ISSUERS]))


def role_of(certificate: x509.Certificate) -> CertificateRole | None:
    """The role for which subject and extended key usage speak both, and no other; None when they do not."""
    try:
        role = CertificateRole(_attributes(certificate, NameOID.ORGANIZATIONAL_UNIT_NAME)[0])
        uses = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (ValueError, IndexError, x509.ExtensionNotFound, x509.DuplicateExtension):
        return None
    return role if frozenset(uses) == frozenset(uses_of(role)) else None


def uses_of(role: CertificateRole) -> tuple[x509.ObjectIdentifier, ...]:
    """What stands in the extended key usage of a certificate of this role: the role itself first."""
    return (_ROLE_OIDS[role], *sorted(_FURTHER_USES.get(role, ()), key=lambda use: use.dotted_string))


def name_of(certificate: x509.Certificate) -> str:
    """The common name: a device's own, a person's staff number, a centre's; empty where there is none."""
    return next(iter(_attributes(certificate, NameOID.COMMON_NAME)), "")


def workstation_of(certificate: x509.Certificate) -> Workstation:
    """Which device a certificate is for, and where that stands; empty texts where it does not say."""
    place = Place(*(next(iter(_attributes(certificate, oid)), "") for oid in (HALL, CHANNEL, COUNTER)))
    return Workstation(place, name_of(certificate))


def halls_of(certificate: x509.Certificate) -> frozenset[str]:
    """The halls that a person may work in, or the one in which a device stands."""
    return frozenset(_attributes(certificate, HALL))


def is_valid_at(certificate: x509.Certificate, at: dt.datetime) -> bool:
    """Whether `at` lies between the certificate's two dates."""
    return certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc


@lru_cache(maxsize=_MOST_KNOWN_SIGNATURES)
def is_signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether the key of `issuer` signed `certificate`, and its name stands there; says nothing of roles and dates.

    Answers are remembered: the same certificates come with each package, and each is asked for several things.
    """
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def public_key_of(certificate: x509.Certificate) -> Ed25519PublicKey:
    """The Ed25519 key of a certificate of ours. Raises evidence_damaged for another kind of key."""
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise KnownError(FailureCode.EVIDENCE_DAMAGED, "certificate without a readable key") from None
    if not isinstance(key, Ed25519PublicKey):
        raise KnownError(FailureCode.EVIDENCE_DAMAGED, "certificate with a foreign kind of key")
    return key


def to_text(certificate: x509.Certificate) -> str:
    """Hex of the DER form: one spelling only, unlike base64."""
    return certificate.public_bytes(Encoding.DER).hex()


def from_text(text: str) -> x509.Certificate:
    """The certificate of `to_text`. Raises evidence_damaged."""
    try:
        return from_der(bytes.fromhex(text))
    except (ValueError, x509.InvalidVersion):
        raise KnownError(FailureCode.EVIDENCE_DAMAGED, "certificate cannot be read") from None


def from_der(data: bytes) -> x509.Certificate:
    """A certificate from anywhere. Raises ValueError and x509.InvalidVersion for what is none.

    Also for one whose serial number is not positive (RFC 5280, 4.1.2.2): of that, `cryptography` only warns.
    """
    must_have_serial(data)
    return x509.load_der_x509_certificate(data)


def load_roots(pem: bytes) -> list[x509.Certificate]:
    """Every certificate in a PEM file. Raises trust_roots_missing when there is none."""
    try:
        return _from_pem(pem)
    except (ValueError, x509.InvalidVersion):
        raise KnownError(FailureCode.TRUST_ROOTS_MISSING, "no certificate in the file") from None


def _from_pem(pem: bytes) -> list[x509.Certificate]:
    """Raises ValueError and x509.InvalidVersion."""
    for block in _PEM.findall(pem):
        must_have_serial(b64decode(block))
    return x509.load_pem_x509_certificates(pem)


def _is_good(
    certificate: x509.Certificate, role: CertificateRole, at: dt.datetime, revocations: Revoked | None
) -> bool:
    if role_of(certificate) is not role or not is_valid_at(certificate, at):
        return False
    revoked_at = None if revocations is None else revocations.revoked_at(certificate)
    return revoked_at is None or at < revoked_at


def _attributes(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> list[str]:
    try:
        return [str(given.value) for given in certificate.subject.get_attributes_for_oid(oid)]
    except ValueError:  # what is read when it is asked for may be garbage; then it says nothing
        return []
