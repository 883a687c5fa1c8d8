"""The service answers, or it does not, or wrongly: nobody waits long, and nothing but a good timestamp is kept."""

import datetime as dt
import hashlib
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from asn1crypto import tsp

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.timestamp import reply_timestamp, request
from hallclient.domain.timestamp_settings import TimestampSettings
from hallclient.sync.timestamp_client import TimestampClient
from tests.clock import CountingEntropy, HandClock
from tests.timestamp_service import REPLY, answering, authority, now, openssl_service

pytestmark = pytest.mark.may_log("(sync.timestamp_client|pyhanko)")

SINCE = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
TSA, FOREIGN = authority("tsa", SINCE, 60), authority("foreign tsa", SINCE, 60)
DATA = b"what was there"
SHA256 = hashlib.sha256(DATA).digest()


def client(url: str, clock: HandClock | None = None, patience_s: float = 20.0) -> TimestampClient:
    monotonic = (clock or HandClock()).monotonic
    return TimestampClient(TSA.settings(url), CountingEntropy(), monotonic, patience_s)


def failure(asked: TimestampClient) -> FailureCode:
    with pytest.raises(KnownError) as caught:
        asked.stamp(SHA256)
    return caught.value.code


def test_openssl_answers_and_openssl_agrees(tmp_path: Path) -> None:
    before = now().replace(microsecond=0)
    with openssl_service(tmp_path, TSA) as url:
        reply = client(url).stamp(SHA256)
    said = reply_timestamp(reply, SHA256, [TSA.root])
    assert said.holds
    assert said.trusted
    assert before <= said.at <= now()
    (tmp_path / "manifest.tsr").write_bytes(reply)
    (tmp_path / "manifest.sig").write_bytes(DATA)
    command = ["openssl", "ts", "-verify", "-in", "manifest.tsr", "-data", "manifest.sig", "-CAfile", "root.pem"]
    verified = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert verified.returncode == 0, verified.stderr


AT = SINCE + dt.timedelta(days=9)


def nonce_of(query: bytes) -> int:
    return int(tsp.TimeStampReq.load(query)["nonce"].native)


def foreign(query: bytes) -> bytes:
    return FOREIGN.reply(query, AT)


def other_bytes(query: bytes) -> bytes:
    return TSA.reply(request(hashlib.sha256(b"other").digest(), nonce_of(query)), AT)


def replayed(query: bytes) -> bytes:
    """A genuine reply over these bytes, to somebody else's request: its nonce is not ours."""
    return TSA.reply(request(SHA256, nonce_of(query) ^ 1), AT)


def not_yet_certified(query: bytes) -> bytes:
    return TSA.reply(query, SINCE - dt.timedelta(days=1))


@pytest.mark.parametrize(
    "answer",
    [
        foreign,
        other_bytes,
        replayed,
        not_yet_certified,
        lambda query: b"",
        lambda query: b"\x30\x03\x02\x01\x02",
        lambda query: query,
    ],
)
def test_a_wrong_answer_is_none(answer: Callable[[bytes], bytes]) -> None:
    with answering(lambda query: (REPLY, answer(query))) as url:
        assert failure(client(url)) is FailureCode.TIMESTAMP_INVALID


def test_what_was_asked_for_is_taken() -> None:
    """The same server with a good answer: the cases above are refused for what is wrong with them."""
    with answering(lambda query: (REPLY, TSA.reply(query, AT))) as url:
        assert reply_timestamp(client(url).stamp(SHA256), SHA256, [TSA.root]).at == AT


def test_no_more_is_read_than_a_reply_can_have() -> None:
    with answering(lambda query: (REPLY, bytes(10_000_000))) as url:
        assert failure(client(url)) is FailureCode.TIMESTAMP_INVALID


def test_a_page_of_the_web_is_no_answer() -> None:
    with answering(lambda query: ("text/html", b"<p>log in to the network</p>")) as url:
        assert failure(client(url)) is FailureCode.TIMESTAMP_INVALID


@pytest.mark.parametrize("status", [302, 404, 500, 503])
def test_a_service_with_a_trouble_does_not_answer(status: int) -> None:
    with answering(lambda query: (REPLY, b""), status) as url:
        assert failure(client(url)) is FailureCode.TIMESTAMP_UNREACHABLE


def test_nobody_waits_for_a_byte_a_second() -> None:
    with answering(lambda query: (REPLY, bytes(1000)), drip_s=0.2) as url:
        began_s = time.monotonic()
        assert failure(client(url, patience_s=1.0)) is FailureCode.TIMESTAMP_UNREACHABLE
        assert time.monotonic() - began_s < 60  # all of it takes 200 s


def test_a_silent_service_is_left_alone_for_a_while() -> None:
    clock, asked = HandClock(), []

    def answer(query: bytes) -> tuple[str, bytes]:
        asked.append(query)
        return REPLY, b""

    with answering(answer) as url:
        service = client(url, clock)
        assert failure(service) is FailureCode.TIMESTAMP_INVALID
        assert failure(service) is FailureCode.TIMESTAMP_UNREACHABLE
        assert len(asked) == 1
        clock.advance(61)
        assert failure(service) is FailureCode.TIMESTAMP_INVALID
        assert len(asked) == 2


def test_nobody_there() -> None:
    assert failure(client("http://127.0.0.1:9/")) is FailureCode.TIMESTAMP_UNREACHABLE


@pytest.mark.parametrize("url", ["", "ftp://x/", "file:///etc/passwd", "http://", "tsa.example", "http://例/"])
def test_what_is_no_address_is_no_setting(url: str) -> None:
    with pytest.raises(ValueError, match="url"):
        TimestampSettings(url=url, roots=TSA.roots_pem)


def test_a_service_without_roots_is_no_setting() -> None:
    with pytest.raises(ValueError, match="roots"):
        TimestampSettings(url="http://tsa.example/", roots="")
