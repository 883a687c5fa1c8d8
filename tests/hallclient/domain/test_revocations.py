"""The list of what was revoked: whom it believes, what it says, and which of two counts."""

import datetime as dt
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from hallclient.domain.certificate_issuing import Subject, issue_issuer
from hallclient.domain.certificates import CertificateChain, CertificateRole
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.revocations import Revocations, newest, sign_revocations
from tests.clock import NOON
from tests.halls import TestCentre

DAY = dt.timedelta(days=1)


@pytest.fixture(scope="module")
def centre() -> TestCentre:
    return TestCentre(NOON)


def device_of(centre: TestCentre) -> CertificateChain:
    key = Ed25519PrivateKey.generate().public_key()
    return centre.issued(key, Subject("d"), CertificateRole.DEVICE)


def listed(centre: TestCentre, *chains: CertificateChain, number: int = 1, now: dt.datetime = NOON) -> Revocations:
    serials = {chain.leaf.serial_number: NOON for chain in chains}
    return sign_revocations(centre.issuer, centre.issuer_key, serials, number, now)


def test_a_list_comes_back_as_it_was(centre: TestCentre) -> None:
    bad, good = device_of(centre), device_of(centre)
    made = listed(centre, bad, number=7)
    read = Revocations.from_pem(made.to_pem())
    assert read.is_trusted([centre.root])
    assert (read.number, read.issued_at) == (7, NOON)
    assert (read.revoked_at(bad.leaf), read.revoked_at(good.leaf)) == (NOON, None)


def test_an_empty_list_is_one(centre: TestCentre) -> None:
    read = Revocations.from_pem(listed(centre).to_pem())
    assert read.is_trusted([centre.root])
    assert read.revoked_at(device_of(centre).leaf) is None


def test_only_an_issuer_under_a_known_root_is_believed(centre: TestCentre) -> None:
    assert not listed(TestCentre(NOON)).is_trusted([centre.root])
    assert not listed(centre).is_trusted([])
    for role in set(CertificateRole) - {CertificateRole.ROOT, CertificateRole.ISSUER}:
        key = Ed25519PrivateKey.generate()
        chain = centre.issued(key.public_key(), Subject("test"), role)
        assert not sign_revocations(chain, key, {}, 1, NOON).is_trusted([centre.root])


def test_another_key_or_another_time_is_not_believed(centre: TestCentre) -> None:
    forged = sign_revocations(centre.issuer, Ed25519PrivateKey.generate(), {}, 1, NOON)
    assert not forged.is_trusted([centre.root])
    for at in (NOON - DAY, NOON + 399 * DAY):
        assert not listed(centre, now=at).is_trusted([centre.root])


def test_a_changed_list_is_not_believed(centre: TestCentre) -> None:
    pem = listed(centre, device_of(centre)).to_pem()
    other = listed(centre, device_of(centre)).to_pem()
    cut = b"-----BEGIN CERTIFICATE-----"
    foreign = listed(TestCentre(NOON)).to_pem()
    swapped = pem.split(cut, 1)[0] + cut + foreign.split(cut, 1)[1]
    assert not Revocations.from_pem(swapped).is_trusted([centre.root])
    assert Revocations.from_pem(other).is_trusted([centre.root])


def test_a_later_issuer_of_the_same_centre_speaks_for_the_earlier(centre: TestCentre) -> None:
    device, key = device_of(centre), Ed25519PrivateKey.generate()
    later = issue_issuer(centre.root, centre.root_key, key.public_key(), "test", NOON + DAY)
    made = sign_revocations(later, key, {device.leaf.serial_number: NOON + DAY}, 2, NOON + DAY)
    assert made.is_trusted([centre.root])
    assert made.revoked_at(device.leaf) == NOON + DAY


def test_another_centres_serial_number_is_not_meant(centre: TestCentre) -> None:
    other_centre = TestCentre(NOON)
    other_centre.issuer = issue_issuer(
        other_centre.root, other_centre.root_key, other_centre.issuer_key.public_key(), "other", NOON
    )
    device = device_of(other_centre)
    assert listed(centre, device).revoked_at(device.leaf) is None


def test_a_smaller_number_never_replaces_a_larger(centre: TestCentre) -> None:
    old, new = listed(centre, number=9), listed(centre, number=10)
    assert newest(old, new) is new
    assert newest(new, old) is new
    assert newest(old, listed(centre, number=9)) is old
    assert newest(None, old) is old


@pytest.mark.parametrize("pem", [b"", b"rubbish", b"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"])
def test_what_is_no_list_is_damage(pem: bytes, centre: TestCentre) -> None:
    for text in (pem, pem + centre.issuer.to_pem(), listed(centre).to_pem().split(b"-----BEGIN CERT", 1)[0]):
        with pytest.raises(KnownError) as caught:
            Revocations.from_pem(text)
        assert caught.value.code is FailureCode.EVIDENCE_DAMAGED


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl")
def test_openssl_reads_it_and_agrees(centre: TestCentre, tmp_path: Path) -> None:
    bad, good = device_of(centre), device_of(centre)
    (tmp_path / "list.pem").write_bytes(listed(centre, bad).to_pem())
    (tmp_path / "root.pem").write_bytes(centre.root.public_bytes(Encoding.PEM))
    (tmp_path / "issuer.pem").write_bytes(centre.issuer.leaf.public_bytes(Encoding.PEM))
    for chain, verdict in ((bad, 2), (good, 0)):
        (tmp_path / "leaf.pem").write_bytes(chain.leaf.public_bytes(Encoding.PEM))
        at = str(int(NOON.timestamp()))
        checks = f"-attime {at} -crl_check -x509_strict -purpose sslclient".split()
        files = ["-CRLfile", "list.pem", "-CAfile", "root.pem", "-untrusted", "issuer.pem", "leaf.pem"]
        ran = subprocess.run(
            ["openssl", "verify", *checks, *files],
            cwd=tmp_path,
            capture_output=True,
            check=False,
            text=True,
        )
        assert ran.returncode == verdict, ran.stderr
        assert ("revoked" in ran.stderr) is bool(verdict)
