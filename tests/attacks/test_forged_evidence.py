"""A modified client with genuine certificates says what it likes. Nothing of it ends in a receipt `passed`.

Each line of T3 and T4 of the findings on trust, over the real wire; for each the question that finds it.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from hallclient.central.centre import Centre
from hallclient.domain.card import Finding
from hallclient.domain.comparison import Comparison
from hallclient.domain.evidence.facts.card import CardFacts
from hallclient.domain.evidence.facts.liveness_attempts import LivenessFacts
from hallclient.domain.evidence.facts.precheck import PrecheckFacts
from hallclient.domain.evidence.manifest import AuditHead, Manifest
from hallclient.domain.evidence.receipt import Outcome, Receipt
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.inspection_question import Question
from hallclient.system import SystemClock, SystemEntropy
from tests.attempts import LIVE, REFUSED_ATTEMPT
from tests.hallclient.central.running import Hall, enrol, running
from tests.hallclient.domain.inspection.consistency.changes import (
    Change,
    both,
    having,
    listed,
    portrait,
    portrait_of,
    step,
    step_facts,
)
from tests.hallclient.domain.inspection.consistency.test_notice import notice, recording
from tests.hallclient.domain.inspection.world import ANOTHER_SESSION
from tests.packages import DEVICE, PICTURED, PLACE, BuiltPackage, CountedEntropy, build_package
from tests.pictures import commented, photo

JUNK = b"x" * 1000
_KEY_PICTURES = tuple(f"holder.{picture.file}" for attempt in PICTURED for picture in attempt.pictures)
_KEY_PICTURE = _KEY_PICTURES[0]
OUTSIDE = ("holder.record", "holder.live_photo", "recording", "strokes", "notice", "business")  # all but the chip's


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Centre:
    folder = tmp_path_factory.mktemp("forged") / "centre"
    Centre.create(folder, "Test Centre", False, SystemClock(), SystemEntropy())
    return Centre.open(folder, SystemClock(), SystemEntropy())


@pytest.fixture(scope="module")
def url(centre: Centre) -> Iterator[str]:
    with running(centre) as url:
        yield url


@pytest.fixture
def hall(centre: Centre, tmp_path: Path) -> Hall:
    return enrol(centre, tmp_path)


@pytest.fixture(scope="module")
def entropy() -> CountedEntropy:
    return CountedEntropy("forged")


def sent(hall: Hall, url: str, package: BuiltPackage) -> Receipt:
    with hall.client(url) as client:
        return client.send(package.files, package.manifest.session).receipt


def compared(**changes: object) -> Change:
    """The comparison of a session that matched."""

    def change(manifest: Manifest) -> Manifest:
        face = portrait_of(manifest).face
        assert face is not None
        comparison: Comparison = replace(face.comparison, **changes)  # type: ignore[arg-type]
        return portrait(face=face.model_copy(update={"comparison": comparison}))(manifest)

    return change


def by(match: float, doubt: float, score: float) -> Change:
    """Thresholds of one's own, and a score that is a match by them."""

    def change(manifest: Manifest) -> Manifest:
        face = portrait_of(manifest).face
        assert face is not None
        thresholds = replace(face.comparison.thresholds, match=match, doubt=doubt)
        return compared(thresholds=thresholds, score=score)(manifest)

    return change


def seen(**changes: object) -> Change:
    def change(manifest: Manifest) -> Manifest:
        face = portrait_of(manifest).face
        assert face is not None
        return portrait(face=face.model_copy(update=changes))(manifest)

    return change


def attempts(*made: object) -> Change:
    return portrait(liveness=LivenessFacts.model_construct(models={"mesh.tflite": "1" * 64}, attempts=made, drawn=None))


def consent(**changes: object) -> Change:
    def change(manifest: Manifest) -> Manifest:
        given = portrait_of(manifest).consent
        assert given is not None
        return portrait(consent=given.model_copy(update=changes))(manifest)

    return change


def found(*findings: Finding) -> Change:
    return step_facts("holder/card", CardFacts, findings=findings)


def evil_pack(manifest: Manifest) -> Manifest:
    return having(plan=manifest.plan.changed(pack="evil"))(manifest)


def without_card(manifest: Manifest) -> Manifest:
    return having(steps=manifest.steps[1:])(manifest)


def sealed_in_half_a_year(manifest: Manifest) -> Manifest:
    later = dt.datetime.fromisoformat(manifest.sealed_at) + dt.timedelta(days=182)
    return having(sealed_at=later.isoformat())(manifest)


