"""Inside a package, where its data key is at hand: unchanged, signed, and of this session."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hallclient.domain.business import Business
from hallclient.domain.evidence.facts.signature import SignatureFacts
from hallclient.domain.inspection.package import inspect
from hallclient.domain.inspection_question import Question
from tests.hallclient.domain.inspection.consistency.changes import step_facts
from tests.hallclient.domain.inspection.world import ANOTHER_SESSION, RULES, World
from tests.packages import DEVICE, BuiltPackage


def test_another_data_key_opens_nothing(world: World, package: BuiltPackage) -> None:
    package.review()
    inspection = inspect(package.files, [world.root.certificate], RULES, bytes(32))
    assert {(check.file, check.question) for check in inspection.failed} == {
        (path.name, Question.CONTENT_UNCHANGED) for path in package.folder.glob("*.enc")
    }
    assert len(inspection.failed) == 10


def test_a_file_with_another_content_than_the_manifest_says_is_named_alone(world: World, package: BuiltPackage) -> None:
    first, *rest = package.manifest.steps
    record, portrait = first.files
    changed = package.resign(steps=(first.changed(files=(record, portrait.changed(plain_sha256="00" * 32))), *rest))
    assert world.failed(changed) == {("holder.portrait.enc", Question.CONTENT_UNCHANGED)}


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
    assert world.failed(package) == {("notice.enc", Question.NOTICE_SIGNATURE)}


@pytest.mark.may_log("pyhanko.*Failed to build path")  # silent once a centre ran in this process
def test_a_notice_signed_on_another_device_does_not_count(world: World, tmp_path: Path) -> None:
    elsewhere = world.root.device(world.entropy, f"{DEVICE}-another")
    package = world.build(tmp_path / "package", notice_device=elsewhere)
    assert world.failed(package) == {("notice.enc", Question.NOTICE_SIGNATURE)}


@pytest.mark.parametrize("changes", [{"strokes_sha256": "00" * 32}])
def test_strokes_are_those_of_the_facts(world: World, package: BuiltPackage, changes: dict[str, str]) -> None:
    """Those of the file, and those that the one-time key was made for."""
    changed = package.resign(steps=step_facts("signature", SignatureFacts, **changes)(package.manifest).steps)
    assert world.failed(changed) == {
        ("strokes.enc", Question.STROKES_BOUND),
        ("notice.enc", Question.NOTICE_KEY_NAMED),
    }


def test_strokes_belong_to_the_notice_that_lay_before_the_customer(world: World, package: BuiltPackage) -> None:
    other = step_facts("signature", SignatureFacts, unsigned_sha256="00" * 32)(package.manifest)
    assert world.failed(package.resign(steps=other.steps)) == {
        ("strokes.enc", Question.STROKES_BOUND),
        ("notice.enc", Question.NOTICE_SIGNATURE),
    }


@pytest.mark.parametrize(
    ("an_id", "question"),
    [
        ("holder.record", Question.OF_THIS_SESSION),
        ("strokes", Question.OF_THIS_SESSION),
        ("recording", Question.OF_THIS_SESSION),
        ("notice", Question.TEXT_AS_STATED),
        ("business", Question.BUSINESS_AS_STATED),
    ],
)
def test_a_file_that_is_of_another_session_does_not_hold(
    world: World, tmp_path: Path, an_id: str, question: Question
) -> None:
    """Genuine in itself, digested and signed by the device: what a clerk could take over from the last customer."""
    package = world.build(tmp_path / "package", naming={an_id: ANOTHER_SESSION})
    assert world.failed(package) == {(f"{an_id}.enc", question)}


@pytest.mark.attack("T4", "the business of another phone number")
def test_the_business_is_about_the_number_whose_digest_the_manifest_has(world: World, package: BuiltPackage) -> None:
    other = Business(session=package.manifest.session, service_number="13900000021", salt="00" * 16)
    changed = package.resign(service_number_sha256=other.service_number_sha256)
    assert world.failed(changed) == {("business.enc", Question.BUSINESS_AS_STATED)}
