"""The running server: who gets through its TLS, and how it stops."""

import signal
import socket
import ssl
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from hallclient.central.centre import Centre
from hallclient.central.server import serve
from hallclient.domain.certificate_issuing import Subject, issue
from hallclient.domain.certificates import CertificateRole
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.sync.tls import client_ssl_context
from hallclient.system import SystemClock, SystemEntropy
from tests.hallclient.central.running import Hall, process, running


def context_for(centre: Centre, tmp_path: Path, role: CertificateRole) -> ssl.SSLContext:
    """A client whose certificate our own root issued for `role`."""
    key = Ed25519PrivateKey.generate()
    keys = centre.keys
    chain = issue(keys.issuer, keys.issuer_key, key.public_key(), Subject("1001"), role, SystemClock().now())
    key_path = tmp_path / "key.pem"
    key_path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")))
    return client_ssl_context(keys.roots_file.read_bytes(), chain.to_pem(), key_path, b"x")


@pytest.mark.parametrize(
    "role", sorted(set(CertificateRole) - {CertificateRole.ROOT, CertificateRole.ISSUER, CertificateRole.DEVICE})
)
@pytest.mark.attack("T7", "another role poses as a device", answer="hung up on in the handshake")
def test_only_devices_get_through_the_handshake(
    centre: Centre, url: str, tmp_path: Path, role: CertificateRole
) -> None:
    with (
        httpx.Client(base_url=url, verify=context_for(centre, tmp_path, role), trust_env=False) as http,
        pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)),
    ):
        http.get("/v1/health")


@pytest.mark.expects_log("refused /v1/health: device_untrusted")
@pytest.mark.attack("T7", "an issuer poses as a device")
def test_an_issuer_that_poses_as_a_device_is_refused(centre: Centre, url: str, tmp_path: Path) -> None:
    """Its purposes must be a device's, too, or OpenSSL would not take what it vouches for; its role is not."""
    with httpx.Client(
        base_url=url, verify=context_for(centre, tmp_path, CertificateRole.ISSUER), trust_env=False
    ) as http:
        response = http.get("/v1/health")
    assert (response.status_code, response.json()["code"]) == (403, "device_untrusted")


@pytest.mark.attack("held", "no certificate", answer="hung up on in the handshake")
def test_a_client_without_a_certificate_is_hung_up_on(centre: Centre, url: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(centre.keys.roots_file)
    with (
        httpx.Client(base_url=url, verify=context, trust_env=False) as http,
        pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)),
    ):
        http.get("/v1/health")


def test_older_versions_of_tls_are_not_spoken(centre: Centre, hall: Hall, url: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(centre.keys.roots_file)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with httpx.Client(base_url=url, verify=context, trust_env=False) as http, pytest.raises(httpx.ConnectError):
        http.get("/v1/health")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_cleanly(folder: Path, centre: Centre, hall: Hall, number: signal.Signals) -> None:
    with process(folder / "centre") as (url, child):
        with hall.http(url) as http:
            assert http.get("/v1/health").status_code == 200
        child.send_signal(number)
        assert child.wait(timeout=120) == 0


def test_a_taken_port_is_said(folder: Path, centre: Centre, url: str) -> None:
    with pytest.raises(KnownError) as caught:
        serve(folder / "centre", "127.0.0.1", httpx.URL(url).port or 0, SystemClock(), SystemEntropy(), lambda _: None)
    assert caught.value.code is FailureCode.INPUT_INVALID


@pytest.mark.parametrize(("host", "shown"), [("localhost", "localhost"), ("::1", "[::1]")])
def test_the_address_is_given_as_a_client_needs_it(centre: Centre, hall: Hall, host: str, shown: str) -> None:
    if host == "::1" and not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    with running(centre, host) as url, hall.http(url) as http:
        assert url.startswith(f"https://{shown}:")
        assert http.get("/v1/health").status_code == 200


@pytest.mark.expects_log("the issuing key is good for 29 days: hallclient central root certify")
def test_a_key_that_ends_soon_is_said(tmp_path: Path) -> None:
    Centre.create(tmp_path / "central", "c", False, SystemClock(), SystemEntropy(), days=30)
    with pytest.raises(KnownError, match="cannot listen"):
        serve(tmp_path / "central", "no.such.host.example", 0, SystemClock(), SystemEntropy(), lambda _: None)
