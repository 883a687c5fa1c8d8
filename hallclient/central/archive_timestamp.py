"""Makes a signed notice provable for longer: PAdES B-LTA, by pyHanko.

What is needed to judge it later goes into the document (DSS: certificates and revocations), and then a timestamp over
all of it. Before that timestamp's own certificate expires, the same is done again.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hallclient.domain.notice_validation import Profile, ValidatedNotice
from hallclient.domain.timestamp import DIGEST, LARGEST_REPLY_BYTES, Stamp, asn1, pdf_timestamper

if TYPE_CHECKING:
    from asn1crypto import x509 as asn1_x509
    from pyhanko.pdf_utils.reader import PdfFileReader


def is_due(notice: ValidatedNotice, now: dt.datetime) -> bool:
    """Whether a notice needs an archive timestamp: it has none, or half of the time is over that its newest proves."""
    if notice.profile is not Profile.B_LTA:
        return True
    newest = notice.timestamps[0]
    return now >= newest.at + (newest.expires - newest.at) / 2


def with_archive_timestamp(
    pdf: bytes,
    roots: Sequence[x509.Certificate],
    revocations: x509.CertificateRevocationList | None,
    stamp: Stamp,
) -> bytes:
    """`pdf` with all that is needed to judge it, and a timestamp over that, behind what it is now.

    Args:
        roots: of the devices and of the timestamp services, kept in it for whoever wonders.
        revocations: what the centre has revoked.

    Raises timestamp_unreachable, timestamp_invalid.
    """
    from asn1crypto import crl as asn1_crl  # noqa: PLC0415
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415
    from pyhanko.sign.signers import PdfTimeStamper  # noqa: PLC0415
    from pyhanko.sign.validation import DocumentSecurityStore  # noqa: PLC0415

    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    lists = [] if revocations is None else [revocations.public_bytes(Encoding.DER)]
    DocumentSecurityStore.supply_dss_in_writer(
        writer,
        None,
        certs=[*_shown(writer.prev), *(asn1(root) for root in roots)],
        crls=[asn1_crl.CertificateList.load(each) for each in lists],
    )
    stamped = PdfTimeStamper(pdf_timestamper(stamp)).timestamp_pdf(
        writer, DIGEST, bytes_reserved=2 * LARGEST_REPLY_BYTES
    )
    return bytes(stamped.getvalue())


def _shown(reader: "PdfFileReader") -> "Iterator[asn1_x509.Certificate]":
    """The certificates in the document's signatures and timestamps."""
    from pyhanko.sign.validation.generic_cms import extract_tst_data_iter  # noqa: PLC0415

    for signature in reader.embedded_signatures:
        yield from (each.chosen for each in signature.signed_data["certificates"])
        for token in extract_tst_data_iter(signature.signer_info, signed=False):
            yield from (each.chosen for each in token["certificates"])