Q = Question
FORGED: dict[str, tuple[Change, Question]] = {
    "matched with score -1 under threshold 0.5": (compared(score=-1.0), Q.DECIDED_BY_SCORE),
    "matched without a score": (compared(score=None), Q.DECIDED_BY_SCORE),
    "thresholds of -1": (by(-1.0, -1.0, -1.0), Q.THRESHOLDS_SANE),
    "thresholds of -1, for the centre": (by(-1.0, -1.0, -1.0), Q.MATCHED_BY_CENTRES_THRESHOLDS),
    "sane thresholds that are nobody's": (by(0.1, 0.05, 0.2), Q.MATCHED_BY_CENTRES_THRESHOLDS),
    "an engine of one's own": (
        lambda manifest: compared(engine=replace(_comparison(manifest).engine, name="mine"))(manifest),
        Q.ENGINE_KNOWN,
    ),
    "no camera and 0 frames": (seen(camera=None, frames_seen=0), Q.COMPARED_WAS_SEEN),
    "liveness with no challenges": (
        attempts(LIVE.model_copy(update={"challenges": (), "done": 0})),
        Q.PASSED_BY_CHALLENGES,
    ),
    "liveness never tried": (attempts(), Q.SUPERVISED_WAY_OPEN),
    "50 refused attempts before the last": (attempts(*[REFUSED_ATTEMPT] * 50, LIVE), Q.ATTEMPTS_FEW),
    "consent false": (consent(given=False), Q.FACE_BY_CONSENT),
    "consent absent": (portrait(consent=None), Q.FACE_BY_CONSENT),
    "no photo": (listed("holder/portrait", without="holder.live_photo"), Q.COMPARED_WAS_SEEN),
    "no card": (without_card, Q.STEPS_AS_PLANNED),
    "expired and wrong, but usable": (found(Finding.CHECK_DIGIT_WRONG, Finding.EXPIRED), Q.CARD_USABLE),
    "not usable, but sealed": (step_facts("holder/precheck", PrecheckFacts, card_usable=False), Q.STEPS_AS_PLANNED),
    "a reading of 0 s": (recording(duration_s=0.0, line_starts_s=(0.0,)), Q.RECORDING_FITS),
    "a reading absent": (notice(recording=None), Q.LINES_IN_ORDER),
    "a reading shorter than its file": (recording(duration_s=8.0, sound_s=8.0), Q.RECORDING_AS_STATED),
    "a clerk without a number": (having(clerk=""), Q.PEOPLE_NAMED),
    "a clerk that nobody knows": (having(clerk="nobody"), Q.STAFF_KNOWN),
    "a step by nobody": (step("signature", by="nobody"), Q.STAFF_KNOWN),
    "another counter": (having(place=replace(PLACE, counter="4")), Q.PLACE_CERTIFIED),
    "another channel": (having(place=replace(PLACE, channel="agent")), Q.PLACE_CERTIFIED),
    "another device": (having(device="pc-2"), Q.PLACE_CERTIFIED),
    "rule pack evil": (evil_pack, Q.PLAN_OF_PACK),
    "sealed half a year in the future": (sealed_in_half_a_year, Q.SEALED_BEFORE_RECEIPT),
    "a step in 1970": (step("notice", at="1970-01-01T00:00:00+00:00"), Q.TIMES_PLAUSIBLE),
    "a step at rubbish": (step("holder/card", at="rubbish"), Q.TIMES_PLAUSIBLE),
    "opened at rubbish": (having(opened_at="rubbish"), Q.TIMES_PLAUSIBLE),
    "device_sequence -5": (having(device_sequence=-5), Q.SESSION_NUMBERED),
    "audit head zz": (having(audit=AuditHead(sequence=7, head="zz")), Q.AUDIT_HEAD_FORMED),
    "another service number": (having(service_number_sha256="00" * 32), Q.BUSINESS_AS_STATED),
    "no flag": (both(attempts(), having(flags=())), Q.FLAGS_AS_FOUND),
}


def _comparison(manifest: Manifest) -> Comparison:
    face = portrait_of(manifest).face
    assert face is not None
    return face.comparison


def never_passed(receipt: Receipt, *questions: Question) -> None:
    assert receipt.outcome is Outcome.PENDING_REVIEW
    assert {question.value for question in questions} <= set(receipt.reasons)


@pytest.mark.parametrize("line", FORGED)
@pytest.mark.attack("T3", "a genuine device says")
def test_a_forged_manifest_is_kept_and_never_passes(
    line: str, hall: Hall, url: str, tmp_path: Path, entropy: CountedEntropy
) -> None:
    change, question = FORGED[line]
    genuine = hall.build(tmp_path / "package", entropy)
    forged = genuine.resign(**dict(change(genuine.manifest)))
    forged.review(reviewer="S2")  # nor does an approval outweigh it
    never_passed(sent(hall, url, forged), question)


