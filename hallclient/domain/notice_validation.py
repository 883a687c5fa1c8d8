"""Validates one signed notice by itself, today or many years on (PAdES B-B, B-T and B-LTA).

Certificates expire. What proves that a signature was there while its certificate was good is a timestamp over it, whose
own certificate expires, too; so each timestamp that is added later proves the one before. The newest is asked at the
time of the question, and each earlier one, and the signature at last, at the time that the one after it proves (ETSI EN
319 142-1, annex A.1; pyHanko's own procedure wants a timestamp of the signature and issuers that have not expired).
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from io import BytesIO
from typing import TYPE_CHECKING, Any

from cryptography import x509

from hallclient.domain.certificates import CertificateChain, CertificateRole, Revoked, from_der, name_of, role_of
from hallclient.domain.notice_certificate import named_in
from hallclient.domain.revocations import Revocations
from hallclient.domain.timestamp import asn1, digest, token_timestamp

if TYPE_CHECKING:
    from asn1crypto import cms
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import DocumentSecurityStore, EmbeddedPdfSignature
    from pyhanko_certvalidator import ValidationContext


class NoticeFault(StrEnum):
    """Why a notice is not valid."""

    UNREADABLE = "unreadable"
    NOT_SIGNED_ONCE = "not_signed_once"
    CHANGED = "changed"
    SIGNER_UNTRUSTED = "signer_untrusted"
    SIGNER_EXPIRED = "signer_expired"
    SIGNER_REVOKED = "signer_revoked"
    KEY_UNNAMED = "key_unnamed"
    TIMESTAMP_CHANGED = "timestamp_changed"
    TIMESTAMP_UNTRUSTED = "timestamp_untrusted"
    TIMESTAMP_EXPIRED = "timestamp_expired"


class Profile(StrEnum):
    """How long a signature can be proven."""

    B_B = "PAdES B-B"
    B_T = "PAdES B-T"
    B_LTA = "PAdES B-LTA"


@dataclass(frozen=True, slots=True)
class ProvenTime:
    """A timestamp in a document.

    Attributes:
        over: "signature" or "document".
        expires: when the service's certificate does.
        believed: it was asked, and its service was good when it had to be.
    """

    over: str
    at: dt.datetime
    service: str
    expires: dt.datetime
    believed: bool


@dataclass(frozen=True, slots=True)
class ValidatedNotice:
    """What there is to say about a notice.

    Attributes:
        faults: why it is not valid; none for a valid one.
        profile: None where there is no signature.
        session, strokes_sha256: what the one-time key's certificate names; empty where it names nothing.
        device: the name of the device that vouched for the key.
        timestamps: the newest first.
        proven_at: when the signature was there at the latest; the time of the question where nothing proves it.
    """

    faults: tuple[NoticeFault, ...]
    profile: Profile | None = None
    session: str = ""
    strokes_sha256: str = ""
    device: str = ""
    timestamps: tuple[ProvenTime, ...] = ()
    proven_at: dt.datetime | None = None

    @property
    def valid(self) -> bool:
        return not self.faults


def validate_notice(
    pdf: bytes,
    roots: Sequence[x509.Certificate],
    timestamp_roots: Sequence[x509.Certificate],
    now: dt.datetime,
    revocations: Revoked | None = None,
) -> ValidatedNotice:
    """Whether `pdf` is a notice that a one-time key signed, for which a device vouched that `roots` vouch for.

    Args:
        timestamp_roots: of services for timestamps; without any, no timestamp proves anything.
        now: the time of the question.
        revocations: what was revoked, besides what the document itself says.
    """
    # Here and not above: pyHanko brings an HTTP client, threads and half a second with it.
    from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: PLC0415

    try:
        return _Validation(PdfFileReader(BytesIO(pdf)), roots, timestamp_roots, now, revocations).run()
    except Exception:  # noqa: BLE001  # a parser of foreign bytes fails in any way it likes
        return ValidatedNotice((NoticeFault.UNREADABLE,))


@dataclass(slots=True)
class _Validation:
    reader: "PdfFileReader"
    roots: Sequence[x509.Certificate]
    timestamp_roots: Sequence[x509.Certificate]
    moment: dt.datetime  # by then everything that was looked at was there
    revocations: Revoked | None
    faults: list[NoticeFault] = field(default_factory=list)
    timestamps: list[ProvenTime] = field(default_factory=list)

    def run(self) -> ValidatedNotice:
        regular, documents = self.reader.embedded_regular_signatures, self.reader.embedded_timestamp_signatures
        if len(regular) != 1:
            return ValidatedNotice((NoticeFault.NOT_SIGNED_ONCE,))
        (signature,) = regular
        newest = [*regular, *documents][-1]
        for timestamp in reversed(documents):
            self._document_timestamp(timestamp, is_newest=timestamp is newest)
        info = signature.signer_info
        for token in _tokens(info):
            self._signature_timestamp(token, info["signature"].native)
        signer = self._signature(signature, is_newest=signature is newest)
        profile = Profile.B_LTA if documents else Profile.B_T if self.timestamps else Profile.B_B
        session, strokes = named_in(signer.leaf) or ("", "")
        if not session:
            self.faults.append(NoticeFault.KEY_UNNAMED)
        device = next((name_of(one) for one in signer.issuers if role_of(one) is CertificateRole.DEVICE), "")
        faults = tuple(dict.fromkeys(self.faults))
        return ValidatedNotice(faults, profile, session, strokes, device, tuple(self.timestamps), self.moment)

    def _document_timestamp(self, timestamp: "EmbeddedPdfSignature", *, is_newest: bool) -> None:
        from pyhanko.sign.validation import validate_pdf_timestamp  # noqa: PLC0415

        context = self._context(self.timestamp_roots or _embedded(timestamp.signed_data))
        status = validate_pdf_timestamp(timestamp, context)
        self._judge_timestamp(
            "document",
            status.timestamp,
            from_der(status.signing_cert.dump()),
            intact=status.valid and status.intact and _unchanged(status, is_newest=is_newest),
            trusted=status.trusted,
        )

    def _signature_timestamp(self, token: "cms.SignedData", signature: bytes) -> None:
        said = token_timestamp(token, digest(signature), self.timestamp_roots, self.moment)
        self._judge_timestamp(
            "signature", said.at, said.certificate, intact=said.about_these_bytes and said.signed, trusted=said.trusted
        )

    def _judge_timestamp(
        self, over: str, at: dt.datetime, service: x509.Certificate, *, intact: bool, trusted: bool | None
    ) -> None:
        expires = service.not_valid_after_utc
        if not intact:
            self.faults.append(NoticeFault.TIMESTAMP_CHANGED)
        elif self.timestamp_roots and not trusted:
            expired = self.moment > expires
            self.faults.append(NoticeFault.TIMESTAMP_EXPIRED if expired else NoticeFault.TIMESTAMP_UNTRUSTED)
        believed = intact and bool(self.timestamp_roots) and trusted is True and at <= self.moment
        self.timestamps.append(ProvenTime(over, at, service.subject.rfc4514_string(), expires, believed))
        if believed:
            self.moment = at

    def _signature(self, signature: "EmbeddedPdfSignature", *, is_newest: bool) -> CertificateChain:
        """The chain of who signed."""
        from pyhanko.sign.validation import validate_pdf_signature  # noqa: PLC0415

        tokens = _tokens(signature.signer_info)
        status = validate_pdf_signature(
            signature,
            signer_validation_context=self._context(self.roots),
            # Looked at above: here only its own word is asked, so that it is not judged by the roots of devices.
            ts_validation_context=self._context(_embedded(tokens[0])) if tokens else None,
        )
        chain, sound = _chain(signature, self._store()), status.valid and status.intact
        if not (sound and status.seed_value_ok and _unchanged(status, is_newest=is_newest)):
            self.faults.append(NoticeFault.CHANGED)
        if not sound:  # then pyHanko does not ask who signed
            return chain
        known = _Earliest(tuple(one for one in (self.revocations, *self._revocations(chain)) if one is not None))
        certified = chain.is_issued_for(CertificateRole.NOTICE, self.roots, self.moment, known)
        if not (certified and status.trusted):
            self.faults.append(self._why_untrusted(chain, known))
        return chain

    def _why_untrusted(self, chain: CertificateChain, known: Revoked) -> NoticeFault:
        if not chain.is_issued_for(CertificateRole.NOTICE, self.roots, chain.leaf.not_valid_before_utc):
            return NoticeFault.SIGNER_UNTRUSTED
        if chain.is_revoked_by(self.moment, known):
            return NoticeFault.SIGNER_REVOKED
        expired = any(one.not_valid_after_utc < self.moment for one in chain.with_itself)
        return NoticeFault.SIGNER_EXPIRED if expired else NoticeFault.SIGNER_UNTRUSTED

    def _revocations(self, chain: CertificateChain) -> Iterator[Revocations]:
        """The lists that the document keeps, as far as they are an issuer's that is trusted."""
        from pyhanko.pdf_utils.decode_limits import DecodePurpose  # noqa: PLC0415

        store = self._store()
        for kept in store.crls if store else ():
            given = x509.load_der_x509_crl(kept.get_object().read_data(DecodePurpose.CRL))
            lists = (Revocations(CertificateChain(issuer), given) for issuer in chain.issuers)
            yield from (one for one in lists if one.is_trusted(self.roots))

    def _store(self) -> "DocumentSecurityStore | None":
        from pyhanko.sign.validation import DocumentSecurityStore  # noqa: PLC0415
        from pyhanko.sign.validation.errors import NoDSSFoundError  # noqa: PLC0415

        try:
            return DocumentSecurityStore.read_dss(self.reader)
        except NoDSSFoundError:
            return None

    def _context(self, roots: Sequence[x509.Certificate]) -> "ValidationContext":
        """With the certificates and the revocations that the document keeps for this."""
        from pyhanko_certvalidator import ValidationContext  # noqa: PLC0415

        given: dict[str, Any] = {
            "trust_roots": [asn1(root) for root in roots],
            "allow_fetching": False,
            "moment": self.moment,
            "retroactive_revinfo": True,  # a list that was made later knows what was revoked before
        }
        store = self._store()
        return ValidationContext(**given) if store is None else store.as_validation_context(given)


