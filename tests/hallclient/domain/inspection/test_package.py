"""One changed byte anywhere in a package is found, and the file that it is in is named."""

import datetime as dt
import tomllib
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hallclient.domain.certificate_issuing import Subject
from hallclient.domain.certificates import CertificateRole
from hallclient.domain.comparison import Decision
from hallclient.domain.equipment import Place
from hallclient.domain.evidence.files import file_name
from hallclient.domain.evidence.receipt import Outcome, judge
from hallclient.domain.evidence.review import ReviewDecision
from hallclient.domain.inspection.answers import Check
from hallclient.domain.inspection.package import inspect
from hallclient.domain.inspection_question import Question
from tests.hallclient.domain.inspection.world import ANOTHER_SESSION, RULES, ChangedFiles, World
from tests.packages import BuiltPackage, CountedEntropy, make_authority

SEALED = [
    f"{an_id}.enc"
    for an_id in (
        "business",
        "holder.record",
        "holder.portrait",
        "holder.live_photo",
        "holder.key_picture_1",
        "holder.key_picture_2",
        "recording",
        "strokes",
        "notice",
        "review_note",
    )
]
FILES = ["manifest.json", "manifest.sig", "review.json", "review.sig", "receipt.json", "receipt.sig", *SEALED]
ALWAYS = ["holder.record", "holder.portrait", "recording", "strokes", "notice"]


def flipped(package: BuiltPackage, name: str, position: int, bit: int = 0) -> ChangedFiles:
    content = bytearray((package.folder / name).read_bytes())
    content[position % len(content)] ^= 1 << bit
    return ChangedFiles(package, name, bytes(content))


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
        inspection = inspect(flipped(delivered, name, round(part * last)), [world.root.certificate], RULES, data_key)
        assert not inspection.holds
        assert {check.file for check in inspection.failed} == {name}


@given(name=st.sampled_from(FILES), position=st.integers(0, 2**20), bit=st.integers(0, 7))
@settings(max_examples=300)
@pytest.mark.attack("held", "any bit is flipped")
def test_any_flipped_bit_is_found_and_its_file_named(
    world: World, delivered: BuiltPackage, name: str, position: int, bit: int
) -> None:
    inspection = inspect(flipped(delivered, name, position, bit), [world.root.certificate], RULES)
    assert not inspection.holds
    assert {check.file for check in inspection.failed} == {name}


@pytest.mark.parametrize("name", FILES)
def test_a_cut_off_byte_and_an_added_byte_are_found(world: World, delivered: BuiltPackage, name: str) -> None:
    content = (delivered.folder / name).read_bytes()
    for changed in (content[:-1], content + b"\0", b""):
        files = ChangedFiles(delivered, name, changed)
        assert {check.file for check in inspect(files, [world.root.certificate], RULES).failed} == {name}


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sig", *SEALED])
def test_a_missing_file_is_named(world: World, package: BuiltPackage, name: str) -> None:
    package.review()
    (package.folder / name).unlink()
    assert world.failed(package) == {(name, Question.PRESENT)}


@pytest.mark.parametrize("an_id", ALWAYS)
def test_a_file_that_a_step_always_leaves_cannot_be_left_out_of_the_manifest(
    world: World, package: BuiltPackage, an_id: str
) -> None:
    (package.folder / file_name(an_id)).unlink()
    kept = tuple(
        done.changed(files=tuple(entry for entry in done.files if entry.id != an_id)) for done in package.manifest.steps
    )
    expected = {(file_name(an_id), Question.PRESENT)}
    if an_id == "holder.portrait":  # two faces were compared, and the card had none
        expected.add(("manifest.json", Question.COMPARED_WAS_SEEN))
    assert world.failed(package.resign(steps=kept)) == expected


def test_a_scene_without_a_notice_needs_none(world: World, tmp_path: Path) -> None:
    package = world.build(tmp_path / "package", scene="numbers_under_my_name")
    assert not (package.folder / "notice.enc").exists()
    assert world.inspect(package).holds


def test_foreign_files_are_named_apart_and_never_read(world: World, package: BuiltPackage) -> None:
    for name in ("Thumbs.db", ".DS_Store"):
        (package.folder / name).write_bytes(b"of the system")
    inspection = world.inspect(package)
    assert inspection.holds
    assert inspection.foreign == (".DS_Store", "Thumbs.db")


