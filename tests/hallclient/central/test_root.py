"""The root's folder, and a centre that is certified by it: once, again, and by another one."""

import datetime as dt
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from hallclient.central import keys as centre_keys
from hallclient.central.centre import Centre
from hallclient.central.refusal import RefusalError
from hallclient.central.root import LONGEST_PASSPHRASE, SHORTEST_PASSPHRASE, create_root, open_root
from hallclient.domain.certificate_requests import EnrolmentRequest
from hallclient.domain.certificates import CertificateRole
from hallclient.domain.equipment import Workstation
from hallclient.domain.failures import FailureCode, KnownError
from tests.packages import NOW, PLACE, CountedEntropy, FixedClock

PASSPHRASE = "six words that nobody else knows"
HERE = Workstation(PLACE, "pc-1")
DAY = dt.timedelta(days=1)


def code_of(act: Callable[[], object]) -> FailureCode:
    with pytest.raises(KnownError) as caught:
        act()
    return caught.value.code


@pytest.mark.attack("T15", "a root's folder without its passphrase")
def test_a_root_is_opened_by_its_passphrase_alone(tmp_path: Path) -> None:
    folder = tmp_path / "root"
    made = create_root(folder, "操作员", PASSPHRASE, FixedClock(), CountedEntropy())
    assert open_root(folder, PASSPHRASE).certificate == made.certificate
    assert x509.load_pem_x509_certificate((folder / "root.pem").read_bytes()) == made.certificate
    for wrong in (PASSPHRASE.upper(), PASSPHRASE[:-1], "", "x" * 1000):
        assert code_of(lambda wrong=wrong: open_root(folder, wrong)) is FailureCode.PASSPHRASE_WRONG
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl")
def test_openssl_opens_it_too(tmp_path: Path) -> None:
    """Whoever still has the medium and the passphrase in twenty years needs no program of ours."""
    create_root(tmp_path / "root", "r", PASSPHRASE, FixedClock(), CountedEntropy())
    command = ["openssl", "pkcs12", "-in", "root.p12", "-passin", f"pass:{PASSPHRASE}", "-nodes", "-info"]
    ran = subprocess.run(command, cwd=tmp_path / "root", capture_output=True, check=True, text=True)
    assert isinstance(load_pem_private_key(ran.stdout.encode(), None), Ed25519PrivateKey)
    assert "AES-256-CBC" in ran.stderr
    assert "Iteration 600000" in ran.stderr


@pytest.mark.parametrize("length", [0, SHORTEST_PASSPHRASE - 1, LONGEST_PASSPHRASE + 1])
def test_a_passphrase_has_a_length(length: int, tmp_path: Path) -> None:
    act = lambda: create_root(tmp_path / "r", "r", "x" * length, FixedClock(), CountedEntropy())  # noqa: E731
    assert code_of(act) is FailureCode.INPUT_INVALID
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    act = lambda: create_root(tmp_path, "r", PASSPHRASE, FixedClock(), CountedEntropy())  # noqa: E731
    assert code_of(act) is FailureCode.INPUT_INVALID
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_root_that_is_gone_or_damaged_is_said(tmp_path: Path) -> None:
    assert code_of(lambda: open_root(tmp_path / "r", PASSPHRASE)) is FailureCode.FILE_MISSING
    create_root(tmp_path / "r", "r", PASSPHRASE, FixedClock(), CountedEntropy())
    (tmp_path / "r" / "root.p12").write_bytes(b"damaged")
    assert code_of(lambda: open_root(tmp_path / "r", PASSPHRASE)) is FailureCode.PASSPHRASE_WRONG
    (tmp_path / "r" / "root.p12").unlink()
    (tmp_path / "r" / "root.p12").mkdir()
    assert code_of(lambda: open_root(tmp_path / "r", PASSPHRASE)) is FailureCode.STORE_UNREADABLE


