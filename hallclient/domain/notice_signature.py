"""Checks the signature inside a signed notice (PAdES B-B, or B-T with a timestamp of the signature)."""

import datetime as dt
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from cryptography import x509

from hallclient.domain.certificates import CertificateRole, from_der, role_of
from hallclient.domain.evidence.facts.signature import SignatureFacts
from hallclient.domain.notice_certificate import is_for
from hallclient.domain.timestamp import Timestamp, asn1, digest, timestamp_context, token_timestamp

_HEXADECIMAL = re.compile(rb"<([0-9a-fA-F\s]{1000,})>")


@dataclass(frozen=True, slots=True)
class NoticeSignature:
    """What is true of the signature in a notice.

    Attributes:
        holds: it is the only one, over the whole document of the facts, by a key that the device vouched for.
        named: the key's certificate is for this session and these strokes.
        timestamp: of the signature; None where there is none.
        timestamped_once: there is at most one timestamp.
    """

    holds: bool
    named: bool
    timestamp: Timestamp | None = None
    timestamped_once: bool = True


_NONE = NoticeSignature(holds=False, named=False)


def notice_signature(
    pdf: bytes,
    device: x509.Certificate,
    session: str,
    facts: SignatureFacts,
    at: dt.datetime,
    timestamp_roots: Sequence[x509.Certificate] = (),
) -> NoticeSignature:
    """What is true of the signature in `pdf`, which is to be the document of `facts`.

    The device's certificate must have been checked against the trust roots before; that of the one-time key is asked
    for at `at`.
    """
    # Here and not above: pyHanko brings an HTTP client, threads and half a second with it.
    from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: PLC0415
    from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature  # noqa: PLC0415
    from pyhanko.sign.validation.generic_cms import extract_tst_data_iter  # noqa: PLC0415
    from pyhanko_certvalidator import ValidationContext  # noqa: PLC0415

    unsigned = pdf[: facts.unsigned_bytes]
    if len(unsigned) != facts.unsigned_bytes or hashlib.sha256(unsigned).hexdigest() != facts.unsigned_sha256:
        return _NONE
    context = ValidationContext(trust_roots=[asn1(device)], allow_fetching=False, moment=at)
    try:
        signatures = PdfFileReader(BytesIO(pdf)).embedded_signatures
        if len(signatures) != 1:
            return _NONE
        info = signatures[0].signer_info
        tokens = list(extract_tst_data_iter(info, signed=False))
        timestamps = [token_timestamp(token, digest(info["signature"].native), timestamp_roots) for token in tokens]
        # A timestamp is judged above: it has roots and a time of its own.
        status = validate_pdf_signature(
            signatures[0],
            signer_validation_context=context,
            ts_validation_context=timestamp_context(tokens[0], timestamp_roots, timestamps[0].at) if tokens else None,
        )
        signer = from_der(status.signing_cert.dump())
        named = is_for(signer, session, facts.strokes_sha256)
        of_notice = role_of(signer) is CertificateRole.NOTICE  # not the device's own, or another that it made
        holds = status.valid and status.intact and status.trusted and status.seed_value_ok and of_notice
    except Exception:  # noqa: BLE001  # a parser of foreign bytes fails in any way it likes: none of them is a signature
        return _NONE
    return NoticeSignature(
        holds=bool(holds) and status.coverage is SignatureCoverageLevel.ENTIRE_FILE,
        named=named,
        timestamp=timestamps[0] if timestamps else None,
        timestamped_once=len(timestamps) <= 1,
    )


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
