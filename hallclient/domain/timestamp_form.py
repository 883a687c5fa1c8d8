"""The one form of a timestamp in which every byte counts.

Much of what a service answers is signed by nobody: words about its status, spare certificates, the order of things.
Kept as it came, all that could be changed later and nobody would notice. So it is made anew from what is needed before
it is kept, and what is not its own plain form is refused.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hallclient.domain.certificates import from_der, is_signed_by
from hallclient.domain.failures import FailureCode, KnownError

if TYPE_CHECKING:
    from asn1crypto import cms


def plain_reply(reply: bytes, known: Sequence[x509.Certificate] = ()) -> bytes:
    """The same timestamp as in `reply`, DER of a TimeStampResp: granted, one signature, the certificates that lead from
    it upwards, and nothing that is not needed. Its own plain form is itself.

    `known` are certificates of services and roots that may stand in it, too: one without its root has an issuer whose
    own signature nobody can examine, which would be left out.

    Raises evidence_damaged for what is no reply, or grants nothing.
    """
    from asn1crypto import tsp  # noqa: PLC0415

    try:
        answer = tsp.TimeStampResp.load(reply, strict=True)
        if answer["status"]["status"].native not in ("granted", "granted_with_mods"):
            raise KnownError(FailureCode.EVIDENCE_DAMAGED, "no timestamp was granted")
        token = {"content_type": "signed_data", "content": _plain(answer["time_stamp_token"]["content"], known)}
        return bytes(tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump())
    except KnownError:
        raise
    except Exception as error:  # noqa: BLE001  # a parser of foreign bytes fails in any way it likes
        raise KnownError(FailureCode.EVIDENCE_DAMAGED, f"no timestamp: {type(error).__name__}") from None


def _plain(signed: "cms.SignedData", known: Sequence[x509.Certificate]) -> "cms.SignedData":
    from asn1crypto import algos, cms  # noqa: PLC0415

    (info,) = signed["signer_infos"]
    by_serial = info["sid"].name == "issuer_and_serial_number"
    algorithm = algos.DigestAlgorithm({"algorithm": info["digest_algorithm"]["algorithm"].native})
    certificates = [each.chosen for each in signed["certificates"]]
    leaf = next(one for one in certificates if _is_of(one, info["sid"]))
    sid = info["sid"]
    if by_serial:  # names are alike whatever the case of their letters; what is kept is the certificate's own
        named = {"issuer": leaf.issuer, "serial_number": leaf.serial_number}
        sid = cms.SignerIdentifier("issuer_and_serial_number", cms.IssuerAndSerialNumber(named))
    signer = cms.SignerInfo(
        {
            "version": "v1" if by_serial else "v3",
            "sid": sid,
            "digest_algorithm": algorithm,
            "signed_attrs": info["signed_attrs"],
            "signature_algorithm": info["signature_algorithm"],
            "signature": info["signature"].native,
        }
    )
    chain = _upwards(from_der(leaf.dump()), [*(from_der(one.dump()) for one in certificates), *known])
    return cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [algorithm],
            "encap_content_info": signed["encap_content_info"],
            "certificates": [cms.CertificateChoices.load(der) for der in sorted(chain)],
            "signer_infos": [signer],
        }
    )


def _is_of(certificate: "cms.Certificate", sid: "cms.SignerIdentifier") -> bool:
    if sid.name == "issuer_and_serial_number":
        named = sid.chosen
        return bool(
            certificate.issuer == named["issuer"] and certificate.serial_number == named["serial_number"].native
        )
    return bool(certificate.key_identifier == sid.chosen.native)


def _upwards(leaf: x509.Certificate, given: Sequence[x509.Certificate]) -> list[bytes]:
    """DER of `leaf` and of those that vouch for it, up to one that signs itself. One of whose own signature nobody
    vouches is left out: whoever trusts it has it.
    """
    chain = [leaf]
    while not is_signed_by(chain[-1], chain[-1]):
        above = [one for one in given if one not in chain and is_signed_by(chain[-1], one)]
        good = [one for one in above if any(is_signed_by(one, other) for other in given)]
        if not good:
            break
        chain.append(good[0])
    return [one.public_bytes(Encoding.DER) for one in chain]
