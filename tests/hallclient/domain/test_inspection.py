"""One changed byte anywhere in a package is found, and the file that it is in is named."""

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hallclient.domain.scene import SceneCode
from hypothesis import given, settings
from hypothesis import strategies as st

from hallclient.domain.card import Finding
from hallclient.domain.certificates import CertificateRole, to_text
from hallclient.domain.comparison import Decision
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.evidence import FileKind
from hallclient.domain.evidence.facts.liveness_attempts import LivenessFacts
from hallclient.domain.evidence.facts.portrait import FailedTry
from hallclient.domain.evidence.receipt import Outcome, judge
from hallclient.domain.evidence.review import ReviewDecision
from hallclient.domain.failures import FailureCode
from hallclient.domain.inspection.answers import Check, Inspection
from hallclient.domain.inspection.package import inspect
from hallclient.domain.inspection_question import Question
from hallclient.domain.liveness import Refusal
from tests.attempts import LIVE, REFUSED_ATTEMPT
from tests.packages import Authority, BuiltPackage, CountedEntropy, EnrolledDevice, build_package, make_authority

FILES = ["manifest.json", "manifest.sig", "review.json", "review.sig", "receipt.json", "receipt.sig"] + [
    kind.file_name for kind in FileKind
]


@dataclass(frozen=True)
class World:
    """A root, what it issued, and the centre's data key."""

    entropy: CountedEntropy
    root: Authority
    device: EnrolledDevice
    centre: EnrolledDevice
    centre_key: X25519PrivateKey

    def build(self, folder: Path, **options: object) -> BuiltPackage:
        device = options.pop("device", self.device)
        return build_package(folder, device, self.centre_key.public_key(), self.entropy, **options)

    def inspect(self, package: BuiltPackage) -> Inspection:
        return inspect(package.files, [self.root.certificate], package.data_key)


@pytest.fixture(scope="module")
def world() -> World:
    entropy = CountedEntropy()
    root = make_authority(entropy)
    centre = root.issued(entropy, "centre", CertificateRole.CENTRE)
    centre_key = X25519PrivateKey.from_private_bytes(entropy.token(32))
    return World(entropy, root, root.device(entropy), centre, centre_key)


@pytest.fixture
def package(world: World, tmp_path: Path) -> BuiltPackage:
    return world.build(tmp_path / "package")


@pytest.fixture(scope="module")
def delivered(world: World, tmp_path_factory: pytest.TempPathFactory) -> BuiltPackage:
    """A package with every file that one can have; tests must not change it."""
    package = world.build(tmp_path_factory.mktemp("delivered") / "package", decision=Decision.DOUBTFUL)
    package.review()
    package.receipt(world.centre)
    return package


class ChangedFiles:
    """The files of a package with another content in one of them."""

    def __init__(self, package: BuiltPackage, name: str, content: bytes) -> None:
        self._package, self._name, self._content = package, name, content

    def names(self) -> list[str]:
        return self._package.files.names()

    def open(self, name: str) -> BinaryIO:
        return io.BytesIO(self._content) if name == self._name else self._package.files.open(name)


def flipped(package: BuiltPackage, name: str, position: int, bit: int = 0) -> ChangedFiles:
    content = bytearray((package.folder / name).read_bytes())
    content[position % len(content)] ^= 1 << bit
    return ChangedFiles(package, name, bytes(content))


def failed(world: World, package: BuiltPackage) -> set[tuple[str, Question]]:
    inspection = world.inspect(package)
    assert not inspection.holds
    return {(check.file, check.question) for check in inspection.failed}


def test_a_genuine_package_holds(world: World, delivered: BuiltPackage) -> None:
    inspection = world.inspect(delivered)
    assert inspection.failed == ()
    assert inspection.holds
    assert {check.file for check in inspection.checks} >= set(FILES) - {"manifest.sig", "review.sig", "receipt.sig"}
    assert Check("notice.enc", Question.NOTICE_SIGNATURE, True) in inspection.checks
    assert inspection.review is not None
    assert inspection.receipt is not None
    assert judge(delivered.manifest, inspection.review) is Outcome.PASSED


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("part", [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1])
def test_one_flipped_bit_is_found_and_its_file_named(
    world: World, delivered: BuiltPackage, name: str, part: float
) -> None:
    last = (delivered.folder / name).stat().st_size - 1
    for data_key in (None, delivered.data_key):
        inspection = inspect(flipped(delivered, name, round(part * last)), [world.root.certificate], data_key)
        assert not inspection.holds
        assert {check.file for check in inspection.failed} == {name}


