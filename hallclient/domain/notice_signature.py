"""Checks the signature inside a signed notice (PAdES B-B)."""

import datetime as dt
import hashlib
import re
from io import BytesIO

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hallclient.domain.evidence.facts.signature import SignatureFacts

_HEXADECIMAL = re.compile(rb"<([0-9a-fA-F\s]{1000,})>")


def notice_signature_holds(pdf: bytes, device: x509.Certificate, facts: SignatureFacts, at: dt.datetime) -> bool:
    """Whether `pdf` is the document of `facts`, whole, signed once by a one-time key that `device` vouched for at `at`.

    The device's certificate must have been checked against the trust roots before.
    """
    # Here and not above: pyHanko brings an HTTP client, threads and half a second with it.
    from asn1crypto import x509 as asn1_x509  # noqa: PLC0415
    from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: PLC0415
    from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature  # noqa: PLC0415
    from pyhanko_certvalidator import ValidationContext  # noqa: PLC0415

    unsigned = pdf[: facts.unsigned_bytes]
    if len(unsigned) != facts.unsigned_bytes or hashlib.sha256(unsigned).hexdigest() != facts.unsigned_sha256:
        return False
    anchor = asn1_x509.Certificate.load(device.public_bytes(Encoding.DER))
    context = ValidationContext(trust_roots=[anchor], allow_fetching=False, moment=at)
    try:
        signatures = PdfFileReader(BytesIO(pdf)).embedded_signatures
        if len(signatures) != 1:
            return False
        status = validate_pdf_signature(signatures[0], signer_validation_context=context)
    except Exception:  # noqa: BLE001  # a parser of foreign bytes fails in any way it likes: none of them is a signature
        return False
    return bool(status.bottom_line) and status.coverage is SignatureCoverageLevel.ENTIRE_FILE


def notice_keys(pdf: bytes) -> tuple[str, ...]:
    """SHA-256, in hex, of each one-time key that has a certificate in a signature of `pdf`.

    Looked for in every long hexadecimal string, as a signature's has to stand there in the clear: where it covers the
    whole file but itself, nothing can hide it. No reader is needed, of which each takes some ten milliseconds.
    """
    found: dict[str, None] = {}
    for match in _HEXADECIMAL.finditer(pdf):
        digits = b"".join(match[1].split())
        found |= dict.fromkeys(_keys_in(bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())))
    return tuple(found)


def _keys_in(data: bytes) -> list[str]:
    """Those that are no device's, whose are Ed25519."""
    from asn1crypto import cms  # noqa: PLC0415

    try:
        certificates = cms.ContentInfo.load(data)["content"]["certificates"]
        keys = [certificate.chosen.public_key for certificate in certificates]
        return [hashlib.sha256(key.dump()).hexdigest() for key in keys if key.algorithm != "ed25519"]
    except Exception:  # noqa: BLE001  # a parser of foreign bytes fails in any way it likes: then it is no signature
        return []
