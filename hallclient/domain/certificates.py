"""The small public-key infrastructure: one root at the centre, and what it issues.

root -> device   signs manifests, reviews and checkpoints, speaks mTLS, and issues one-time notice keys
     -> centre   signs receipts
     -> tls      the centre's server
device -> notice  one per signing (P-256, because PDF readers know it); the key is destroyed after
"""

import datetime as dt
import ipaddress
from collections.abc import Sequence
from enum import StrEnum

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.x509.oid import NameOID

from hallclient.domain.equipment import Place, Workstation
from hallclient.domain.failures import FailureCode, KnownError

# Where a device stands is in its subject, each id by itself: the nearest that X.520 has a name for.
_HALL, _CHANNEL, _COUNTER = NameOID.LOCALITY_NAME, NameOID.BUSINESS_CATEGORY, NameOID.STREET_ADDRESS
_ROOT_DAYS, _ISSUED_DAYS, _NOTICE_DAYS = 7300, 1095, 1095
_CLOCK_SKEW = dt.timedelta(minutes=10)  # a hall's clock may be behind the centre's when its certificate is new


class CertificateRole(StrEnum):
    """What a certificate is for: the organisational unit of its subject."""

    ROOT = "root"
    DEVICE = "device"
    CENTRE = "centre"
    TLS = "tls"
    NOTICE = "notice"


def make_root(name: str, key: Ed25519PrivateKey, now: dt.datetime) -> x509.Certificate:
    """A self-signed root."""
    subject = _subject(name, CertificateRole.ROOT)
    builder = _builder(subject, subject, key.public_key(), now, _ROOT_DAYS, issues=1)
    return builder.sign(key, None)


def issue(
    issuer: x509.Certificate,
    issuer_key: Ed25519PrivateKey,
    public_key: Ed25519PublicKey | EllipticCurvePublicKey,
    name: str,
    role: CertificateRole,
    now: dt.datetime,
    hosts: Sequence[str] = (),
    place: Place | None = None,
    uris: Sequence[str] = (),
) -> x509.Certificate:
    """A certificate for `public_key` in `role`, valid from a little before `now`.

    Args:
        name: the common name; a device's own, without its place.
        hosts: a TLS server's names.
        place: where a device stands.
        uris: what a notice's key is for, see `hallclient.domain.notice_certificate`.
    """
    issues = 0 if role is CertificateRole.DEVICE else None
    days = _NOTICE_DAYS if role is CertificateRole.NOTICE else _ISSUED_DAYS
    builder = _builder(_subject(name, role, place), issuer.subject, public_key, now, days, issues=issues)
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
    )
    named = [*map(_general_name, hosts), *map(x509.UniformResourceIdentifier, uris)]
    if named:
        builder = builder.add_extension(x509.SubjectAlternativeName(named), critical=False)
    return builder.sign(issuer_key, None)


def role_of(certificate: x509.Certificate) -> CertificateRole | None:
    """The role in the subject; None when it has none of ours."""
    units = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    try:
        return CertificateRole(str(units[0].value)) if units else None
    except ValueError:
        return None


def name_of(certificate: x509.Certificate) -> str:
    """The common name; empty where there is none."""
    return _attribute(certificate, NameOID.COMMON_NAME)


def workstation_of(certificate: x509.Certificate) -> Workstation:
    """Which device a certificate is for, and where that stands; empty texts where it does not say."""
    place = Place(*(_attribute(certificate, oid) for oid in (_HALL, _CHANNEL, _COUNTER)))
    return Workstation(place, name_of(certificate))


def is_issued_by(
    certificate: x509.Certificate, roots: Sequence[x509.Certificate], role: CertificateRole, at: dt.datetime
) -> bool:
    """Whether one of `roots` issued `certificate` for `role` and it was valid at the time `at`."""
    # The issuer first: fields are decoded when they are asked for, and only a root's own work surely decodes.
    if not any(_issued(certificate, root) for root in roots) or role_of(certificate) is not role:
        return False
    return is_valid_at(certificate, at)


def is_valid_at(certificate: x509.Certificate, at: dt.datetime) -> bool:
    """Whether `at` lies between the certificate's two dates."""
    return certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc


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
    return certificate.public_bytes(serialization.Encoding.DER).hex()


def from_text(text: str) -> x509.Certificate:
    """The certificate of `to_text`. Raises evidence_damaged."""
    try:
        return x509.load_der_x509_certificate(bytes.fromhex(text))
    except (ValueError, x509.InvalidVersion):
        raise KnownError(FailureCode.EVIDENCE_DAMAGED, "certificate cannot be read") from None


def load_roots(pem: bytes) -> list[x509.Certificate]:
    """Every certificate in a PEM file. Raises trust_roots_missing when there is none."""
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise KnownError(FailureCode.TRUST_ROOTS_MISSING, "no certificate in the file") from None


def _issued(certificate: x509.Certificate, root: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(root)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _attribute(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    given = certificate.subject.get_attributes_for_oid(oid)
    return str(given[0].value) if given else ""


def _subject(name: str, role: CertificateRole, place: Place | None = None) -> x509.Name:
    where = () if place is None else ((_HALL, place.hall), (_CHANNEL, place.channel), (_COUNTER, place.counter))
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "hallclient"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, role.value),
            *(x509.NameAttribute(oid, text) for oid, text in where),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: Ed25519PublicKey | EllipticCurvePublicKey,
    now: dt.datetime,
    days: int,
    issues: int | None,
) -> x509.CertificateBuilder:
    may_issue = issues is not None
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=may_issue, path_length=issues), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=not may_issue,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=may_issue,
                crl_sign=may_issue,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
