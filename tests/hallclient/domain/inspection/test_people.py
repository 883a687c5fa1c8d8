"""Whoever seals and whoever reviews sign with their own keys: nobody stands in for them (T2)."""

from pathlib import Path

import pytest

from hallclient.domain.certificate_issuing import Subject
from hallclient.domain.certificates import CertificateRole, to_text
from hallclient.domain.comparison import Decision
from hallclient.domain.documents import sign
from hallclient.domain.evidence import CLERK_PURPOSE, CLERK_SIGNATURE, MANIFEST, REVIEW
from hallclient.domain.inspection_question import Question
from tests.hallclient.domain.inspection.world import World
from tests.packages import NOW, PLACE, BuiltPackage, CountedEntropy, EnrolledDevice, make_authority

CLERK, SUPERVISOR, ADMINISTRATOR = CertificateRole.CLERK, CertificateRole.SUPERVISOR, CertificateRole.ADMINISTRATOR
HALLS = (PLACE.hall,)
UNTRUSTED_STAFF = {("manifest.json", Question.STAFF_TRUSTED)}
NOT_WHOSE_IT_IS = ("manifest.json", Question.PEOPLE_NAMED)
UNTRUSTED_REVIEWER = {("review.json", Question.REVIEWER_TRUSTED)}


@pytest.fixture
def doubtful(world: World, tmp_path: Path) -> BuiltPackage:
    """A session that passes with an approval alone."""
    return world.build(tmp_path / "doubtful", decision=Decision.MISMATCHED)


def stranger(number: str, role: CertificateRole) -> EnrolledDevice:
    """Whom another centre certified."""
    return make_authority(CountedEntropy("stranger")).device(CountedEntropy("device")).person(number, role)


# The countersignature.


def test_a_genuine_package_has_both_signers(world: World, package: BuiltPackage) -> None:
    signers = [(one.file, one.role, one.name) for one in world.inspect(package).signers]
    assert signers == [
        ("manifest.sig", CertificateRole.DEVICE, "pc-1"),
        (CLERK_SIGNATURE, CertificateRole.CLERK, "C1"),
    ]


def test_without_the_clerks_signature_it_does_not_hold(world: World, package: BuiltPackage) -> None:
    (package.folder / CLERK_SIGNATURE).unlink()
    assert world.failed(package) == {(CLERK_SIGNATURE, Question.PRESENT)}


@pytest.mark.parametrize("content", [b"", b"x", bytes(96), bytes(1_000_000)])
def test_what_is_no_signature_is_none(world: World, package: BuiltPackage, content: bytes) -> None:
    (package.folder / CLERK_SIGNATURE).write_bytes(content)
    assert world.failed(package) == {(CLERK_SIGNATURE, Question.SIGNED)}


def test_the_device_does_not_sign_for_the_clerk(world: World, package: BuiltPackage) -> None:
    data = package.manifest.canonical()
    (package.folder / CLERK_SIGNATURE).write_bytes(sign(package.device.key, CLERK_PURPOSE, data))
    assert world.failed(package) == {(CLERK_SIGNATURE, Question.SIGNED)}


@pytest.mark.parametrize("purpose", [MANIFEST, REVIEW, "receipt"])
def test_what_the_clerk_signed_for_another_purpose_is_no_countersignature(
    world: World, package: BuiltPackage, purpose: str
) -> None:
    (package.folder / CLERK_SIGNATURE).write_bytes(sign(package.clerk.key, purpose, package.manifest.canonical()))
    assert world.failed(package) == {(CLERK_SIGNATURE, Question.SIGNED)}


def test_a_signature_of_another_manifest_is_none(world: World, package: BuiltPackage) -> None:
    before = (package.folder / CLERK_SIGNATURE).read_bytes()
    resigned = package.resign(opened_at=(NOW.replace(minute=31)).isoformat())
    (package.folder / CLERK_SIGNATURE).write_bytes(before)
    assert (CLERK_SIGNATURE, Question.SIGNED) in world.failed(resigned)


@pytest.mark.parametrize("role", [SUPERVISOR, ADMINISTRATOR, CertificateRole.DEVICE, CertificateRole.RECEIPT])
def test_only_who_may_serve_customers_seals(world: World, tmp_path: Path, role: CertificateRole) -> None:
    package = world.build(tmp_path / "package", clerk=world.device.person("C1", role, HALLS))
    assert world.failed(package) == UNTRUSTED_STAFF


@pytest.mark.parametrize("halls", [(), ("H002",), ("H0011", "H00")])
def test_a_clerk_of_another_hall_does_not_seal_here(world: World, tmp_path: Path, halls: tuple[str, ...]) -> None:
    package = world.build(tmp_path / "package", clerk=world.device.person("C1", CLERK, halls))
    assert world.failed(package) == UNTRUSTED_STAFF


def test_a_clerk_of_several_halls_does(world: World, tmp_path: Path) -> None:
    clerk = world.device.person("C1", CLERK, ("H002", *HALLS))
    assert world.inspect(world.build(tmp_path / "package", clerk=clerk)).holds


@pytest.mark.parametrize("number", ["", "C2", " C1", "C1 ", "c1", "nobody"])
def test_the_number_is_the_certificates(world: World, package: BuiltPackage, number: str) -> None:
    assert world.failed(package.resign(sealed_by=number)) == UNTRUSTED_STAFF | {NOT_WHOSE_IT_IS}


