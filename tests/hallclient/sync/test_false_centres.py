"""Whoever has a genuine certificate of another role is not the centre: not one byte of a request reaches them."""

import datetime as dt
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import ExtendedKeyUsageOID

from hallclient.central.centre import Centre
from hallclient.domain.certificate_issuing import Subject, issue, issue_issuer, make_root
from hallclient.domain.certificates import CertificateChain, CertificateRole, role_of, uses_of
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.revocations import Revocations
from hallclient.sync.client import CentreClient
from hallclient.sync.tls import client_ssl_context
from hallclient.system import SystemClock
from tests.hallclient.central.running import Hall
from tests.hallclient.sync.false_centre import false_centre
from tests.packages import BuiltPackage

LOOPBACK = ("127.0.0.1", "localhost")
Made = tuple[CertificateChain, Ed25519PrivateKey]


def server(name: str) -> Subject:
    return Subject(name, hosts=LOOPBACK)


def genuine(centre: Centre, role: CertificateRole, now: dt.datetime | None = None) -> Made:
    """A certificate with the server's address in it, of a role that the centre's issuer really gives."""
    key = Ed25519PrivateKey.generate()
    issuer, issuer_key = centre.keys.issuer, centre.keys.issuer_key
    return issue(issuer, issuer_key, key.public_key(), server("x"), role, now or SystemClock().now()), key


def refused(centre: Centre, hall: Hall, folder: Path, made: Made) -> FailureCode:
    """How a client of `hall` meets a server with this certificate; nothing was said to it."""
    with false_centre(*made, folder) as false, hall.client(false.url) as client:
        with pytest.raises(KnownError) as caught:
            client.probe(30)
        assert not false.received
    return caught.value.code


def test_the_test_itself_would_be_believed_with_a_servers_certificate(
    centre: Centre, hall: Hall, tmp_path: Path
) -> None:
    with false_centre(*genuine(centre, CertificateRole.TLS), tmp_path) as false, hall.client(false.url) as client:
        with pytest.raises(KnownError) as caught:
            client.probe(30)
        assert caught.value.code is FailureCode.CENTRE_REFUSED_RECORD
        assert false.received.startswith(b"GET /v1/health")


@pytest.mark.parametrize("role", sorted(set(CertificateRole) - {CertificateRole.TLS}))
@pytest.mark.attack("T7", "a genuine certificate poses as the server")
def test_no_other_role_is_a_centre(role: CertificateRole, centre: Centre, hall: Hall, tmp_path: Path) -> None:
    assert refused(centre, hall, tmp_path, genuine(centre, role)) is FailureCode.CENTRE_UNTRUSTED


@pytest.mark.parametrize("role", [CertificateRole.TLS, CertificateRole.ISSUER, CertificateRole.NOTICE])
@pytest.mark.attack("T7", "what an enrolled device vouches for poses as the server")
def test_a_device_makes_nobody_a_centre(role: CertificateRole, centre: Centre, hall: Hall, tmp_path: Path) -> None:
    """T7: a device is an authority below the root that clients trust."""
    key = Ed25519PrivateKey.generate()
    device = hall.device
    chain = issue(device.chain, device.key, key.public_key(), server("x"), role, SystemClock().now())
    assert refused(centre, hall, tmp_path, (chain, key)) is FailureCode.CENTRE_UNTRUSTED


@pytest.mark.attack("T7", "a device answers 422 as the server")
def test_a_forged_refusal_of_a_device_sets_no_package_aside(
    centre: Centre, hall: Hall, package: BuiltPackage, tmp_path: Path
) -> None:
    made = (hall.device.chain, hall.device.key)
    with false_centre(*made, tmp_path) as false, hall.client(false.url) as client:
        with pytest.raises(KnownError) as caught:
            client.send(package.files, package.manifest.session)
        assert not false.received
    assert caught.value.code is FailureCode.CENTRE_UNTRUSTED  # which stops the courier, and sets nothing aside


