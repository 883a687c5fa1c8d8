"""Checks the signature inside a signed notice (PAdES B-B)."""

import datetime as dt
import hashlib
from io import BytesIO

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hallclient.domain.certificates import CertificateRole, role_of
from hallclient.domain.evidence.facts.signature import SignatureFacts


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
        signer = x509.load_der_x509_certificate(signatures[0].signer_cert.dump())
    except Exception:  # noqa: BLE001  # a parser of foreign bytes fails in any way it likes: none of them is a signature
        return False
    if role_of(signer) is not CertificateRole.NOTICE:  # the device's own, or another that it made
        return False
    return bool(status.bottom_line) and status.coverage is SignatureCoverageLevel.ENTIRE_FILE