@dataclass(frozen=True, slots=True)
class _Earliest:
    """Several lists as one."""

    lists: tuple[Revoked, ...]

    def revoked_at(self, certificate: x509.Certificate) -> dt.datetime | None:
        times = (one.revoked_at(certificate) for one in self.lists)
        return min((time for time in times if time is not None), default=None)


def _unchanged(status: Any, *, is_newest: bool) -> bool:
    """Nothing stands behind it, or nothing but what keeps it valid: certificates, revocations and timestamps."""
    from pyhanko.sign.diff_analysis import ModificationLevel  # noqa: PLC0415
    from pyhanko.sign.validation import SignatureCoverageLevel  # noqa: PLC0415

    if is_newest:
        return bool(status.coverage is SignatureCoverageLevel.ENTIRE_FILE)
    level = status.modification_level
    return (
        status.coverage >= SignatureCoverageLevel.ENTIRE_REVISION
        and level is not None
        and bool(level <= ModificationLevel.LTA_UPDATES)
    )


def _tokens(info: "cms.SignerInfo") -> "list[cms.SignedData]":
    from pyhanko.sign.validation.generic_cms import extract_tst_data_iter  # noqa: PLC0415

    return list(extract_tst_data_iter(info, signed=False))


def _embedded(signed: "cms.SignedData") -> tuple[x509.Certificate, ...]:
    return tuple(from_der(each.chosen.dump()) for each in signed["certificates"])


def _chain(signature: "EmbeddedPdfSignature", store: "DocumentSecurityStore | None") -> CertificateChain:
    def issuers() -> Iterator[x509.Certificate]:
        yield from _embedded(signature.signed_data)
        for kept in store.load_certs() if store else ():
            yield from_der(kept.dump())

    leaf = from_der(signature.signer_cert.dump())
    ours = [one for one in issuers() if role_of(one) in (CertificateRole.DEVICE, CertificateRole.ISSUER)]
    return CertificateChain(leaf, tuple(dict.fromkeys(ours)))