FORGED_FILES: dict[str, tuple[dict[str, bytes], Sequence[Question]]] = {
    "record = not json": ({"holder.record": b"not json"}, (Q.OF_THIS_SESSION, Q.CARD_AS_READ)),
    "portrait = 1000 x": ({"holder.portrait": JUNK}, (Q.PICTURE_READABLE,)),
    "no portrait on the chip": ({"holder.portrait": bytes(1024)}, (Q.PICTURE_READABLE,)),
    "photo = 1000 x": ({"holder.live_photo": JUNK}, (Q.PICTURE_READABLE,)),
    "photo cut": ({"holder.live_photo": b"\xff\xd8\xff\xe0" + JUNK}, (Q.PICTURE_READABLE,)),
    "video = 1000 x": ({"recording": JUNK}, (Q.OF_THIS_SESSION, Q.RECORDING_AS_STATED)),
    "strokes = 1000 x": ({"strokes": JUNK}, (Q.STROKES_BOUND, Q.OF_THIS_SESSION)),
    "notice = 1000 x": ({"notice": JUNK}, (Q.NOTICE_SIGNATURE, Q.TEXT_AS_STATED)),
    "business = 1000 x": ({"business": JUNK}, (Q.BUSINESS_AS_STATED,)),
}


@pytest.mark.parametrize("line", FORGED_FILES)
@pytest.mark.attack("T3", "a genuine device sends")
def test_a_file_that_is_not_what_it_says_is_kept_and_never_passes(
    line: str, hall: Hall, url: str, tmp_path: Path, entropy: CountedEntropy
) -> None:
    replacing, questions = FORGED_FILES[line]
    package = hall.build(tmp_path / "package", entropy, replacing=replacing)
    never_passed(sent(hall, url, package), *questions)


@pytest.mark.parametrize("missing", ["holder.portrait", "holder.record", "strokes", "notice", "recording"])
@pytest.mark.may_log("central.application: refused")
@pytest.mark.attack("T3", "a file is left out")
def test_a_package_without_a_file_that_it_must_have_is_refused(
    missing: str, hall: Hall, url: str, tmp_path: Path, entropy: CountedEntropy
) -> None:
    package = hall.build(tmp_path / "package", entropy)
    step_id = next(done.planned.id for done in package.manifest.steps if missing in {one.id for one in done.files})
    forged = package.resign(**dict(listed(step_id, without=missing)(package.manifest)))
    with pytest.raises(KnownError) as caught:
        sent(hall, url, forged)
    assert caught.value.code is FailureCode.CENTRE_REFUSED_RECORD
    assert "present" in caught.value.detail or "objects_refused" in caught.value.detail


@pytest.mark.attack("T3", "an expired card without its findings")
def test_an_expired_card_whose_findings_are_hidden_never_passes(
    hall: Hall, url: str, tmp_path: Path, entropy: CountedEntropy
) -> None:
    genuine = hall.build(tmp_path / "genuine", entropy)
    expired = genuine.content("holder.record").replace(b"2090-01-01", b"2025-01-01")
    forged = hall.build(tmp_path / "forged", entropy, replacing={"holder.record": expired})
    never_passed(sent(hall, url, forged), Q.CARD_AS_READ)


@pytest.mark.attack("T3", "a PDF that names another session")
def test_a_notice_of_another_session_never_passes(
    hall: Hall, url: str, tmp_path: Path, entropy: CountedEntropy
) -> None:
    package = hall.build(tmp_path / "package", entropy, naming={"notice": ANOTHER_SESSION})
    never_passed(sent(hall, url, package), Q.TEXT_AS_STATED)


@pytest.mark.attack("T4", "the six plain files of an accepted session, sealed again")
def test_the_evidence_of_one_customer_serves_no_second_session(
    hall: Hall, url: str, tmp_path: Path, entropy: CountedEntropy
) -> None:
    """The plain files of an accepted session, sealed again under another id."""
    first = hall.build(tmp_path / "first", entropy)
    assert sent(hall, url, first).outcome is Outcome.PASSED
    again = hall.build(
        tmp_path / "again",
        entropy,
        after=first.manifest,
        replacing={an_id: first.content(an_id) for an_id in OUTSIDE},
    )
    never_passed(
        sent(hall, url, again),
        Q.OF_THIS_SESSION,
        Q.TEXT_AS_STATED,
        Q.BUSINESS_AS_STATED,
        Q.FILE_NEW,
        Q.NOTICE_KEY_NEW,
    )


