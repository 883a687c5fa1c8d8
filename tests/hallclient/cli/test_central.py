"""`hallclient central`: the root, what it certifies, devices, and what is revoked; as the operator's IT types it."""

import datetime as dt
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hallclient.central.centre import Centre
from hallclient.domain.certificate_requests import make_request
from hallclient.domain.certificates import CertificateRole, load_roots
from hallclient.domain.enrolment import SignedEnrolment
from hallclient.domain.root_introduction import SignedIntroduction, fingerprint
from hallclient.system import SystemClock, SystemEntropy
from tests.command_line import hallclient
from tests.packages import PLACE
from tests.timestamp_service import authority

PASSPHRASE = "six words that nobody else knows"
PLACED = ("--hall", PLACE.hall, "--channel", PLACE.channel, "--counter", PLACE.counter)


def run(folder: Path, *arguments: str, passphrase: str = PASSPHRASE) -> dict[str, Any]:
    """The answer, or the failure's code."""
    environment = {**os.environ, "HALLCLIENT_PASSPHRASE": passphrase}
    done = hallclient("central", *arguments, "--json", folder=folder, environment=environment)
    assert not passphrase or passphrase not in done.stdout + done.stderr
    if done.returncode:
        assert (done.returncode, done.stdout) == (2, "")
        return {"failure": done.stderr.split(":")[0].strip()}
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def opened(folder: Path) -> Centre:
    return Centre.open(folder / "central", SystemClock(), SystemEntropy())


@pytest.fixture
def founded(tmp_path: Path) -> Path:
    """A folder with a root and a centre that it certified."""
    run(tmp_path, "root", "create", "--root", "root", "--name", "the operator")
    run(
        tmp_path,
        "root",
        "certify",
        "--root",
        "root",
        "--data",
        "central",
        "--name",
        "省中心",
        "--host-name",
        "c.example",
    )
    return tmp_path


def enrolled(folder: Path, device: str = "pc-1") -> SignedEnrolment:
    key_request = make_request(Ed25519PrivateKey.generate(), device, CertificateRole.DEVICE)
    (folder / "request.pem").write_bytes(key_request)
    answer = ("--request", "request.pem", "--out", "answer.json")
    document = run(folder, "enrol", "--data", "central", *PLACED, "--device", device, *answer)
    assert document["practice"] is False
    return SignedEnrolment.from_json((folder / "answer.json").read_bytes())


def test_from_a_root_to_a_device(founded: Path) -> None:
    roots = load_roots((founded / "root" / "root.pem").read_bytes())
    enrolment = enrolled(founded).verified(SystemClock().now(), roots)
    assert (enrolment.centre, enrolment.practice) == ("省中心", False)
    assert enrolment.roots == SignedEnrolment.from_json((founded / "answer.json").read_bytes()).unverified().roots
    tls = x509.load_pem_x509_certificate((founded / "central" / "keys" / "tls.pem").read_bytes())
    assert "c.example" in tls.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(
        x509.DNSName
    )


def test_no_centre_but_a_practice_one_founds_itself(tmp_path: Path) -> None:
    for data in ("central", "."):
        assert run(tmp_path, "serve", "--data", data, "--port", "0") == {"failure": "input_invalid"}
    assert list(tmp_path.iterdir()) == []


def test_a_centre_is_certified_again_under_the_same_name(founded: Path) -> None:
    before = opened(founded).keys
    document = run(founded, "root", "certify", "--root", "root", "--data", "central", "--days", "30")
    after = opened(founded).keys
    assert document["centre"] == "省中心"
    assert after.issuers == (after.issuer.leaf, before.issuer.leaf)
    assert document["until"] == after.issuer.leaf.not_valid_after_utc.isoformat()


@pytest.mark.parametrize("days", ["0", "399", "x"])
def test_an_issuing_key_lives_398_days_at_most(days: str, founded: Path) -> None:
    certify = ("root", "certify", "--root", "root", "--data", "central", "--days", days)
    assert run(founded, *certify) == {"failure": "input_invalid"}


def test_a_wrong_passphrase_does_nothing(founded: Path) -> None:
    before = opened(founded).keys.issuers
    certify = ("root", "certify", "--root", "root", "--data", "central")
    assert run(founded, *certify, passphrase="another six words") == {"failure": "passphrase_wrong"}
    assert run(founded, *certify, passphrase="") == {"failure": "input_invalid"}
    assert opened(founded).keys.issuers == before
    create = ("root", "create", "--root", "new", "--name", "n")
    assert run(founded, *create, passphrase="too short") == {"failure": "input_invalid"}
    assert not (founded / "new").exists()
    assert run(founded, "root", "certify", "--root", "absent", "--data", "central") == {"failure": "file_missing"}


def test_a_root_introduces_another(founded: Path) -> None:
    new = run(founded, "root", "create", "--root", "other", "--name", "the operator")
    introduce = ("root", "introduce", "--root", "root", "--out", "word.json")
    said = run(founded, *introduce, "--new", "other/root.pem")
    old = load_roots((founded / "root" / "root.pem").read_bytes())
    introduced = SignedIntroduction.from_json((founded / "word.json").read_bytes())
    root = introduced.introduced(old, SystemClock().now())
    assert said["sha256"] == new["sha256"] == fingerprint(root)
    assert said["introduced_by"] == fingerprint(old[0])
    both = (founded / "root" / "root.pem").read_bytes() * 2
    (founded / "both.pem").write_bytes(both)
    issuer = (founded / "central" / "keys" / "issuer.pem").read_bytes()
    (founded / "issuer.pem").write_bytes(issuer)
    for wrong in ("both.pem", "issuer.pem"):
        assert run(founded, *introduce, "--new", wrong) == {"failure": "input_invalid"}
    assert run(founded, *introduce, "--new", "absent.pem") == {"failure": "file_missing"}


