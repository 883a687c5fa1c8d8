"""A certificate whose serial number is not positive is none, and nothing warns of it (a warning fails a test)."""

import datetime as dt
from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from hallclient.domain.certificate_serial import must_have_serial
from hallclient.domain.certificates import CertificateChain, from_der, from_text, load_roots
from hallclient.domain.failures import FailureCode, KnownError
from tests.halls import TestCentre

ROOT = TestCentre(dt.datetime(2026, 11, 22, 4, tzinfo=dt.UTC)).root
DER = ROOT.public_bytes(Encoding.DER)


def with_serial(change: bytes) -> bytes:
    """The same certificate with another first byte of its serial number: what a flipped bit makes of it."""
    serial = ROOT.serial_number.to_bytes((ROOT.serial_number.bit_length() + 8) // 8, "big")
    at = DER.index(b"\x02" + bytes([len(serial)]) + serial) + 2
    return DER[:at] + change + DER[at + len(change) :]


NEGATIVE = with_serial(bytes([0xFF]))
ZERO = with_serial(bytes((ROOT.serial_number.bit_length() + 8) // 8))


@pytest.mark.parametrize("data", [NEGATIVE, ZERO])
def test_one_that_is_not_positive_is_refused_everywhere(data: bytes) -> None:
    pem = b"-----BEGIN CERTIFICATE-----\n" + b64encode(data) + b"\n-----END CERTIFICATE-----\n"
    for read, given in ((from_text, data.hex()), (CertificateChain.from_pem, pem)):
        with pytest.raises(KnownError) as caught:
            read(given)  # type: ignore[operator]
        assert caught.value.code is FailureCode.EVIDENCE_DAMAGED
    with pytest.raises(KnownError, match="trust_roots_missing"):
        load_roots(pem)
    with pytest.raises(ValueError, match="serial"):
        from_der(data)


def test_a_good_one_is_read() -> None:
    assert from_der(DER) == ROOT == from_text(DER.hex())
    assert load_roots(ROOT.public_bytes(Encoding.PEM)) == [ROOT]


@pytest.mark.parametrize("length", range(60))
def test_of_half_a_certificate_nothing_is_said(length: int) -> None:
    must_have_serial(DER[:length])
    with pytest.raises(ValueError, match="parsing"):
        from_der(DER[:length])