def as_other_program(centre: Centre, role: CertificateRole, uses: tuple[x509.ObjectIdentifier, ...]) -> Made:
    """What the issuer's key could sign, and this program does not: OpenSSL takes it for a server's."""
    key = Ed25519PrivateKey.generate()
    now = SystemClock().now()
    names = server("x").alternative_names()
    builder = (
        x509.CertificateBuilder()
        .subject_name(server("x").distinguished_name(role))
        .issuer_name(centre.keys.issuer.leaf.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
    )
    return CertificateChain(builder.sign(centre.keys.issuer_key, None), centre.keys.issuer.with_itself), key


@pytest.mark.parametrize(
    ("role", "uses"),
    [
        (CertificateRole.RECEIPT, (*uses_of(CertificateRole.RECEIPT), ExtendedKeyUsageOID.SERVER_AUTH)),
        (CertificateRole.CLERK, uses_of(CertificateRole.TLS)),
        (CertificateRole.TLS, (ExtendedKeyUsageOID.SERVER_AUTH,)),
    ],
    ids=["receipt as server", "clerk as server", "server without the role"],
)
def test_the_role_is_asked_besides_openssls_purpose(
    role: CertificateRole, uses: tuple[x509.ObjectIdentifier, ...], centre: Centre, hall: Hall, tmp_path: Path
) -> None:
    made = as_other_program(centre, role, uses)
    assert role_of(made[0].leaf) is None
    assert refused(centre, hall, tmp_path, made) is FailureCode.CENTRE_UNTRUSTED


def foreign(centre: Centre) -> Made:
    """A server of another root, which has the same names."""
    keys = [Ed25519PrivateKey.generate() for _ in range(3)]
    now = SystemClock().now()
    root = make_root(centre.name, keys[0], now)
    issuer = issue_issuer(root, keys[0], keys[1].public_key(), centre.name, now)
    return issue(issuer, keys[1], keys[2].public_key(), server("x"), CertificateRole.TLS, now), keys[2]


def at_another_time(centre: Centre, away: dt.timedelta) -> Made:
    """A server's certificate that a centre with a wrong clock made: valid for a day, so long from now."""
    key, issuer_key, root_key = (Ed25519PrivateKey.generate() for _ in range(3))
    now = SystemClock().now() + away
    root = make_root("r", root_key, min(now, SystemClock().now()))
    issuer = issue_issuer(root, root_key, issuer_key.public_key(), "r", min(now, SystemClock().now()))
    chain = issue(issuer, issuer_key, key.public_key(), server("x"), CertificateRole.TLS, now, days=1)
    return CertificateChain(chain.leaf, (*chain.issuers, root)), key


@pytest.mark.parametrize(
    ("away", "code"),
    [(dt.timedelta(days=30), FailureCode.CLOCK_WRONG), (dt.timedelta(days=-30), FailureCode.CENTRE_UNTRUSTED)],
    ids=["not yet valid", "expired"],
)
@pytest.mark.attack("T7", "a server out of its time")
def test_a_server_out_of_its_time_is_told_apart(
    away: dt.timedelta, code: FailureCode, centre: Centre, hall: Hall, tmp_path: Path
) -> None:
    chain, key = at_another_time(centre, away)
    root = chain.issuers[-1]
    made = (CertificateChain(chain.leaf, chain.issuers[:-1]), key)
    context = context_of(hall, tmp_path, CertificateChain(root).to_pem(), lambda: None)
    with false_centre(*made, tmp_path) as false, CentreClient(false.url, context, [root]) as client:
        with pytest.raises(KnownError) as caught:
            client.probe(30)
        assert not false.received
    assert caught.value.code is code


@pytest.mark.attack("T7", "a server of another root")
def test_a_server_of_another_root_is_no_centre(centre: Centre, hall: Hall, tmp_path: Path) -> None:
    assert refused(centre, hall, tmp_path, foreign(centre)) is FailureCode.CENTRE_UNTRUSTED


def context_of(hall: Hall, folder: Path, roots: bytes, revocations: Callable[[], Revocations | None]) -> ssl.SSLContext:
    key_path = next(folder.glob("H001-*.pem"))
    return client_ssl_context(roots, hall.device.chain.to_pem(), key_path, b"secret", revocations)


@pytest.mark.attack("T7", "a revoked server")
def test_a_revoked_server_is_no_centre(centre: Centre, hall: Hall, tmp_path: Path) -> None:
    """Also with its own key, and a certificate that is still good for OpenSSL."""
    made = genuine(centre, CertificateRole.TLS)
    centre.revoke_serial(made[0].leaf.serial_number, "stolen")
    roots = centre.keys.roots_file.read_bytes()
    context = context_of(hall, tmp_path, roots, centre.revocations)
    with false_centre(*made, tmp_path) as false, CentreClient(false.url, context, hall.roots) as client:
        with pytest.raises(KnownError) as caught:
            client.probe(30)
        assert not false.received
    assert caught.value.code is FailureCode.CENTRE_UNTRUSTED
