"""What a counter asks the centre to certify: PEM requests (PKCS #10), one after the other in one file.

The device's comes first, those of people with it after it. Each is signed by its own key, so that nobody has a key
certified that they do not hold. A person's says the role and the staff number; where things stand, the centre's
operator says.
"""

import re
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from hallclient.domain.certificate_issuing import Subject
from hallclient.domain.certificates import STAFF_ROLES, CertificateRole
from hallclient.domain.failures import FailureCode, KnownError

_MOST = 8  # requests in one file
_ONE = re.compile(rb"-----BEGIN CERTIFICATE REQUEST-----.*?-----END CERTIFICATE REQUEST-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class StaffRequest:
    """A person whose signing key is to be certified."""

    number: str
    role: CertificateRole
    key: Ed25519PublicKey


@dataclass(frozen=True, slots=True)
class EnrolmentRequest:
    """A device's key, and the keys of people who are certified for its hall together with it."""

    device_key: Ed25519PublicKey
    staff: tuple[StaffRequest, ...] = ()


def make_request(key: Ed25519PrivateKey, name: str, role: CertificateRole) -> bytes:
    """One request in PEM: of a device, or of a person with the staff number `name`."""
    subject = Subject(name).distinguished_name(role)
    return x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, None).public_bytes(Encoding.PEM)


def read_requests(pem: bytes) -> EnrolmentRequest:
    """The requests in a file. Raises input_invalid."""
    found = _ONE.findall(pem)
    if not 1 <= len(found) <= _MOST:
        raise KnownError(FailureCode.INPUT_INVALID, "not a certificate request")
    (_, device_key), *people = map(_request, found)
    return EnrolmentRequest(device_key, tuple(_person(subject, key) for subject, key in people))


def _request(pem: bytes) -> tuple[x509.Name, Ed25519PublicKey]:
    try:
        parsed = x509.load_pem_x509_csr(pem)
        signed, key, subject = parsed.is_signature_valid, parsed.public_key(), parsed.subject
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion):
        raise KnownError(FailureCode.INPUT_INVALID, "not a certificate request") from None
    if not signed or not isinstance(key, Ed25519PublicKey):
        raise KnownError(FailureCode.INPUT_INVALID, "a certificate request needs an Ed25519 key and its signature")
    return subject, key


def _person(subject: x509.Name, key: Ed25519PublicKey) -> StaffRequest:
    try:
        role, number = (
            str(subject.get_attributes_for_oid(oid)[0].value)
            for oid in (NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.COMMON_NAME)
        )
        request = StaffRequest(number, CertificateRole(role), key)
    except (ValueError, IndexError):
        request = None
    if request is None or request.role not in STAFF_ROLES:
        raise KnownError(FailureCode.INPUT_INVALID, "a request of somebody who is no member of staff")
    return request