@given(name=st.sampled_from(FILES), position=st.integers(0, 2**20), bit=st.integers(0, 7))
@settings(max_examples=300)
def test_any_flipped_bit_is_found_and_its_file_named(
    world: World, delivered: BuiltPackage, name: str, position: int, bit: int
) -> None:
    inspection = inspect(flipped(delivered, name, position, bit), [world.root.certificate])
    assert not inspection.holds
    assert {check.file for check in inspection.failed} == {name}


@pytest.mark.parametrize("name", FILES)
def test_a_cut_off_byte_and_an_added_byte_are_found(world: World, delivered: BuiltPackage, name: str) -> None:
    content = (delivered.folder / name).read_bytes()
    for changed in (content[:-1], content + b"\0", b""):
        files = ChangedFiles(delivered, name, changed)
        assert {check.file for check in inspect(files, [world.root.certificate]).failed} == {name}


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sig", *(kind.file_name for kind in FileKind)])
def test_a_missing_file_is_named(world: World, package: BuiltPackage, name: str) -> None:
    package.review()
    (package.folder / name).unlink()
    assert failed(world, package) == {(name, Question.PRESENT)}


@pytest.mark.parametrize("kind", [FileKind.RECORD, FileKind.READING, FileKind.STROKES, FileKind.NOTICE])
def test_a_file_that_the_scene_requires_cannot_be_left_out_of_the_manifest(
    world: World, package: BuiltPackage, kind: FileKind
) -> None:
    (package.folder / kind.file_name).unlink()
    facts = package.manifest.facts
    kept = tuple(entry for entry in facts.files if entry.kind is not kind)
    changed = package.resign(facts=facts.model_copy(update={"files": kept}))
    assert failed(world, changed) == {(kind.file_name, Question.PRESENT)}


def test_a_scene_without_a_notice_needs_none(world: World, tmp_path: Path) -> None:
    package = world.build(tmp_path / "package", scene=SceneCode.NUMBERS_UNDER_MY_NAME)
    assert not (package.folder / "notice.enc").exists()
    assert world.inspect(package).holds


def test_foreign_files_are_named_apart_and_never_read(world: World, package: BuiltPackage) -> None:
    for name in ("Thumbs.db", ".DS_Store"):
        (package.folder / name).write_bytes(b"of the system")
    inspection = world.inspect(package)
    assert inspection.holds
    assert inspection.foreign == (".DS_Store", "Thumbs.db")


def test_a_file_of_ours_that_the_manifest_does_not_know_is_no_foreign_one(world: World, tmp_path: Path) -> None:
    package = world.build(tmp_path / "package", scene=SceneCode.NUMBERS_UNDER_MY_NAME)
    (package.folder / "notice.enc").write_bytes(b"planted")
    assert failed(world, package) == {("notice.enc", Question.EXPECTED)}
    assert world.inspect(package).foreign == ()


def test_an_empty_folder_is_no_package(world: World, package: BuiltPackage) -> None:
    for path in package.folder.iterdir():
        path.unlink()
    assert failed(world, package) == {("manifest.json", Question.PRESENT)}


def test_files_of_another_session_do_not_fit(world: World, package: BuiltPackage, tmp_path: Path) -> None:
    other = world.build(tmp_path / "other")
    (package.folder / "reading.enc").write_bytes((other.folder / "reading.enc").read_bytes())
    assert failed(world, package) == {("reading.enc", Question.UNCHANGED)}


def swapped(package: BuiltPackage) -> BuiltPackage:
    first, second, *rest = package.manifest.events
    return package.resign(events=(second, first, *rest))


def skipped(package: BuiltPackage) -> BuiltPackage:
    return package.resign(events=package.manifest.events[:2] + package.manifest.events[3:])


def unfinished(package: BuiltPackage) -> BuiltPackage:
    return package.resign(events=package.manifest.events[:-1])


