"""What the centre has revoked: an X.509 list (RFC 5280) with the certificate that signed it, in one PEM text."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from hallclient.domain.certificates import CertificateChain, CertificateRole, public_key_of
from hallclient.domain.failures import FailureCode, KnownError

LARGEST_REVOCATIONS_BYTES = 8 * 1024 * 1024  # some hundred thousand entries
_FRESH_FOR = dt.timedelta(days=7)  # the centre signs anew long before; a counter without a network uses what it has

Serial = int


@dataclass(frozen=True, slots=True, repr=False)
class Revocations:
    """One list. Nothing in it may be believed before `is_trusted`.

    It names certificates of every issuer that the centre ever had: they have one name, and serial numbers that are
    random.
    """

    signed_by: CertificateChain
    _list: x509.CertificateRevocationList

    def is_trusted(self, roots: Sequence[x509.Certificate]) -> bool:
        """Whether a centre's issuer that `roots` vouch for signed it, at a time when that was valid."""
        if not self.signed_by.is_issued_for(CertificateRole.ISSUER, roots, self.issued_at):
            return False
        try:
            key = public_key_of(self.signed_by.leaf)
            return self._list.issuer == self.signed_by.leaf.subject and self._list.is_signature_valid(key)
        except (KnownError, ValueError, TypeError):
            return False

    @property
    def number(self) -> int:
        """Counts up with each list that the centre signs: a smaller one never replaces a larger."""
        return self._list.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number

    @property
    def issued_at(self) -> dt.datetime:
        return self._list.last_update_utc

    def revoked_at(self, certificate: x509.Certificate) -> dt.datetime | None:
        """When `certificate` was revoked; None when it was not, also for one of another centre."""
        try:
            ours = certificate.issuer == self._list.issuer
        except ValueError:  # no name at all, and so not ours
            ours = False
        entry = self._list.get_revoked_certificate_by_serial_number(certificate.serial_number) if ours else None
        return None if entry is None else entry.revocation_date_utc

    def to_pem(self) -> bytes:
        return self._list.public_bytes(Encoding.PEM) + self.signed_by.to_pem()

    @classmethod
    def from_pem(cls, pem: bytes) -> "Revocations":
        """The list of `to_pem`. Raises evidence_damaged."""
        try:
            given = x509.load_pem_x509_crl(pem)
            found = cls(CertificateChain.from_pem(pem), given)
            _ = found.number  # one without a number could not be told from an older one
        except (ValueError, TypeError, x509.InvalidVersion, x509.ExtensionNotFound, x509.DuplicateExtension):
            raise KnownError(FailureCode.EVIDENCE_DAMAGED, "revocations cannot be read") from None
        return found


def sign_revocations(
    issuer: CertificateChain,
    issuer_key: Ed25519PrivateKey,
    revoked: Mapping[Serial, dt.datetime],
    number: int,
    now: dt.datetime,
) -> Revocations:
    """The list number `number`, of the serial numbers in `revoked` and when each was."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.leaf.subject)
        .last_update(now)
        .next_update(now + _FRESH_FOR)
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    for serial, at in sorted(revoked.items()):
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at).build()
        builder = builder.add_revoked_certificate(entry)
    return Revocations(issuer, builder.sign(issuer_key, None))


def newest(held: Revocations | None, given: Revocations) -> Revocations:
    """Which of two trusted lists counts."""
    return given if held is None or given.number > held.number else held
