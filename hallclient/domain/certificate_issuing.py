"""Makes certificates: the root, the issuer that it certifies, and what hangs on that. See `certificates`."""

import datetime as dt
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.x509.oid import NameOID

from hallclient.domain.certificates import (
    CHANNEL,
    COUNTER,
    HALL,
    CertificateChain,
    CertificateRole,
    is_valid_at,
    uses_of,
)
from hallclient.domain.equipment import Place
from hallclient.domain.failures import FailureCode, KnownError

_ROOT_DAYS = 7300
LONGEST_ISSUER_DAYS = 398  # a stolen issuing key is worth no more than this
PRACTICE_ISSUER_DAYS = 1095  # a practice centre's root is forgotten: nobody can certify another
_LEAF_DAYS = 1095  # and never longer than the issuer
CLOCK_SKEW = dt.timedelta(minutes=10)  # a hall's clock may be behind the centre's when its certificate is new
_PATH_LENGTHS = {CertificateRole.ROOT: 2, CertificateRole.ISSUER: 1, CertificateRole.DEVICE: 0}

PublicKey = Ed25519PublicKey | EllipticCurvePublicKey


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom or what a certificate names.

    Attributes:
        name: the common name: a device's own without its place, a person's staff number, a centre's.
        place: where a device stands.
        halls: those that a person may work in.
        hosts: a TLS server's names and addresses.
        uris: what a notice's certificate is bound to.
    """

    name: str
    place: Place | None = None
    halls: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    uris: tuple[str, ...] = ()

    def distinguished_name(self, role: CertificateRole) -> x509.Name:
        place = self.place
        where = () if place is None else ((HALL, place.hall), (CHANNEL, place.channel), (COUNTER, place.counter))
        return x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "hallclient"),
                x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, role.value),
                *(x509.NameAttribute(oid, text) for oid, text in where),
                *(x509.NameAttribute(HALL, hall) for hall in self.halls),
                x509.NameAttribute(NameOID.COMMON_NAME, self.name),
            ]
        )

    def alternative_names(self) -> Sequence[x509.GeneralName]:
        return [*map(_host, self.hosts), *map(x509.UniformResourceIdentifier, self.uris)]


def make_root(name: str, key: Ed25519PrivateKey, now: dt.datetime) -> x509.Certificate:
    """A self-signed root, valid from a little before `now`."""
    subject = Subject(name)
    issuer = subject.distinguished_name(CertificateRole.ROOT)
    dates = (now - CLOCK_SKEW, now + dt.timedelta(days=_ROOT_DAYS))
    return _builder(subject, CertificateRole.ROOT, issuer, key.public_key(), dates).sign(key, None)


def issue(
    issuer: CertificateChain,
    issuer_key: Ed25519PrivateKey,
    public_key: PublicKey,
    subject: Subject,
    role: CertificateRole,
    now: dt.datetime,
    days: int = _LEAF_DAYS,
) -> CertificateChain:
    """A certificate for `public_key` in `role`, with those that vouch for it.

    It is valid from a little before `now` for so many days, and never when its issuer is not. Raises clock_wrong when
    the issuer is not valid now.
    """
    above = issuer.leaf
    if not is_valid_at(above, now):
        raise KnownError(FailureCode.CLOCK_WRONG, "the issuing certificate is not valid now")
    dates = (
        max(now - CLOCK_SKEW, above.not_valid_before_utc),
        min(now + dt.timedelta(days=days), above.not_valid_after_utc),
    )
    builder = _builder(subject, role, above.subject, public_key, dates).add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
    )
    is_root = above.subject == above.issuer
    return CertificateChain(builder.sign(issuer_key, None), () if is_root else issuer.with_itself)


def issue_issuer(
    root: x509.Certificate,
    root_key: Ed25519PrivateKey,
    public_key: Ed25519PublicKey,
    name: str,
    now: dt.datetime,
    days: int = LONGEST_ISSUER_DAYS,
) -> CertificateChain:
    """The issuer of the centre `name`. Every one of a centre has the same name, and so they share its revocations."""
    subject = Subject(name)
    return issue(CertificateChain(root), root_key, public_key, subject, CertificateRole.ISSUER, now, days)


def _builder(
    subject: Subject,
    role: CertificateRole,
    issuer: x509.Name,
    public_key: PublicKey,
    dates: tuple[dt.datetime, dt.datetime],
) -> x509.CertificateBuilder:
    may_issue = role in _PATH_LENGTHS
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject.distinguished_name(role))
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(dates[0])
        .not_valid_after(dates[1])
        .add_extension(x509.BasicConstraints(ca=may_issue, path_length=_PATH_LENGTHS.get(role)), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=not may_issue,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=may_issue,
                crl_sign=role is CertificateRole.ISSUER,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .add_extension(x509.ExtendedKeyUsage(uses_of(role)), critical=False)
    )
    names = subject.alternative_names()
    return builder.add_extension(x509.SubjectAlternativeName(names), critical=False) if names else builder


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