def test_a_file_that_the_plan_could_have_left_and_the_manifest_does_not_know_is_no_foreign_one(
    world: World, package: BuiltPackage
) -> None:
    photo = package.folder / "holder.live_photo.enc"
    without = tuple(
        done.changed(files=tuple(entry for entry in done.files if entry.file_name != photo.name))
        for done in package.manifest.steps
    )
    assert world.failed(package.resign(steps=without)) == {
        (photo.name, Question.EXPECTED),
        ("manifest.json", Question.COMPARED_WAS_SEEN),
    }
    assert world.inspect(package).foreign == ()


def test_a_note_without_a_review_is_no_foreign_file(world: World, package: BuiltPackage) -> None:
    (package.folder / "review_note.enc").write_bytes(b"planted")
    assert world.failed(package) == {("review_note.enc", Question.EXPECTED)}


def test_what_no_step_of_the_plan_leaves_lies_beside_the_package(world: World, tmp_path: Path) -> None:
    """A notice in a business without one, a file of a person that the business is not about."""
    package = world.build(tmp_path / "package", scene="numbers_under_my_name")
    for name in ("notice.enc", "agent.record.enc"):
        (package.folder / name).write_bytes(b"planted")
    inspection = world.inspect(package)
    assert inspection.holds
    assert inspection.foreign == ("agent.record.enc", "notice.enc")


def test_an_empty_folder_is_no_package(world: World, package: BuiltPackage) -> None:
    for path in package.folder.iterdir():
        path.unlink()
    assert world.failed(package) == {("manifest.json", Question.PRESENT)}


@pytest.mark.attack("held", "a file of another session")
def test_files_of_another_session_do_not_fit(world: World, package: BuiltPackage, tmp_path: Path) -> None:
    other = world.build(tmp_path / "other")
    (package.folder / "recording.enc").write_bytes((other.folder / "recording.enc").read_bytes())
    assert world.failed(package) == {("recording.enc", Question.UNCHANGED)}


@pytest.mark.parametrize(
    "elsewhere", [Place("H001", "self-run", "4"), Place("H002", "self-run", "3"), Place("H001", "agent", "3")]
)
def test_a_session_was_done_where_its_device_stands(world: World, package: BuiltPackage, elsewhere: Place) -> None:
    assert world.failed(package.resign(place=elsewhere)) == {("manifest.json", Question.PLACE_CERTIFIED)}


def test_a_session_was_done_with_the_device_that_its_certificate_is_for(world: World, package: BuiltPackage) -> None:
    assert world.failed(package.resign(device="pc-9")) == {("manifest.json", Question.PLACE_CERTIFIED)}


def test_a_review_by_the_clerk_does_not_count(world: World, tmp_path: Path) -> None:
    package = world.build(tmp_path / "package", decision=Decision.MISMATCHED)
    package.review(reviewer=package.manifest.clerk)
    assert world.failed(package) == {("review.json", Question.REVIEWED_BY_ANOTHER)}
    assert world.inspect(package).review is None


def test_a_review_of_another_session_does_not_count(world: World, package: BuiltPackage) -> None:
    package.review(manifest_sha256="00" * 32)
    assert world.failed(package) == {("review.json", Question.ABOUT_THIS_SESSION)}


def test_a_review_needs_its_signature(world: World, package: BuiltPackage) -> None:
    package.review()
    (package.folder / "review.sig").unlink()
    assert world.failed(package) == {("review.sig", Question.PRESENT)}


def test_only_an_approval_lets_a_doubtful_face_pass(world: World, tmp_path: Path) -> None:
    package = world.build(tmp_path / "package", decision=Decision.DOUBTFUL)
    assert judge(package.manifest, None) is Outcome.NOT_PASSED
    rejected = package.review(decision=ReviewDecision.REJECTED)
    assert world.inspect(package).holds
    assert judge(package.manifest, rejected) is Outcome.NOT_PASSED


@pytest.mark.attack("held", "a foreign root")
def test_an_unknown_root_vouches_for_nobody(world: World, package: BuiltPackage) -> None:
    stranger = make_authority(CountedEntropy("stranger"))
    inspection = inspect(package.files, [stranger.certificate], RULES, package.data_key)
    assert inspection.failed == (Check("manifest.json", Question.DEVICE_TRUSTED, False),)
    assert inspection.manifest is None


def test_another_role_is_no_device(world: World, tmp_path: Path) -> None:
    package = world.build(tmp_path / "package", device=world.centre)
    assert world.failed(package) == {("manifest.json", Question.DEVICE_TRUSTED)}


def test_a_certificate_that_was_not_valid_yet_is_not_trusted(world: World, package: BuiltPackage) -> None:
    changed = package.resign(sealed_at="2020-01-01T00:00:00+00:00")
    assert world.failed(changed) == {("manifest.json", Question.DEVICE_TRUSTED)}