def time_running_back(package: BuiltPackage) -> BuiltPackage:
    *earlier, last = package.manifest.events
    return package.resign(events=(*earlier, replace(last, elapsed_s=1.0)))


@pytest.mark.parametrize("disorder", [swapped, skipped, unfinished, time_running_back])
def test_events_out_of_order_are_found(
    world: World, package: BuiltPackage, disorder: Callable[[BuiltPackage], BuiltPackage]
) -> None:
    assert failed(world, disorder(package)) == {("manifest.json", Question.EVENTS_IN_ORDER)}


def test_a_review_by_the_clerk_does_not_count(world: World, tmp_path: Path) -> None:
    package = world.build(tmp_path / "package", decision=Decision.MISMATCHED)
    package.review(reviewer=package.manifest.clerk)
    assert failed(world, package) == {("review.json", Question.REVIEWED_BY_ANOTHER)}
    assert world.inspect(package).review is None


def test_a_review_of_another_session_does_not_count(world: World, package: BuiltPackage) -> None:
    package.review(manifest_sha256="00" * 32)
    assert failed(world, package) == {("review.json", Question.ABOUT_THIS_SESSION)}


def test_a_review_needs_its_signature(world: World, package: BuiltPackage) -> None:
    package.review()
    (package.folder / "review.sig").unlink()
    assert failed(world, package) == {("review.sig", Question.PRESENT)}


def test_only_an_approval_lets_a_doubtful_face_pass(world: World, tmp_path: Path) -> None:
    package = world.build(tmp_path / "package", decision=Decision.DOUBTFUL)
    assert judge(package.manifest, None) is Outcome.NOT_PASSED
    rejected = package.review(decision=ReviewDecision.REJECTED)
    assert world.inspect(package).holds
    assert judge(package.manifest, rejected) is Outcome.NOT_PASSED


def test_an_unknown_root_vouches_for_nobody(world: World, package: BuiltPackage) -> None:
    stranger = make_authority(CountedEntropy("stranger"))
    inspection = inspect(package.files, [stranger.certificate], package.data_key)
    assert inspection.failed == (Check("manifest.json", Question.DEVICE_TRUSTED, False),)
    assert inspection.manifest is None


def test_another_role_is_no_device(world: World, tmp_path: Path) -> None:
    package = world.build(tmp_path / "package", device=world.centre)
    assert failed(world, package) == {("manifest.json", Question.DEVICE_TRUSTED)}


def test_a_certificate_that_was_not_valid_yet_is_not_trusted(world: World, package: BuiltPackage) -> None:
    changed = package.resign(sealed_at="2020-01-01T00:00:00+00:00")
    assert failed(world, changed) == {("manifest.json", Question.DEVICE_TRUSTED)}


def test_a_time_without_a_zone_is_not_trusted(world: World, package: BuiltPackage) -> None:
    assert failed(world, package.resign(sealed_at="2026-03-02T09:30:00")) == {
        ("manifest.json", Question.DEVICE_TRUSTED)
    }


def test_a_receipt_of_an_unknown_centre_does_not_count(world: World, package: BuiltPackage) -> None:
    stranger = make_authority(CountedEntropy("stranger"))
    package.receipt(stranger.issued(CountedEntropy("centre"), "centre", CertificateRole.CENTRE))
    assert failed(world, package) == {("receipt.json", Question.CENTRE_TRUSTED)}


def test_a_device_cannot_sign_receipts(world: World, package: BuiltPackage) -> None:
    package.receipt(world.device)
    assert failed(world, package) == {("receipt.json", Question.CENTRE_TRUSTED)}


def test_a_receipt_must_be_about_this_session_and_list_its_video(world: World, package: BuiltPackage) -> None:
    package.receipt(world.centre, session="019c0000-0000-7000-8000-000000000000", objects=())
    assert failed(world, package) == {
        ("receipt.json", Question.ABOUT_THIS_SESSION),
        ("receipt.json", Question.LISTED_IN_RECEIPT),
    }


