"""Every byte of a timestamp that is kept counts, also those that no service has signed."""

import datetime as dt
import hashlib

import pytest
from asn1crypto import tsp
from cryptography import x509

from hallclient.domain.failures import KnownError
from hallclient.domain.timestamp import asn1, reply_timestamp, request
from hallclient.domain.timestamp_form import plain_reply
from tests.timestamp_service import authority

pytestmark = pytest.mark.may_log("pyhanko")

AT = dt.datetime(2026, 3, 2, 9, 34, tzinfo=dt.UTC)
TSA, STRANGER = (authority(name, AT - dt.timedelta(days=9), 20) for name in ("form tsa", "form stranger"))
SHA256 = hashlib.sha256(b"what it is about").digest()


# As a service sends it, with words that nobody has signed.
ANSWERED = TSA.reply(request(SHA256, 7), AT)


def with_certificates(reply: bytes, *certificates: x509.Certificate) -> bytes:
    answer = tsp.TimeStampResp.load(reply)
    answer["time_stamp_token"]["content"]["certificates"] = [asn1(one) for one in certificates]
    return bytes(answer.dump())


def survivors(reply: bytes, bits: dict[int, list[int]]) -> list[tuple[int, int]]:
    """Which flipped bit of which byte nobody notices."""
    unnoticed = []
    for at, flipped in bits.items():
        for bit in flipped:
            changed = bytearray(reply)
            changed[at] ^= 1 << bit
            try:
                found = reply_timestamp(bytes(changed), SHA256, ())
            except KnownError:
                continue
            if found.holds:
                unnoticed.append((at, bit))
    return unnoticed


def test_no_byte_can_be_changed_unnoticed() -> None:
    reply = plain_reply(ANSWERED)
    assert reply_timestamp(reply, SHA256, [TSA.root]).holds
    assert survivors(reply, {at: [at % 8] for at in range(len(reply))}) == []
    name = b"form tsa root"  # letters' case, which a comparison of names overlooks
    at = reply.rindex(name)
    assert survivors(reply, {each: [5] for each in range(at, at + len(name))}) == []


def test_what_a_service_adds_is_taken_off_and_the_rest_stays_as_it_was() -> None:
    given = with_certificates(ANSWERED, STRANGER.root, TSA.root, STRANGER.certificate, TSA.certificate)
    reply = plain_reply(given)
    assert reply == plain_reply(reply) == plain_reply(ANSWERED)
    before = tsp.TimeStampResp.load(given)["time_stamp_token"]["content"]
    after = tsp.TimeStampResp.load(reply)["time_stamp_token"]["content"]
    assert after["encap_content_info"].dump() == before["encap_content_info"].dump()
    assert after["signer_infos"][0]["signed_attrs"].dump() == before["signer_infos"][0]["signed_attrs"].dump()
    kept = {each.chosen.dump() for each in after["certificates"]}
    assert kept == {asn1(TSA.root).dump(), asn1(TSA.certificate).dump()}
    with pytest.raises(KnownError, match="nobody needs"):
        reply_timestamp(given, SHA256, [TSA.root])


def test_a_root_that_the_service_left_out_is_added_where_it_is_known() -> None:
    alone = with_certificates(ANSWERED, TSA.certificate)
    assert plain_reply(alone, [TSA.root]) == plain_reply(ANSWERED)
    assert reply_timestamp(plain_reply(alone), SHA256, [TSA.root]).holds


@pytest.mark.parametrize("reply", [b"", b"rubbish", b"\x30\x03\x30\x01\x02"])
def test_what_is_no_reply_has_no_form(reply: bytes) -> None:
    with pytest.raises(KnownError, match="evidence_damaged"):
        plain_reply(reply)


def test_one_that_was_refused_has_none() -> None:
    with pytest.raises(KnownError, match="evidence_damaged"):
        plain_reply(b"\x30\x05\x30\x03\x02\x01\x02")  # rejection


def test_one_without_the_certificate_that_signed_has_none() -> None:
    with pytest.raises(KnownError, match="evidence_damaged"):
        plain_reply(with_certificates(ANSWERED, TSA.root))