def test_a_time_without_a_zone_is_not_trusted(world: World, package: BuiltPackage) -> None:
    assert world.failed(package.resign(sealed_at="2026-03-02T09:30:00")) == {("manifest.json", Question.DEVICE_TRUSTED)}


def test_a_receipt_of_an_unknown_centre_does_not_count(world: World, package: BuiltPackage) -> None:
    stranger = make_authority(CountedEntropy("stranger"))
    package.receipt(stranger.issued(CountedEntropy("centre"), Subject("centre"), CertificateRole.RECEIPT))
    assert world.failed(package) == {("receipt.json", Question.CENTRE_TRUSTED)}


def test_a_device_cannot_sign_receipts(world: World, package: BuiltPackage) -> None:
    package.receipt(world.device)
    assert world.failed(package) == {("receipt.json", Question.CENTRE_TRUSTED)}


def test_a_receipt_must_be_about_this_session_and_list_its_video(world: World, package: BuiltPackage) -> None:
    package.receipt(world.centre, session=ANOTHER_SESSION, objects=())
    assert world.failed(package) == {
        ("receipt.json", Question.ABOUT_THIS_SESSION),
        ("receipt.json", Question.LISTED_IN_RECEIPT),
    }


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
    assert world.failed(package) == {("manifest.json", Question.UNDERSTOOD)}


def test_the_certificate_in_a_manifest_must_be_one(world: World, package: BuiltPackage) -> None:
    impossible_version = package.manifest.certificate.replace("a003020102", "a003020112")
    for text in ("00", "no hex", impossible_version):
        assert world.failed(package.resign(certificate=text)) == {("manifest.json", Question.DEVICE_TRUSTED)}


def failed_receipt(world: World, package: BuiltPackage, **changes: object) -> set[Question]:
    package.receipt(world.centre, **changes)
    return {question for name, question in world.failed(package) if name == "receipt.json"}


def test_a_receipt_countersigns_number_and_audit_head(world: World, package: BuiltPackage) -> None:
    head = package.manifest.audit.model_copy(update={"head": "00" * 32})
    assert failed_receipt(world, package, audit=head) == {Question.ABOUT_THIS_SESSION}
    assert failed_receipt(world, package, device_sequence=2) == {Question.ABOUT_THIS_SESSION}


@pytest.mark.attack("T14", "a session sealed after its receipt")
def test_a_session_is_sealed_before_it_is_received(world: World, package: BuiltPackage) -> None:
    earlier = dt.datetime.fromisoformat(package.manifest.sealed_at) - dt.timedelta(minutes=5, seconds=1)
    assert failed_receipt(world, package, received_at=earlier.isoformat()) == {Question.SEALED_BEFORE_RECEIPT}


def test_a_receipt_that_lets_pass_has_no_reasons(world: World, package: BuiltPackage) -> None:
    assert failed_receipt(world, package, reasons=("file_new",)) == {Question.OUTCOME_FOLLOWS}
    package.receipt(world.centre, reasons=("file_new",), outcome=Outcome.PENDING_REVIEW)
    assert world.inspect(package).holds


@pytest.mark.attack("T13", "a review, stripped from under a receipt that passed")
def test_a_review_that_was_taken_away_from_under_its_receipt_is_missed(world: World, tmp_path: Path) -> None:
    package = world.build(tmp_path / "package", decision=Decision.DOUBTFUL)
    package.review()
    package.receipt(world.centre)
    assert world.inspect(package).holds
    for name in ("review.json", "review.sig", "review_note.enc"):
        (package.folder / name).unlink()
    assert world.failed(package) == {("receipt.json", Question.OUTCOME_FOLLOWS)}


@pytest.mark.parametrize("question", Question)
def test_each_question_has_its_words(question: Question) -> None:
    words = tomllib.loads((resources.files("assets") / "commands.toml").read_text("utf-8"))["questions"]
    assert words[question.value]
    assert set(words) == {one.value for one in Question}


def test_what_breaks_a_package_and_what_contradicts_it_are_told_apart(world: World, package: BuiltPackage) -> None:
    contradictory = world.inspect(package.resign(clerk=""))
    assert (contradictory.broken, contradictory.contradictions) == ((), (Question.PEOPLE_NAMED,))
    (package.folder / "notice.enc").write_bytes(b"")
    broken = world.inspect(package)
    assert {check.question for check in broken.broken} == {Question.UNCHANGED}
