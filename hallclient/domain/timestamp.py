"""Timestamps of a service (RFC 3161): that some bytes were there at a time, by the word of somebody else's clock.

asn1crypto, pyHanko and asyncio are imported where they work: they take half a second to load.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hallclient.domain.certificates import from_der
from hallclient.domain.failures import FailureCode, KnownError

if TYPE_CHECKING:
    from asn1crypto import cms, tsp
    from asn1crypto import x509 as asn1_x509
    from pyhanko.sign.timestamps import TimeStamper
    from pyhanko_certvalidator import ValidationContext

DIGEST = "sha256"  # the only one that is asked for
LARGEST_REPLY_BYTES = 16 * 1024  # a token with a chain of three certificates has some thousand

Stamp = Callable[[bytes], bytes]
"""Of a SHA-256: the whole reply of a timestamp service (DER of TimeStampResp), checked. Raises KnownError."""


@dataclass(frozen=True, slots=True)
class Timestamp:
    """What a timestamp says, and whether it may be believed.

    Attributes:
        at: the service's time.
        certificate: of who signed it.
        about_these_bytes: its digest is that of the bytes in question.
        signed: the signature is the service's over just this.
        trusted: the service is one for timestamps that the given roots vouch for, at that time; None where no roots
            were given.
    """

    at: dt.datetime
    certificate: x509.Certificate
    about_these_bytes: bool
    signed: bool
    trusted: bool | None

    @property
    def service(self) -> str:
        """The name of who signed it (RFC 4514)."""
        return self.certificate.subject.rfc4514_string()

    @property
    def holds(self) -> bool:
        """As far as there were roots to ask for it."""
        return self.about_these_bytes and self.signed and self.trusted is not False


def request(sha256: bytes, nonce: int) -> bytes:
    """What a service is asked (DER of TimeStampReq), with its certificates in the answer."""
    from asn1crypto import algos, tsp  # noqa: PLC0415

    imprint = tsp.MessageImprint(
        {"hash_algorithm": algos.DigestAlgorithm({"algorithm": DIGEST}), "hashed_message": sha256}
    )
    asked = tsp.TimeStampReq({"version": "v1", "message_imprint": imprint, "nonce": nonce, "cert_req": True})
    return bytes(asked.dump())


def reply_timestamp(
    reply: bytes, sha256: bytes, roots: Sequence[x509.Certificate], nonce: int | None = None
) -> Timestamp:
    """What a service's whole reply says of the bytes that have this digest.

    Args:
        nonce: of the request that it answers, where that is known.

    Raises evidence_damaged for what is no reply, grants nothing or answers another request.
    """
    try:
        answer = _reply(reply)
        granted = answer["status"]["status"].native in ("granted", "granted_with_mods")
        token = answer["time_stamp_token"] if granted else None
        info = _info(token["content"]) if token is not None else None
        answers_this = info is not None and (nonce is None or info["nonce"].native == nonce)
        if token is None or not answers_this:
            raise KnownError(FailureCode.EVIDENCE_DAMAGED, "no timestamp was granted to this request")
        return token_timestamp(token["content"], sha256, roots)
    except KnownError:
        raise
    except Exception as error:  # noqa: BLE001  # a parser of foreign bytes fails in any way it likes
        raise KnownError(FailureCode.EVIDENCE_DAMAGED, f"no timestamp: {type(error).__name__}") from None


def token_timestamp(
    signed: "cms.SignedData",
    sha256: bytes,
    roots: Sequence[x509.Certificate],
    moment: dt.datetime | None = None,
) -> Timestamp:
    """What a token says of the bytes that have this digest. Fails in any way where it is none.

    Args:
        moment: when the service's certificate has to be good; None for the token's own time.
    """
    import asyncio  # noqa: PLC0415

    from pyhanko.sign.validation.generic_cms import validate_tst_signed_data  # noqa: PLC0415
    from pyhanko.sign.validation.status import TimestampSignatureStatus  # noqa: PLC0415

    info = _info(signed)
    at = info["gen_time"].native
    given = _imprint(info)
    context = timestamp_context(signed, roots, moment or at)
    # The digest is compared below: where it differs, pyHanko would write both into the log.
    judged = validate_tst_signed_data(signed, context, lambda _algorithm: given[1])
    status = TimestampSignatureStatus(**asyncio.run(judged))
    return Timestamp(
        at=at,
        certificate=from_der(status.signing_cert.dump()),
        about_these_bytes=given == (DIGEST, sha256),
        signed=status.valid and status.intact,
        trusted=status.trusted if roots else None,
    )


def timestamp_context(
    signed: "cms.SignedData", roots: Sequence[x509.Certificate], moment: dt.datetime
) -> "ValidationContext":
    """By what a token's service is judged: `roots`, and where there are none, nothing but itself."""
    from pyhanko_certvalidator import ValidationContext  # noqa: PLC0415

    trusted = [asn1(root) for root in roots] or [each.chosen for each in signed["certificates"]]
    return ValidationContext(trust_roots=trusted, allow_fetching=False, moment=moment)


def pdf_timestamper(stamp: Stamp) -> "TimeStamper":
    """`stamp` as pyHanko asks for timestamps; what it raises goes through pyHanko unchanged."""
    import asyncio  # noqa: PLC0415

    from pyhanko.sign.timestamps import TimeStamper  # noqa: PLC0415

    class Stamper(TimeStamper):  # type: ignore[misc, unused-ignore]
        async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> "cms.ContentInfo":
            if md_algorithm != DIGEST:
                raise KnownError(FailureCode.TIMESTAMP_INVALID, "another digest than SHA-256")
            reply = await asyncio.to_thread(stamp, message_digest)  # which blocks, and has a loop of its own
            if len(reply) > LARGEST_REPLY_BYTES:
                raise KnownError(FailureCode.TIMESTAMP_INVALID, "too long")
            return _reply(reply)["time_stamp_token"]

    return Stamper()  # type: ignore[no-untyped-call, unused-ignore]


def asn1(certificate: x509.Certificate) -> "asn1_x509.Certificate":
    """The same certificate as pyHanko takes it."""
    from asn1crypto import x509 as asn1_x509  # noqa: PLC0415

    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def digest(data: bytes) -> bytes:
    """The SHA-256 that a timestamp over `data` bears."""
    return hashlib.sha256(data).digest()


def _reply(data: bytes) -> "tsp.TimeStampResp":
    from asn1crypto import tsp  # noqa: PLC0415

    return tsp.TimeStampResp.load(data, strict=True)


def _info(signed: "cms.SignedData") -> "tsp.TSTInfo":
    return signed["encap_content_info"]["content"].parsed


def _imprint(info: "tsp.TSTInfo") -> tuple[str, bytes]:
    imprint = info["message_imprint"]
    return imprint["hash_algorithm"]["algorithm"].native, imprint["hashed_message"].native
