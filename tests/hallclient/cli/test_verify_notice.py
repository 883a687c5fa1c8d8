"""`hallclient verify FILE.pdf` says of a signed notice what pyHanko's own command and poppler's say."""

import datetime as dt
import json
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hallclient.central.archive_timestamp import with_archive_timestamp
from hallclient.domain.certificate_issuing import Subject
from hallclient.domain.certificates import CertificateRole
from hallclient.domain.notice_certificate import notice_uris
from hallclient.domain.notice_validation import NoticeFault
from tests.clock import HandClock
from tests.command_line import hallclient
from tests.halls import TestCentre, make_hall
from tests.packages import PLACE, EnrolledDevice, signed_notice
from tests.timestamp_service import authority, now

pytestmark = pytest.mark.may_log("pyhanko")

SESSION, STROKES = "019c0000-0000-7000-8000-000000000001", "ab" * 32
TSA = authority("tsa", dt.datetime(2020, 1, 1, tzinfo=dt.UTC), 29)


@dataclass(frozen=True)
class Given:
    """Notices of today in a folder, by their kinds, and PEM files of the two roots."""

    folder: Path
    centre: TestCentre

    def write(self, name: str, pdf: bytes) -> Path:
        path = self.folder / f"{name}.pdf"
        path.write_bytes(pdf)
        return path

    @property
    def roots(self) -> tuple[str, str]:
        return str(self.folder / "root.pem"), str(self.folder / "tsa.pem")

    def ours(self, path: Path, *options: str) -> tuple[int, dict[str, Any]]:
        root, tsa = self.roots
        done = hallclient("verify", str(path), *(options or ("--roots", root, "--timestamp-roots", tsa)), "--json")
        return done.returncode, json.loads(done.stdout)

    def pyhanko_trusts(self, path: Path) -> bool:
        root, tsa = self.roots
        command = [Path(sys.executable).with_name("pyhanko"), "sign", "validate", "--trust", root, "--trust", tsa, path]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        trusted = ":INTACT:TRUSTED" in done.stdout
        assert trusted is (done.returncode == 0), done.stderr
        return trusted

    def poppler_finds_valid(self, path: Path) -> bool:
        done = subprocess.run(["pdfsig", "-nocert", path], check=False, capture_output=True, text=True)
        return "Signature Validation: Signature is Valid." in done.stdout


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Given:
    folder = tmp_path_factory.mktemp("notices")
    today = now().replace(microsecond=0)
    centre, key = TestCentre(today), Ed25519PrivateKey.generate()
    chain = centre.issued(key.public_key(), Subject("pc-1", place=PLACE), CertificateRole.DEVICE)
    device = EnrolledDevice(key, chain, lambda subject, role, public: centre.issued(public, subject, role))
    (folder / "root.pem").write_text(centre.roots_pem)
    (folder / "tsa.pem").write_text(TSA.roots_pem)
    made = Given(folder, centre)
    uris, stamp = notice_uris(SESSION, STROKES), TSA.stamp_at(today)
    made.write("b-b", signed_notice(device, today, SESSION, uris))
    b_t = signed_notice(device, today, SESSION, uris, stamp)
    made.write("b-t", b_t)
    made.write("b-lta", with_archive_timestamp(b_t, [centre.root, TSA.root], None, stamp))
    return made


@pytest.mark.parametrize(
    ("kind", "profile", "over"),
    [
        ("b-b", "PAdES B-B", []),
        ("b-t", "PAdES B-T", ["signature"]),
        ("b-lta", "PAdES B-LTA", ["document", "signature"]),
    ],
)
def test_all_three_say_that_it_is_valid(given: Given, kind: str, profile: str, over: list[str]) -> None:
    path = given.folder / f"{kind}.pdf"
    code, said = given.ours(path)
    assert (code, said["holds"], said["failed"], said["format"]) == (0, True, [], profile)
    assert (said["session"], said["strokes_sha256"], said["device"]) == (SESSION, STROKES, "pc-1")
    assert [one["over"] for one in said["timestamps"]] == over
    assert all(one["believed"] for one in said["timestamps"])
    assert given.pyhanko_trusts(path)
    assert given.poppler_finds_valid(path)


def flipped_page(pdf: bytes) -> bytes:
    return pdf[:400] + bytes([pdf[400] ^ 1]) + pdf[401:]


@pytest.mark.parametrize("kind", ["b-b", "b-t", "b-lta"])
def test_all_three_say_that_it_was_changed(given: Given, kind: str) -> None:
    path = given.write(f"changed {kind}", flipped_page((given.folder / f"{kind}.pdf").read_bytes()))
    code, said = given.ours(path)
    assert (code, said["holds"]) == (1, False)
    assert NoticeFault.CHANGED in said["failed"]
    assert not given.pyhanko_trusts(path)
    assert not given.poppler_finds_valid(path)


def test_what_stands_behind_the_last_signature_is_a_change_here(given: Given) -> None:
    """Others let a comment pass."""
    path = given.write("appended", (given.folder / "b-b.pdf").read_bytes() + b"\n% added")
    assert given.ours(path)[1]["failed"] == [NoticeFault.CHANGED]


def test_under_another_root_nobody_is_trusted(given: Given, tmp_path: Path) -> None:
    (tmp_path / "root.pem").write_text(TestCentre(now()).roots_pem)
    code, said = given.ours(given.folder / "b-b.pdf", "--roots", str(tmp_path / "root.pem"))
    assert (code, said["failed"]) == (1, [NoticeFault.SIGNER_UNTRUSTED])


def test_without_roots_of_services_their_word_is_told_and_not_believed(given: Given) -> None:
    code, said = given.ours(given.folder / "b-t.pdf", "--roots", given.roots[0])
    assert (code, said["timestamp_roots"]["sha256"]) == (0, [])
    assert [one["believed"] for one in said["timestamps"]] == [False]


def test_a_hall_lends_the_roots_of_its_service(given: Given, tmp_path: Path) -> None:
    make_hall(tmp_path / "hall", HandClock(now()), timestamps=TSA.settings())
    code, said = given.ours(given.folder / "b-t.pdf", "--data", str(tmp_path / "hall"))
    assert len(said["timestamp_roots"]["sha256"]) == 1
    assert (code, said["failed"]) == (1, [NoticeFault.SIGNER_UNTRUSTED])  # of another centre
    assert [one["believed"] for one in said["timestamps"]] == [True]


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"x" * 10_000, bytes(100_000)])
def test_what_is_no_notice_is_not_valid(given: Given, content: bytes) -> None:
    path = given.write("none", content)
    code, said = given.ours(path)
    assert (code, said["failed"]) == (1, [NoticeFault.UNREADABLE])


Made = Callable[[Path], None]


@pytest.mark.parametrize(
    "make", [lambda path: None, lambda path: path.symlink_to("/nowhere")], ids=["none", "dangling"]
)
def test_what_cannot_be_read_is_said(given: Given, make: Made, tmp_path: Path) -> None:
    path = tmp_path / "notice.pdf"
    make(path)
    done = hallclient("verify", str(path), "--roots", given.roots[0])
    assert (done.returncode, done.stdout) == (2, "")
    assert "file_missing" in done.stderr


def test_every_fault_has_its_words(given: Given) -> None:
    words = tomllib.loads((resources.files("assets") / "commands.toml").read_text("utf-8"))["notice_faults"]
    assert words.keys() == {fault.value for fault in NoticeFault}
    assert len(set(words.values())) == len(words)
