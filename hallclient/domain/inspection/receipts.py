"""Whether a receipt is a centre's, and about this session."""

from collections.abc import Sequence

from cryptography import x509

from hallclient.domain.certificates import CertificateChain, CertificateRole, Revoked, public_key_of
from hallclient.domain.documents import Verdict, examine
from hallclient.domain.evidence import RECEIPT
from hallclient.domain.evidence.manifest import Manifest
from hallclient.domain.evidence.receipt import Receipt
from hallclient.domain.failures import KnownError
from hallclient.domain.hall_time import moment


def is_about(receipt: Receipt, manifest: Manifest) -> bool:
    """Of this session, and countersigning its audit head."""
    return (receipt.session, receipt.manifest_sha256, receipt.device_sequence, receipt.audit) == (
        manifest.session,
        manifest.sha256,
        manifest.device_sequence,
        manifest.audit,
    )


def receipt_holds(
    receipt: Receipt,
    data: bytes,
    signature: bytes,
    roots: Sequence[x509.Certificate],
    revocations: Revoked | None = None,
) -> Verdict:
    """Whether a centre that `roots` vouch for signed `data`, the canonical bytes of `receipt`.

    One whose certificate was revoked before it says that it received the session has not.
    """
    received_at = moment(receipt.received_at)
    try:
        centre = CertificateChain.from_texts(receipt.certificate, receipt.issuers)
        key = public_key_of(centre.leaf)
    except KnownError:
        return Verdict.DOCUMENT_CHANGED
    role = CertificateRole.RECEIPT
    if received_at is None or not centre.is_issued_for(role, roots, received_at, revocations):
        return Verdict.DOCUMENT_CHANGED
    return examine(key, RECEIPT, data, signature)