def test_another_data_key_opens_nothing(world: World, package: BuiltPackage) -> None:
    package.review()
    inspection = inspect(package.files, [world.root.certificate], bytes(32))
    assert {(check.file, check.question) for check in inspection.failed} == {
        (kind.file_name, Question.CONTENT_UNCHANGED) for kind in FileKind
    }


def flipped_inside(pdf: bytes) -> bytes:
    return pdf[:400] + bytes([pdf[400] ^ 1]) + pdf[401:]


def flipped_signature(pdf: bytes) -> bytes:
    """Another digit near the end of the signature's hex, which is filled up with zeros."""
    start = pdf.index(b"/Contents <")
    position = start + len(pdf[start : pdf.index(b">", start)].rstrip(b"0")) - 10
    digit = b"1" if pdf[position : position + 1] != b"1" else b"2"
    return pdf[:position] + digit + pdf[position + 1 :]


def longer(pdf: bytes) -> bytes:
    return pdf + b"\n% added later"


def unsigned(pdf: bytes) -> bytes:
    return pdf[: pdf.index(b"%%EOF") + 6]


def rubbish(pdf: bytes) -> bytes:
    return pdf[: pdf.index(b"%%EOF") + 6] + b"\0" * 200


@pytest.mark.parametrize("alter", [flipped_inside, flipped_signature, longer, unsigned, rubbish])
def test_a_device_cannot_pass_off_a_notice_that_was_changed_after_signing(
    world: World, tmp_path: Path, alter: Callable[[bytes], bytes]
) -> None:
    package = world.build(tmp_path / "package", alter_notice=alter)
    assert failed(world, package) == {("notice.enc", Question.NOTICE_SIGNATURE)}


@pytest.mark.may_log("pyhanko.*Failed to build path")  # silent once a centre ran in this process
def test_a_notice_signed_on_another_device_does_not_count(world: World, tmp_path: Path) -> None:
    elsewhere = world.root.device(world.entropy, "H002/pc-9")
    package = world.build(tmp_path / "package", notice_device=elsewhere)
    assert failed(world, package) == {("notice.enc", Question.NOTICE_SIGNATURE)}


def test_strokes_belong_to_the_notice_that_lay_before_the_customer(world: World, package: BuiltPackage) -> None:
    facts = package.manifest.facts
    assert facts.signature is not None
    other = facts.signature.model_copy(update={"strokes_sha256": "00" * 32})
    changed = package.resign(facts=facts.model_copy(update={"signature": other}))
    assert failed(world, changed) == {("strokes.enc", Question.STROKES_BOUND)}


def test_signed_files_without_the_facts_of_the_signature_do_not_hold(world: World, package: BuiltPackage) -> None:
    changed = package.resign(facts=package.manifest.facts.model_copy(update={"signature": None}))
    assert failed(world, changed) == {("manifest.json", Question.FILES_HAVE_FACTS)}


@pytest.mark.parametrize(
    "changes",
    [{"version": "2"}, {"sha256": "00" * 32}, {"code": "face_consent"}],
    ids=["version", "digest", "code"],
)
def test_the_text_in_the_notice_is_the_one_that_the_facts_name(
    world: World, package: BuiltPackage, changes: dict[str, str]
) -> None:
    facts = package.manifest.facts
    assert facts.notice is not None
    other = facts.notice.model_copy(update=changes)
    changed = package.resign(facts=facts.model_copy(update={"notice": other}))
    assert failed(world, changed) == {("notice.enc", Question.TEXT_AS_STATED)}


def test_what_is_read_and_signed_without_a_notice_that_was_shown_does_not_hold(
    world: World, package: BuiltPackage
) -> None:
    changed = package.resign(facts=package.manifest.facts.model_copy(update={"notice": None}))
    assert failed(world, changed) == {("manifest.json", Question.READING_FITS)}


@pytest.mark.parametrize("changes", [{"version": "2"}, {"sha256": "11" * 32}, None], ids=["version", "digest", "none"])
def test_the_consent_is_to_the_text_that_was_shown(
    world: World, package: BuiltPackage, changes: dict[str, str] | None
) -> None:
    facts = package.manifest.facts
    assert facts.consent_text is not None
    other = None if changes is None else facts.consent_text.model_copy(update=changes)
    changed = package.resign(facts=facts.model_copy(update={"consent_text": other}))
    assert failed(world, changed) == {("manifest.json", Question.FACE_BY_CONSENT)}
    assert judge(changed.manifest, changed.review()) is Outcome.NOT_PASSED