@pytest.mark.attack("T4", "one picture for two sessions")
def test_one_picture_serves_no_second_session_though_all_else_is_made_anew(
    hall: Hall, url: str, tmp_path: Path, entropy: CountedEntropy
) -> None:
    first = hall.build(tmp_path / "first", entropy)
    assert sent(hall, url, first).outcome is Outcome.PASSED
    photo = {"holder.live_photo": first.content("holder.live_photo")}
    again = hall.build(tmp_path / "again", entropy, after=first.manifest, replacing=photo)
    receipt = sent(hall, url, again)
    assert (receipt.outcome, receipt.reasons) == (Outcome.PENDING_REVIEW, (Q.FILE_NEW.value,))


@pytest.mark.attack("T4", "one picture for two sessions, with a comment in its file")
@pytest.mark.parametrize("other", ["holder.live_photo", _KEY_PICTURE])
def test_a_comment_makes_no_new_picture(
    other: str, hall: Hall, url: str, tmp_path: Path, entropy: CountedEntropy
) -> None:
    first = hall.build(tmp_path / "first", entropy)
    assert sent(hall, url, first).outcome is Outcome.PASSED
    again = {other: commented(first.content("holder.live_photo"))}
    receipt = sent(hall, url, hall.build(tmp_path / "again", entropy, after=first.manifest, replacing=again))
    assert (receipt.outcome, receipt.reasons) == (Outcome.PENDING_REVIEW, (Q.FILE_NEW.value,))


@pytest.mark.attack("T4", "one recording for two sessions, with another title")
def test_a_title_makes_no_new_recording(hall: Hall, url: str, tmp_path: Path, entropy: CountedEntropy) -> None:
    first = hall.build(tmp_path / "first", entropy)
    assert sent(hall, url, first).outcome is Outcome.PASSED
    opened_at = dt.datetime.fromisoformat(first.manifest.opened_at)

    def second(name: str, **options: object) -> BuiltPackage:
        """The next session of the device; always of the same id."""
        made = (tmp_path / name, hall.device, hall.centre_key, CountedEntropy("again"))
        return build_package(*made, now=opened_at, after=first.manifest, **options)  # type: ignore[arg-type]

    known = second("known").manifest.session
    titled = first.content("recording").replace(first.manifest.session.encode(), known.encode())
    again = second("again", replacing={"recording": titled})
    assert again.manifest.session == known
    receipt = sent(hall, url, again)
    assert (receipt.outcome, receipt.reasons) == (Outcome.PENDING_REVIEW, (Q.FILE_NEW.value,))


@pytest.mark.attack("T4", "the live photo as key pictures, each with a comment of its own")
def test_one_picture_is_no_series_of_key_pictures(
    hall: Hall, url: str, tmp_path: Path, entropy: CountedEntropy
) -> None:
    photo_taken = photo(7_000_001)
    pictures = {an_id: commented(photo_taken, an_id.encode()) for an_id in _KEY_PICTURES}
    forged = hall.build(tmp_path / "forged", entropy, replacing={"holder.live_photo": photo_taken, **pictures})
    receipt = sent(hall, url, forged)
    assert (receipt.outcome, receipt.reasons) == (Outcome.PENDING_REVIEW, (Q.KEY_PICTURES_ONCE.value,))


@pytest.mark.attack("T4", "a one-time key for two notices")
def test_a_one_time_key_signs_once(hall: Hall, url: str, tmp_path: Path, entropy: CountedEntropy) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    first = hall.build(tmp_path / "first", entropy, notice_key=key)
    assert sent(hall, url, first).outcome is Outcome.PASSED
    again = sent(hall, url, hall.build(tmp_path / "again", entropy, after=first.manifest, notice_key=key))
    assert (again.outcome, again.reasons) == (Outcome.PENDING_REVIEW, (Q.NOTICE_KEY_NEW.value,))


@pytest.mark.attack("T4", "one picture on two devices")
def test_on_another_device_of_another_hall_neither(
    centre: Centre, hall: Hall, url: str, tmp_path: Path, entropy: CountedEntropy
) -> None:
    first = hall.build(tmp_path / "first", entropy)
    assert sent(hall, url, first).outcome is Outcome.PASSED
    (tmp_path / "other").mkdir()
    other = enrol(centre, tmp_path / "other", device=DEVICE)
    photo = {"holder.live_photo": first.content("holder.live_photo")}
    never_passed(sent(other, url, other.build(tmp_path / "again", entropy, replacing=photo)), Q.FILE_NEW)