class Operator:
    """A root, a centre that it certified, and a device that was enrolled there."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock, self.entropy = folder / "central", FixedClock(), CountedEntropy()
        self.root = create_root(folder / "root", "r", PASSPHRASE, self.clock, self.entropy)
        self.centre = Centre.create(
            self.folder, "Centre", False, self.clock, self.entropy, ("centre.example",), self.root
        )
        self.device_key = Ed25519PrivateKey.generate()
        enrolment = self.centre.enrol(EnrolmentRequest(self.device_key.public_key()), HERE).verified(NOW)
        self.device = enrolment.chain_of(enrolment.certificate)

    def certify(self, root: object = None, days: int = 398) -> Centre:
        self.centre = Centre.certify(self.folder, root or self.root, self.clock, self.entropy, days)  # type: ignore[arg-type]
        return self.centre

    def opened(self) -> Centre:
        return Centre.open(self.folder, self.clock, self.entropy)


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    return Operator(tmp_path)


@pytest.mark.attack("T15", "the web service's folder is stolen", answer="no root key in it")
def test_the_web_services_folder_has_no_key_of_a_root(operator: Operator) -> None:
    """T15: neither of one that is kept elsewhere, nor of one that was forgotten."""
    alone = Centre.create(operator.folder.parent / "alone", "c", True, operator.clock, operator.entropy)
    for folder, centre in ((operator.folder, operator.centre), (operator.folder.parent / "alone", alone)):
        (root,) = centre.keys.roots
        found = [load_pem_private_key(path.read_bytes(), None) for path in folder.rglob("*.key.pem")]
        assert len(found) == 4
        assert all(key.public_key() != root.public_key() for key in found)


def test_what_an_earlier_issuer_certified_stays_good_while_it_is(operator: Operator) -> None:
    before = operator.centre.keys
    operator.clock.time = NOW + 200 * DAY
    after = operator.certify().keys
    assert after.issuer.leaf != before.issuer.leaf
    assert after.issuers == (after.issuer.leaf, before.issuer.leaf)
    assert (after.roots, after.data_key.public_key()) == (before.roots, before.data_key.public_key())
    operator.centre.sender_of(operator.device.leaf)
    operator.clock.time = NOW + 400 * DAY
    with pytest.raises(RefusalError, match="device_untrusted"):
        operator.opened().sender_of(operator.device.leaf)
    assert operator.certify().keys.issuers[1:] == (after.issuer.leaf,)  # the first is over


def test_all_that_hangs_on_it_is_renewed(operator: Operator) -> None:
    before = operator.centre.keys
    tls = before.tls_files[0].read_bytes()
    operator.clock.time = NOW + 500 * DAY  # all of it has expired
    keys = operator.certify(days=30).keys
    now = operator.clock.now()
    assert keys.receipt.is_issued_for(CertificateRole.RECEIPT, keys.roots, now)
    assert keys.receipt.leaf.public_key() != before.receipt.leaf.public_key()
    assert keys.tls_files[0].read_bytes() != tls
    assert centre_keys.hosts_of(operator.folder / "keys") == (*centre_keys.LOCAL_HOSTS, "centre.example")
    assert keys.issuer.leaf.not_valid_after_utc == (now + 30 * DAY).replace(microsecond=0)


def test_another_root_certifies_and_the_first_is_still_known(operator: Operator, tmp_path: Path) -> None:
    other = create_root(tmp_path / "other", "o", PASSPHRASE, operator.clock, operator.entropy)
    keys = operator.certify(other).keys
    assert keys.roots == (other.certificate, operator.root.certificate)
    operator.centre.sender_of(operator.device.leaf)
    enrolment = operator.centre.enrol(EnrolmentRequest(operator.device_key.public_key()), HERE)
    assert enrolment.verified(NOW, [other.certificate]).root_certificates() == keys.roots
    assert code_of(lambda: enrolment.verified(NOW, [operator.root.certificate])) is FailureCode.CENTRE_UNTRUSTED


@pytest.mark.parametrize("survived", range(7))
def test_a_crash_while_it_is_certified_is_made_good_by_doing_it_again(
    survived: int, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, left = centre_keys.write_new, [survived]

    def dies(*arguments: object) -> None:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        write(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(centre_keys, "write_new", dies)
    with pytest.raises(KeyboardInterrupt):
        operator.certify()
    monkeypatch.undo()
    keys = operator.certify().keys
    assert keys.receipt.is_issued_for(CertificateRole.RECEIPT, keys.roots, NOW)
    operator.centre.sender_of(operator.device.leaf)


def test_a_wrong_clock_certifies_nothing(operator: Operator) -> None:
    operator.clock.time = NOW - 30 * DAY  # before the root was made
    assert code_of(operator.certify) is FailureCode.CLOCK_WRONG
    assert code_of(lambda: operator.centre.enrol(EnrolmentRequest(operator.device_key.public_key()), HERE)) is (
        FailureCode.CLOCK_WRONG
    )
    operator.clock.time = NOW
    operator.opened().sender_of(operator.device.leaf)
