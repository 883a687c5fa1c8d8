"""What may be asked to be certified, and by whom."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from hallclient.domain.certificate_requests import StaffRequest, make_request, read_requests
from hallclient.domain.certificates import STAFF_ROLES, CertificateRole
from hallclient.domain.failures import FailureCode, KnownError

DEVICE, PERSON = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
ASKED = make_request(DEVICE, "pc-1", CertificateRole.DEVICE)


def test_a_device_alone() -> None:
    read = read_requests(ASKED)
    assert (read.device_key, read.staff) == (DEVICE.public_key(), ())


@pytest.mark.parametrize("role", sorted(STAFF_ROLES))
def test_people_come_after_their_device(role: CertificateRole) -> None:
    read = read_requests(ASKED + make_request(PERSON, "9001", role))
    assert (read.device_key, read.staff) == (DEVICE.public_key(), (StaffRequest("9001", role, PERSON.public_key()),))


@pytest.mark.parametrize("role", sorted(set(CertificateRole) - STAFF_ROLES))
def test_nothing_but_people_comes_after_a_device(role: CertificateRole) -> None:
    with pytest.raises(KnownError) as caught:
        read_requests(ASKED + make_request(PERSON, "x", role))
    assert caught.value.code is FailureCode.INPUT_INVALID


def forged() -> bytes:
    """A request whose signature is another's."""
    der = x509.load_pem_x509_csr(ASKED).public_bytes(Encoding.DER)
    return x509.load_der_x509_csr(der[:-1] + bytes([der[-1] ^ 1])).public_bytes(Encoding.PEM)


def foreign() -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "whatever")])
    key = generate_private_key(SECP256R1())
    return x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, SHA256()).public_bytes(Encoding.PEM)


def nameless() -> bytes:
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(PERSON, None)
    return ASKED + request.public_bytes(Encoding.PEM)


@pytest.mark.parametrize("pem", [b"", b"rubbish", forged(), foreign(), ASKED + forged(), nameless(), ASKED * 9])
def test_other_requests_are_refused(pem: bytes) -> None:
    with pytest.raises(KnownError) as caught:
        read_requests(pem)
    assert caught.value.code is FailureCode.INPUT_INVALID
