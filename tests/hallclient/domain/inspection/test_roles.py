"""Whoever has a genuine certificate of another role, of another time or of another centre signs no evidence (T7)."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hallclient.domain.certificate_issuing import Subject, issue
from hallclient.domain.certificates import CertificateChain, CertificateRole
from hallclient.domain.comparison import Decision
from hallclient.domain.document_text import document_text_of
from hallclient.domain.documents import Verdict
from hallclient.domain.evidence import RECEIPT
from hallclient.domain.evidence.receipt import Receipt
from hallclient.domain.inspection.package import receipt_holds
from hallclient.domain.inspection_question import Question
from hallclient.domain.revocations import Revocations, sign_revocations
from tests.hallclient.domain.inspection.world import World
from tests.packages import NOW, PLACE, BuiltPackage, CountedEntropy, EnrolledDevice, make_authority, signed_notice

DAY = dt.timedelta(days=1)
NO_DEVICE = sorted(set(CertificateRole) - {CertificateRole.DEVICE})
NO_RECEIPT = sorted(set(CertificateRole) - {CertificateRole.RECEIPT})


def somebody(world: World, role: CertificateRole) -> EnrolledDevice:
    """In this role by the centre's word, and in everything else like the device."""
    if role is CertificateRole.ROOT:
        return EnrolledDevice(world.root.key, CertificateChain(world.root.certificate))
    if role is CertificateRole.ISSUER:
        return EnrolledDevice(world.root.issuer_key, world.root.issuer)
    if role is CertificateRole.NOTICE:
        key = Ed25519PrivateKey.generate()
        device = world.device
        return EnrolledDevice(key, issue(device.chain, device.key, key.public_key(), Subject("pc-1"), role, NOW))
    return world.root.issued(CountedEntropy(role), Subject("pc-1", place=PLACE), role)


@pytest.mark.parametrize("role", NO_DEVICE)
@pytest.mark.attack("T7", "another role seals a session")
def test_no_other_role_seals_a_session(role: CertificateRole, world: World, tmp_path: Path) -> None:
    package = world.build(tmp_path / "package", notice_device=world.device)
    signer = somebody(world, role)
    certificate, issuers = signer.chain.to_texts()
    stolen = replace(package, device=signer)
    forged = stolen.resign(certificate=certificate, issuers=issuers)
    assert world.failed(forged) == {("manifest.json", Question.DEVICE_TRUSTED)}


@pytest.mark.parametrize("role", NO_RECEIPT)
@pytest.mark.attack("T7", "another role signs a receipt")
def test_no_other_role_signs_a_receipt(role: CertificateRole, world: World, package: BuiltPackage) -> None:
    package.receipt(somebody(world, role))
    assert world.failed(package) == {("receipt.json", Question.CENTRE_TRUSTED)}


@pytest.mark.may_log("pyhanko.*")
@pytest.mark.parametrize("role", [CertificateRole.CLERK, CertificateRole.RECEIPT, CertificateRole.TLS])
@pytest.mark.attack("T7", "another role signs a notice")
def test_no_other_role_signs_a_notice(role: CertificateRole, world: World, tmp_path: Path) -> None:
    """A device could make them, too."""

    def signed_as(pdf: bytes) -> bytes:
        said = document_text_of(pdf)
        assert said is not None
        return signed_notice(world.device, NOW, said[3], ("urn:any:",), role=role)

    package = world.build(tmp_path / "package", alter_notice=signed_as)
    assert world.failed(package) == {("notice.enc", Question.NOTICE_SIGNATURE)}


@pytest.mark.parametrize("away", [-DAY, 399 * DAY])
def test_nobody_signs_outside_of_their_time(away: dt.timedelta, world: World, package: BuiltPackage) -> None:
    package.receipt(world.centre, received_at=(NOW + away).isoformat())
    assert world.failed(package) == {("receipt.json", Question.CENTRE_TRUSTED)}
    for name in ("json", "sig"):
        (package.folder / f"receipt.{name}").unlink()
    assert world.failed(package.resign(sealed_at=(NOW + away).isoformat())) == {
        ("manifest.json", Question.DEVICE_TRUSTED)
    }


def test_issuers_of_another_root_vouch_for_nobody(world: World, package: BuiltPackage) -> None:
    other = make_authority(CountedEntropy("other"))
    _, issuers = other.issuer.to_texts()
    for wrong in ((), issuers):
        assert world.failed(package.resign(issuers=wrong)) == {("manifest.json", Question.DEVICE_TRUSTED)}


def revoked(world: World, chain: CertificateChain, at: dt.datetime) -> Revocations:
    return sign_revocations(world.root.issuer, world.root.issuer_key, {chain.leaf.serial_number: at}, 1, NOW)


@pytest.mark.parametrize(("after", "verdict"), [(DAY, Verdict.HOLDS), (-DAY, Verdict.DOCUMENT_CHANGED)])
def test_a_receipt_holds_until_its_key_was_revoked(
    after: dt.timedelta, verdict: Verdict, world: World, package: BuiltPackage
) -> None:
    receipt: Receipt = package.receipt(world.centre)
    data = receipt.canonical()
    signature = (package.folder / f"{RECEIPT}.sig").read_bytes()
    revocations = revoked(world, world.centre.chain, NOW + after)
    roots = [world.root.certificate]
    assert receipt_holds(receipt, data, signature, roots, revocations) is verdict
    assert receipt_holds(receipt, data, signature, roots) is Verdict.HOLDS


@pytest.mark.parametrize("after", [dt.timedelta(hours=1), -dt.timedelta(hours=1)])
def test_who_was_revoked_before_signs_nothing(after: dt.timedelta, world: World, tmp_path: Path) -> None:
    """The rule that a centre asks, too: it is said of each signature, and all else of the package still stands."""
    package = world.build(tmp_path / "package", decision=Decision.MISMATCHED)
    reviewer = package.device.person("2002", CertificateRole.SUPERVISOR)
    package.review("2002", signer=reviewer)
    package.receipt(world.centre)
    device, staff = package.device.chain, package.clerk.chain
    signers = {"manifest.sig": device, "manifest.clerk.sig": staff, "review.sig": reviewer.chain}
    for name, chain in signers.items():
        inspection = world.inspect(package, revocations=revoked(world, chain, NOW + after))
        failed = {(check.file, check.question) for check in inspection.failed}
        assert failed == (set() if after > dt.timedelta() else {(name, Question.SIGNERS_NOT_REVOKED)})
        assert not inspection.broken
    centre = world.inspect(package, revocations=revoked(world, world.centre.chain, NOW + after))
    assert {check.question for check in centre.failed} == (
        set() if after > dt.timedelta() else {Question.CENTRE_TRUSTED}
    )


def test_where_nothing_is_known_to_be_revoked_nobody_is_asked(world: World, package: BuiltPackage) -> None:
    assert Question.SIGNERS_NOT_REVOKED not in {check.question for check in world.inspect(package).checks}