REFUSED, MATCHED, NO_FACE = Decision.CONSENT_REFUSED, Decision.MATCHED, Decision.NO_FACE


@pytest.mark.parametrize("scene", [SceneCode.NEW_NUMBER, SceneCode.NUMBERS_UNDER_MY_NAME])
@pytest.mark.parametrize(
    ("given", "decision", "used", "holds"),
    [
        (True, MATCHED, "all", True),
        (True, REFUSED, "all", False),
        (True, REFUSED, "", False),
        (None, MATCHED, "all", False),
        (None, REFUSED, "", False),
        (None, NO_FACE, "", False),
        (None, None, "", False),
        (False, MATCHED, "all", False),
        (False, MATCHED, "", False),
        (False, NO_FACE, "", False),
        (False, None, "", False),
        (False, REFUSED, "", True),
        (False, REFUSED, "camera", False),
        (False, REFUSED, "pictures", False),
        (False, REFUSED, "score", False),
        (False, REFUSED, "check", False),
        (False, REFUSED, "photo", False),
        (False, REFUSED, "try", False),
        (True, None, "", False),
    ],
)
def test_a_face_is_used_as_the_customer_answered(
    given: bool | None,
    decision: Decision | None,
    used: str,
    holds: bool,
    scene: SceneCode,
    world: World,
    tmp_path: Path,
) -> None:
    """Resigned packages: whatever else a program seals, nobody's face is used without their word."""
    package = world.build(tmp_path / "package", scene=scene)
    facts = package.manifest.facts
    assert facts.consent is not None
    assert facts.face is not None
    parts = ("camera", "pictures", "score", "check", "photo") if used == "all" else (used,)
    score = facts.face.comparison.score if "score" in parts else None
    face = facts.face.changed(
        camera=facts.face.camera or DeviceIdentity("camera", practice=False) if "camera" in parts else None,
        frames_seen=40 if "pictures" in parts else 0,
        comparison=replace(facts.face.comparison, decision=decision or MATCHED, score=score),
    )
    changed = package.resign(
        facts=facts.changed(
            consent=None if given is None else facts.consent.changed(given=given),
            face=face if decision else None,
            failed_tries=(FailedTry(code=FailureCode.CAMERA_MISSING),) if given or "try" in parts else (),
            liveness=facts.liveness if "check" in parts else LivenessFacts(),
            files=tuple(entry for entry in facts.files if entry.kind is not FileKind.LIVE_PHOTO or "photo" in parts),
        )
    )
    if "photo" not in parts:
        (package.folder / FileKind.LIVE_PHOTO.file_name).unlink()
    assert changed.manifest.face_by_consent is holds
    answers = {check.question: check.holds for check in world.inspect(changed).checks if "manifest" in check.file}
    assert answers[Question.FACE_BY_CONSENT] is holds
    if not holds:
        assert not world.inspect(changed).holds
        assert judge(changed.manifest, None) is judge(changed.manifest, changed.review()) is Outcome.NOT_PASSED


def test_each_line_that_was_shown_was_ended(world: World, package: BuiltPackage) -> None:
    facts = package.manifest.facts
    assert facts.reading is not None
    reading = facts.reading.model_copy(update={"line_ends": facts.reading.line_ends[:-1]})
    changed = package.resign(facts=facts.model_copy(update={"reading": reading}))
    assert failed(world, changed) == {("manifest.json", Question.EVERY_LINE_ENDED)}