def test_a_device_and_a_number_are_revoked(founded: Path) -> None:
    enrolment = enrolled(founded).unverified()
    device = enrolment.chain_of(enrolment.certificate)
    revoke = ("revoke", "--data", "central", "--reason", "stolen")
    said = run(founded, *revoke, "--device", "pc-1", "--hall", PLACE.hall)
    assert said["revoked"] == [f"{device.leaf.serial_number:X}"]
    assert device.revoked_at(opened(founded).revocations()) is not None
    assert run(founded, *revoke, "--serial", "0a:FF")["revoked"] == ["AFF"]
    for wrong in (
        (),
        ("--device", "pc-1"),  # it is revoked already
        ("--device", "pc-9"),
        ("--staff", "1001"),
        ("--staff", "1001", "--device", "pc-1"),
        ("--staff", "1001", "--hall", "h"),
        ("--serial", "no"),
        ("--serial", "-1"),
        ("--serial", "0"),
        ("--serial", "f" * 41),
    ):
        assert run(founded, *revoke, *wrong) == {"failure": "input_invalid"}, wrong
    assert run(founded, "revoke", "--data", "absent", "--reason", "x", "--serial", "1") == {"failure": "input_invalid"}
    assert not (founded / "absent").exists()


TSA = authority("tsa", dt.datetime(2020, 1, 1, tzinfo=dt.UTC), 29)
SFACE = """
engine = "sface"
match = 0.5
doubt = 0.3
false_accept_rate = 0.001
dataset = "ours"
measured_on = "2026-01-01"
"""


def test_what_the_operator_sets_stands_in_each_enrolment(founded: Path) -> None:
    (founded / "sface.toml").write_text(SFACE)
    (founded / "library.so").write_bytes(b"library")
    set_it = ("settings", "--data", "central")
    shown = run(founded, *set_it)
    assert shown == {
        "addresses": [],
        "thresholds": [],
        "timestamps": None,
        "portrait_library_sha256": None,
        "idle_lock_s": None,
    }
    run(founded, *set_it, "--thresholds", "sface.toml", "--address", "https://c.example:8443")
    (founded / "tsa.pem").write_text(TSA.roots_pem)
    service = ("--timestamp-url", "http://tsa.example/tsr", "--timestamp-roots", "tsa.pem")
    run(founded, *set_it, *service, "--portrait-library", "library.so")
    run(founded, *set_it, "--idle-lock-s", "120")
    enrolment = enrolled(founded).verified(SystemClock().now())
    assert enrolment.addresses == ("https://c.example:8443",)
    (thresholds,) = enrolment.settings.thresholds
    assert (thresholds.engine, thresholds.thresholds.match, thresholds.thresholds.dataset) == ("sface", 0.5, "ours")
    assert enrolment.settings.timestamps == TSA.settings("http://tsa.example/tsr")
    assert enrolment.settings.idle_lock_s == 120
    assert enrolment.settings.portrait_library_sha256 == hashlib.sha256(b"library").hexdigest()
    assert run(founded, *set_it, "--none") == shown
    assert enrolled(founded).unverified().settings.thresholds == ()


@pytest.mark.parametrize(
    ("option", "value", "code"),
    [
        ("--address", "http://plain.example", "input_invalid"),
        ("--address", "https://with blank", "input_invalid"),
        ("--timestamp-url", "http://tsa.example", "input_invalid"),  # without roots anybody could be it
        ("--timestamp-roots", "sface.toml", "input_invalid"),
        ("--portrait-library", "absent", "file_missing"),
        ("--portrait-library", ".", "input_invalid"),
        ("--thresholds", "absent", "file_missing"),
        ("--thresholds", "other.toml", "thresholds_invalid"),
        ("--thresholds", "nameless.toml", "thresholds_invalid"),
    ],
)
def test_what_cannot_be_set(option: str, value: str, code: str, founded: Path) -> None:
    (founded / "other.toml").write_text(SFACE.replace("0.5", "-0.9"))  # T6: everybody would be matched
    (founded / "nameless.toml").write_text(SFACE.replace('"sface"', "5"))
    before = (founded / "central" / "centre.json").read_bytes()
    assert run(founded, "settings", "--data", "central", option, value) == {"failure": code}
    assert (founded / "central" / "centre.json").read_bytes() == before


def test_what_others_wrote_into_the_centres_file_stays(founded: Path) -> None:
    file = founded / "central" / "centre.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "compares": False}))
    run(founded, "settings", "--data", "central", "--address", "https://c.example")
    assert json.loads(file.read_text())["compares"] is False
    for damaged in ("[]", "{}", '{"name": 1, "practice": 2}', "rubbish", "[" * 100000):
        file.write_text(damaged)
        assert run(founded, "settings", "--data", "central") == {"failure": "store_unreadable"}, damaged
