"""Founding a centre and enrolling devices: offline, by the operator's IT."""

import os
import stat
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from hallclient.central.centre import Centre
from hallclient.domain.certificate_requests import EnrolmentRequest, read_requests
from hallclient.domain.certificates import CertificateChain, CertificateRole, public_key_of, workstation_of
from hallclient.domain.equipment import Place, Workstation
from hallclient.domain.failures import FailureCode, KnownError
from tests.packages import NOW, PLACE, CountedEntropy, FixedClock

HERE = Workstation(PLACE, "pc-1")


def create(folder: Path, name: str = "Centre", practice: bool = False, hosts: Sequence[str] = ()) -> Centre:
    return Centre.create(folder, name, practice, FixedClock(), CountedEntropy(), hosts)


def csr(key: Ed25519PrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "whatever")])
    return x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, None).public_bytes(Encoding.PEM)


def test_a_centre_is_found_again_as_it_was_made(tmp_path: Path) -> None:
    made = create(tmp_path / "centre", practice=True)
    opened = Centre.open(tmp_path / "centre", FixedClock(), CountedEntropy())
    assert (opened.name, opened.practice) == ("Centre", True)
    assert opened.keys.roots == made.keys.roots
    assert opened.keys.data_key.public_key() == made.keys.data_key.public_key()


def test_private_keys_are_for_the_centre_alone(tmp_path: Path) -> None:
    create(tmp_path / "centre")
    keys = tmp_path / "centre" / "keys"
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys.iterdir()} == {0o600}
    assert len(list(keys.glob("*.key.pem"))) == 4


def test_each_certificate_has_its_role_and_the_server_its_hosts(tmp_path: Path) -> None:
    centre = create(tmp_path / "centre", hosts=["centre.example", "192.0.2.7"])
    assert centre.keys.receipt.is_issued_for(CertificateRole.RECEIPT, centre.keys.roots, NOW)
    tls = CertificateChain.from_pem(centre.keys.tls_files[0].read_bytes())
    assert tls.is_issued_for(CertificateRole.TLS, centre.keys.roots, NOW)
    hosts = tls.leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert hosts.get_values_for_type(x509.DNSName) == ["localhost", "centre.example"]
    assert [str(address) for address in hosts.get_values_for_type(x509.IPAddress)] == [
        "127.0.0.1",
        "::1",
        "192.0.2.7",
    ]


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "centre").mkdir()
    (tmp_path / "centre" / "file").write_text("kept")
    with pytest.raises(KnownError) as caught:
        create(tmp_path / "centre")
    assert caught.value.code is FailureCode.INPUT_INVALID
    assert [path.name for path in (tmp_path / "centre").iterdir()] == ["file"]


@pytest.mark.parametrize("options", [{"name": ""}, {"name": "\u4e2d" * 22}, {"hosts": ["\u4e2d\u5fc3"]}])
def test_names_that_no_certificate_can_hold_found_nothing(tmp_path: Path, options: dict[str, Any]) -> None:
    with pytest.raises(KnownError) as caught:
        create(tmp_path / "centre", **options)
    assert caught.value.code is FailureCode.INPUT_INVALID
    assert list(tmp_path.iterdir()) == []


def test_a_failed_founding_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("hallclient.central.identity.write_new", full)
    with pytest.raises(OSError, match="no space left"):
        create(tmp_path / "centre")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_is_no_centre(tmp_path: Path) -> None:
    with pytest.raises(KnownError) as caught:
        Centre.open(tmp_path, FixedClock(), CountedEntropy())
    assert caught.value.code is FailureCode.INPUT_INVALID


@pytest.mark.parametrize("name", ["centre.json", "keys/issuer.key.pem", "keys/receipt.pem", "keys/data.key.pem"])
def test_a_damaged_centre_says_so(tmp_path: Path, name: str) -> None:
    create(tmp_path / "centre")
    (tmp_path / "centre" / name).write_bytes(b"damaged")
    with pytest.raises(KnownError) as caught:
        Centre.open(tmp_path / "centre", FixedClock(), CountedEntropy())
    assert caught.value.code is FailureCode.STORE_UNREADABLE


def test_keys_in_each_others_place_are_noticed(tmp_path: Path) -> None:
    create(tmp_path / "centre")
    keys = tmp_path / "centre" / "keys"
    for taken, place in (("issuer", "data"), ("data", "issuer"), ("issuer", "receipt")):
        backup = (keys / f"{place}.key.pem").read_bytes()
        (keys / f"{place}.key.pem").write_bytes((keys / f"{taken}.key.pem").read_bytes())
        with pytest.raises(KnownError) as caught:
            Centre.open(tmp_path / "centre", FixedClock(), CountedEntropy())
        assert caught.value.code is FailureCode.STORE_UNREADABLE
        (keys / f"{place}.key.pem").write_bytes(backup)


def test_a_request_gets_a_device_certificate(tmp_path: Path) -> None:
    centre = create(tmp_path / "centre")
    key = Ed25519PrivateKey.generate()
    enrolment = centre.enrol(read_requests(csr(key)), HERE).verified(NOW, centre.keys.roots)
    device = enrolment.chain_of(enrolment.certificate)
    assert device.is_issued_for(CertificateRole.DEVICE, enrolment.root_certificates(), NOW)
    assert workstation_of(device.leaf) == HERE
    assert public_key_of(device.leaf) == key.public_key()
    assert (enrolment.centre, enrolment.practice, enrolment.workstation) == ("Centre", False, HERE)
    assert bytes.fromhex(enrolment.data_key) == centre.keys.data_key.public_key().public_bytes_raw()


@pytest.mark.parametrize(
    "workstation",
    [
        Workstation(replace(PLACE, hall=""), "pc"),
        Workstation(replace(PLACE, counter=""), "pc"),
        Workstation(replace(PLACE, channel=" "), "pc"),
        Workstation(replace(PLACE, hall="x" * 65), "pc"),
        Workstation(PLACE, ""),
        Workstation(PLACE, "x" * 65),
        Workstation(PLACE, "a/b"),
        Workstation(PLACE, "a\nb"),
    ],
)
def test_names_must_fit_into_a_certificate(tmp_path: Path, workstation: Workstation) -> None:
    centre = create(tmp_path / "centre")
    with pytest.raises(KnownError) as caught:
        centre.enrol(EnrolmentRequest(Ed25519PrivateKey.generate().public_key()), workstation)
    assert caught.value.code is FailureCode.INPUT_INVALID


def test_the_longest_names_fit(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate().public_key()
    longest = Workstation(Place("\u5385" * 64, "\u8425" * 64, "\u53f0" * 64), "p" * 64)
    enrolment = create(tmp_path / "centre").enrol(EnrolmentRequest(key), longest).verified(NOW)
    assert workstation_of(enrolment.chain_of(enrolment.certificate).leaf) == longest


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no endless file")
@pytest.mark.parametrize("name", ["centre.json", "keys/roots.pem", "keys/issuer.key.pem", "keys/data.key.pem"])
@pytest.mark.parametrize("endless", [True, False], ids=["endless", "pipe"])
def test_a_file_that_never_ends_or_waits_is_said(name: str, endless: bool, tmp_path: Path) -> None:
    folder = tmp_path / "centre"
    Centre.create(folder, "c", True, FixedClock(NOW), CountedEntropy())
    (folder / name).unlink()
    if endless:
        (folder / name).symlink_to("/dev/zero")
    else:
        os.mkfifo(folder / name)
    with pytest.raises(KnownError, match="store_unreadable"):
        Centre.open(folder, FixedClock(NOW), CountedEntropy())