@pytest.mark.parametrize(
    ("refusals", "codes", "holds"),
    [
        ((Refusal.FLAT, None), (FailureCode.NOT_LIVE,), True),
        ((), (), False),
        ((Refusal.FLAT,), (FailureCode.NOT_LIVE,), False),
        ((Refusal.FLAT,) * 2, (FailureCode.NOT_LIVE,) * 2, True),
        ((), (FailureCode.CAMERA_MISSING,), True),
    ],
)
def test_a_face_is_left_to_a_supervisor_no_earlier_than_the_rule_lets_anybody(
    refusals: tuple[Refusal | None, ...],
    codes: tuple[FailureCode, ...],
    holds: bool,
    world: World,
    package: BuiltPackage,
) -> None:
    attempts = tuple(
        LIVE if refusal is None else REFUSED_ATTEMPT.changed(refusal=refusal, done=0) for refusal in refusals
    )
    failed_tries = tuple(FailedTry(code=code) for code in codes)
    before = package.manifest.facts
    liveness = before.liveness.changed(models=before.liveness.models if attempts else {}, attempts=attempts)
    facts = before.changed(liveness=liveness, failed_tries=failed_tries)
    inspection = world.inspect(package.resign(facts=facts))
    expected = [] if holds else [("manifest.json", Question.SUPERVISED_WAY_OPEN)]
    assert [(check.file, check.question) for check in inspection.failed] == expected


@pytest.mark.parametrize("part", ["face", "reading"])
@pytest.mark.parametrize("practice", [False, True])
def test_a_real_session_with_a_virtual_camera_does_not_hold(
    part: str, practice: bool, world: World, package: BuiltPackage
) -> None:
    facts = package.manifest.facts
    virtual = DeviceIdentity("OBS Virtual Camera", practice=False, virtual=True)
    with_it = getattr(facts, part).model_copy(update={"camera": virtual})
    changed = package.resign(practice=practice, facts=facts.model_copy(update={part: with_it}))
    if practice:
        assert world.inspect(changed).holds
    else:
        assert failed(world, changed) == {("manifest.json", Question.CAMERAS_NOT_VIRTUAL)}


def test_a_camera_that_was_refused_or_is_unknown_is_no_contradiction(world: World, package: BuiltPackage) -> None:
    """What was refused took no picture; what is unknown may be used, and is a reviewer's to wonder about."""
    facts = package.manifest.facts
    assert facts.reading is not None
    virtual = DeviceIdentity("OBS Virtual Camera", practice=False, virtual=True)
    reading = facts.reading.changed(camera=DeviceIdentity("camera 0", practice=False))
    changed = package.resign(practice=False, facts=facts.changed(refused_cameras=(virtual,), reading=reading))
    assert world.inspect(changed).holds


@pytest.mark.parametrize(
    ("usable", "findings"), [(False, ()), (False, (Finding.EXPIRED,)), (True, (Finding.EXPIRED,)), (None, ())]
)
def test_an_unusable_card_cannot_have_been_sealed(
    world: World, package: BuiltPackage, usable: bool | None, findings: tuple[Finding, ...]
) -> None:
    facts = package.manifest.facts
    assert facts.card is not None
    assert facts.precheck is not None
    precheck = None if usable is None else facts.precheck.model_copy(update={"card_usable": usable})
    card = facts.card.model_copy(update={"findings": findings})
    changed = package.resign(facts=facts.model_copy(update={"precheck": precheck, "card": card}))
    assert failed(world, changed) == {("manifest.json", Question.EVENTS_IN_ORDER)}
    assert judge(changed.manifest, changed.review()) is Outcome.NOT_PASSED


@pytest.mark.parametrize(
    ("old", "new"),
    [(b'"frames_seen":40', b'"frames_seen":99999999999999999999'), (b'"score":0.71', b'"score":NaN')],
)
def test_a_manifest_with_impossible_numbers_is_not_understood(
    world: World, package: BuiltPackage, old: bytes, new: bytes
) -> None:
    path = package.folder / "manifest.json"
    assert old in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(old, new))
    assert failed(world, package) == {("manifest.json", Question.UNDERSTOOD)}


def test_the_certificate_in_a_manifest_must_be_one(world: World, package: BuiltPackage) -> None:
    impossible_version = package.manifest.certificate.replace("a003020102", "a003020112")
    for text in ("00", "no hex", impossible_version):
        assert failed(world, package.resign(certificate=text)) == {("manifest.json", Question.DEVICE_TRUSTED)}


def test_a_review_names_no_certificate_of_its_own(world: World, package: BuiltPackage) -> None:
    """A review is trusted for the device that sealed the session, whatever certificate it carries."""
    package.review(certificate=to_text(world.centre.certificate))
    assert world.inspect(package).holds