def test_nobody_certifies_themselves(world: World, tmp_path: Path) -> None:
    """The device is a CA, for notices only; another centre is none here."""
    package = world.build(tmp_path / "package", clerk=stranger("C1", CLERK))
    assert world.failed(package) == UNTRUSTED_STAFF


@pytest.mark.parametrize("text", ["", "00", "no hex"])
def test_the_persons_certificate_must_be_one(world: World, package: BuiltPackage, text: str) -> None:
    assert world.failed(package.resign(staff_certificate=text)) == UNTRUSTED_STAFF


def test_the_devices_certificate_is_no_persons(world: World, package: BuiltPackage) -> None:
    changed = package.resign(staff_certificate=to_text(package.device.certificate), sealed_by="pc-1")
    assert world.failed(changed) == UNTRUSTED_STAFF | {NOT_WHOSE_IT_IS}


# The review.


def test_a_supervisor_of_the_hall_decides(world: World, doubtful: BuiltPackage) -> None:
    doubtful.review()
    inspection = world.inspect(doubtful)
    assert inspection.holds
    assert inspection.review is not None
    assert (inspection.signers[-1].role, inspection.signers[-1].name) == (SUPERVISOR, "S2")


@pytest.mark.parametrize("reviewer", ["GHOST", " C1", "C1 ", ""])
def test_the_device_cannot_invent_a_supervisor(world: World, doubtful: BuiltPackage, reviewer: str) -> None:
    """T2: reviewer "GHOST", or the clerk's number with a blank, signed by the device."""
    doubtful.review(reviewer, signer=doubtful.device)
    assert world.failed(doubtful) == UNTRUSTED_REVIEWER
    assert world.inspect(doubtful).review is None


@pytest.mark.parametrize("role", [CLERK, ADMINISTRATOR, CertificateRole.RECEIPT, CertificateRole.DEVICE])
def test_only_supervisors_review(world: World, doubtful: BuiltPackage, role: CertificateRole) -> None:
    doubtful.review("S2", signer=doubtful.device.person("S2", role, HALLS))
    assert world.failed(doubtful) == UNTRUSTED_REVIEWER


@pytest.mark.parametrize("halls", [(), ("H002",)])
def test_a_supervisor_of_another_hall_does_not(world: World, doubtful: BuiltPackage, halls: tuple[str, ...]) -> None:
    doubtful.review("S2", signer=doubtful.device.person("S2", SUPERVISOR, halls))
    assert world.failed(doubtful) == UNTRUSTED_REVIEWER


def test_a_supervisor_of_another_centre_does_not(world: World, doubtful: BuiltPackage) -> None:
    doubtful.review("S2", signer=stranger("S2", SUPERVISOR))
    assert world.failed(doubtful) == UNTRUSTED_REVIEWER


@pytest.mark.parametrize("reviewer", ["S3", "S2 ", ""])
def test_a_supervisor_signs_with_their_own_number(world: World, doubtful: BuiltPackage, reviewer: str) -> None:
    doubtful.review(reviewer, signer=doubtful.device.person("S2", SUPERVISOR, HALLS))
    assert world.failed(doubtful) == UNTRUSTED_REVIEWER


def test_a_supervisors_certificate_under_somebody_elses_signature(world: World, doubtful: BuiltPackage) -> None:
    supervisor = doubtful.device.person("S2", SUPERVISOR, HALLS)
    doubtful.review("S2", signer=EnrolledDevice(doubtful.clerk.key, supervisor.chain, supervisor.certify))
    assert world.failed(doubtful) == {("review.sig", Question.SIGNED)}


@pytest.mark.attack("T2", "a supervisor who was a clerk that day")
def test_who_was_a_clerk_that_day_is_no_reviewer_of_it(world: World, doubtful: BuiltPackage) -> None:
    """Promoted since: the same number, now a supervisor's."""
    doubtful.review("C1", signer=doubtful.device.person("C1", SUPERVISOR, HALLS))
    assert world.failed(doubtful) == {("review.json", Question.REVIEWED_BY_ANOTHER)}


@pytest.mark.parametrize("did", ["step", "before"])
@pytest.mark.attack("T2", "a reviewer who did a step of the session")
def test_nobody_who_did_something_in_it_reviews_it(world: World, doubtful: BuiltPackage, did: str) -> None:
    first, *rest = doubtful.manifest.steps
    steps = (first.changed(by="S2"), *rest) if did == "step" else doubtful.manifest.steps
    changed = doubtful.resign(steps=steps, earlier_clerks=("S2",))
    changed.review("S2")
    assert world.failed(changed) == {("review.json", Question.REVIEWED_BY_ANOTHER)}


@pytest.mark.attack("T2", "one person under two numbers")
def test_two_numbers_with_one_key_are_one_person(world: World, doubtful: BuiltPackage) -> None:
    key = doubtful.clerk.key
    chain = doubtful.device.certify(Subject("S2", halls=HALLS), SUPERVISOR, key.public_key())
    doubtful.review("S2", signer=EnrolledDevice(key, chain, doubtful.device.certify))
    assert world.failed(doubtful) == {("review.json", Question.REVIEWED_BY_ANOTHER)}


@pytest.mark.parametrize("at", ["2020-01-01T00:00:00+00:00", "2090-01-01T00:00:00+00:00", "rubbish", ""])
def test_at_a_time_when_the_certificate_is_not_valid_nobody_reviews(
    world: World, doubtful: BuiltPackage, at: str
) -> None:
    doubtful.review(at=at)
    assert world.failed(doubtful) == UNTRUSTED_REVIEWER
