"""A portrait that contradicts itself, the card or the customer's answer does not hold."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hallclient.domain.comparison import Decision, Thresholds
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.evidence.facts.liveness_attempts import LivenessFacts
from hallclient.domain.evidence.facts.portrait import ConsentFacts, FaceFacts, FailedTry
from hallclient.domain.evidence.files import file_name
from hallclient.domain.evidence.manifest import DoneStep, Manifest
from hallclient.domain.evidence.text_shown import TextShown
from hallclient.domain.failures import FailureCode
from hallclient.domain.inspection_question import Question
from hallclient.domain.liveness import Refusal
from tests.attempts import LIVE, REFUSED_ATTEMPT
from tests.hallclient.domain.inspection.consistency.changes import (
    PORTRAIT,
    Change,
    both,
    failing,
    having,
    listed,
    option,
    pictured_attempts,
    portrait,
    portrait_of,
    replacing_step,
)
from tests.hallclient.domain.inspection.world import World
from tests.packages import BuiltPackage

HELD = Thresholds(0.5, 0.35, 0.0001, "test", "2026-01-01")
VIRTUAL = DeviceIdentity("OBS Virtual Camera", practice=False, virtual=True)


def face_of(manifest: Manifest) -> FaceFacts:
    face = portrait_of(manifest).face
    assert face is not None
    return face


def face(**changes: object) -> Change:
    return lambda manifest: portrait(face=face_of(manifest).model_copy(update=changes))(manifest)


def compared(**changes: Any) -> Change:
    return lambda manifest: face(comparison=replace(face_of(manifest).comparison, **changes))(manifest)


def consent(**changes: object) -> Change:
    def change(manifest: Manifest) -> Manifest:
        given = portrait_of(manifest).consent
        assert given is not None
        return portrait(consent=given.model_copy(update=changes))(manifest)

    return change


def text(**changes: str) -> Change:
    """The customer answered to another text than the plan has."""

    def change(manifest: Manifest) -> Manifest:
        given = portrait_of(manifest).consent
        assert given is not None
        return consent(text=given.text.changed(**changes))(manifest)

    return change


def tried(*refusals: Refusal, codes: tuple[FailureCode, ...], passed: bool = False) -> Change:
    attempts = tuple(REFUSED_ATTEMPT.changed(refusal=refusal, done=0) for refusal in refusals)
    attempts += (LIVE,) if passed else ()

    def change(manifest: Manifest) -> Manifest:
        before = portrait_of(manifest).liveness
        liveness = before.changed(models=before.models if attempts else {}, attempts=attempts)
        told = portrait(liveness=liveness, failed_tries=tuple(FailedTry(code=code) for code in codes))(manifest)
        return pictured_attempts(attempts)(told)

    return change


OTHER_TEXT = TextShown(code="face_consent", version="0", sha256="00" * 32).model_dump()

CONTRADICTIONS: list[tuple[Question, Change]] = [
    (Question.FLAGS_AS_FOUND, both(compared(decision=Decision.DOUBTFUL, score=0.4), having(flags=()))),
    (Question.FACE_BY_CONSENT, text(version="0")),
    (Question.FACE_BY_CONSENT, text(sha256="11" * 32)),
    (Question.FACE_BY_CONSENT, text(code="fraud_risk")),
    (Question.FACE_BY_CONSENT, option(PORTRAIT, consent=OTHER_TEXT)),
    (Question.FACE_BY_CONSENT, consent(given=False)),
    (Question.CAMERAS_NOT_VIRTUAL, face(camera=VIRTUAL)),
    (Question.SUPERVISED_WAY_OPEN, tried(codes=())),
    (Question.SUPERVISED_WAY_OPEN, tried(Refusal.FLAT, codes=(FailureCode.NOT_LIVE,))),
    (Question.THRESHOLDS_SANE, compared(thresholds=replace(HELD, doubt=-1.1))),
    (Question.THRESHOLDS_SANE, compared(thresholds=replace(HELD, match=0.0, doubt=-1.0))),
    (Question.THRESHOLDS_SANE, compared(thresholds=replace(HELD, doubt=0.6))),
    (Question.THRESHOLDS_SANE, compared(thresholds=replace(HELD, false_accept_rate=0.02))),
    (Question.DECIDED_BY_SCORE, compared(score=None)),
    (Question.DECIDED_BY_SCORE, compared(score=0.49)),
    (Question.DECIDED_BY_SCORE, compared(score=5.0)),
    (Question.DECIDED_BY_SCORE, compared(score=math.inf)),
    (Question.DECIDED_BY_SCORE, compared(decision=Decision.DOUBTFUL)),
    (Question.DECIDED_BY_SCORE, compared(decision=Decision.NO_FACE)),
    (Question.COMPARED_WAS_SEEN, face(camera=None)),
    (Question.COMPARED_WAS_SEEN, face(frames_seen=0)),
    (Question.COMPARED_WAS_SEEN, listed(PORTRAIT, without="holder.live_photo")),
    (Question.COMPARED_WAS_SEEN, listed("holder/card", without="holder.portrait")),
]


@pytest.mark.parametrize(("question", "change"), CONTRADICTIONS)
def test_a_contradiction_fails_its_question(question: Question, change: Change, built: BuiltPackage) -> None:
    assert failing(change(built.manifest)) == {question}


@pytest.mark.parametrize(
    "change",
    [
        compared(decision=Decision.NO_FACE, score=None),
        tried(Refusal.FLAT, codes=(FailureCode.NOT_LIVE,), passed=True),
        tried(Refusal.FLAT, Refusal.FLAT, codes=(FailureCode.NOT_LIVE, FailureCode.NOT_LIVE)),
        tried(codes=(FailureCode.CAMERA_MISSING,)),
        # What was refused took no picture; what is unknown may be used, and is a reviewer's to wonder about.
        portrait(refused_cameras=(VIRTUAL,)),
        face(camera=DeviceIdentity("camera 0", practice=False)),
        both(having(practice=True), face(camera=VIRTUAL)),
    ],
)
def test_what_a_genuine_session_may_say_is_no_contradiction(change: Change, built: BuiltPackage) -> None:
    assert failing(change(built.manifest)) == set()


REFUSED, MATCHED, NO_FACE = Decision.CONSENT_REFUSED, Decision.MATCHED, Decision.NO_FACE


@pytest.mark.parametrize("scene", ["new_number", "numbers_under_my_name"])
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
        (False, REFUSED, "key picture", False),
        (False, REFUSED, "try", False),
        (False, REFUSED, "refused camera", False),
        (False, REFUSED, "drawn", False),
        (True, None, "", False),
    ],
)
def test_a_face_is_used_as_the_customer_answered(
    given: bool | None,
    decision: Decision | None,
    used: str,
    holds: bool,
    scene: str,
    world: World,
    tmp_path: Path,
) -> None:
    """Resigned packages: whatever else a program seals, nobody's face is used without their word."""
    package = world.build(tmp_path / "package", scene=scene)
    manifest = package.manifest
    facts, before = portrait_of(manifest), face_of(manifest)
    assert facts.consent is not None
    parts = ("camera", "pictures", "score", "check", "photo") if used == "all" else (used,)
    after = FaceFacts(
        camera=before.camera if "camera" in parts else None,
        frames_seen=40 if "pictures" in parts else 0,
        comparison=replace(
            before.comparison,
            decision=decision or MATCHED,
            score=before.comparison.score if "score" in parts else None,
        ),
    )
    liveness = facts.liveness if "check" in parts else LivenessFacts()
    changed = portrait(
        consent=None if given is None else ConsentFacts(given=given, text=facts.consent.text),
        face=after if decision else None,
        failed_tries=(FailedTry(code=FailureCode.CAMERA_MISSING),) if given or "try" in parts else (),
        refused_cameras=(VIRTUAL,) if "refused camera" in parts else (),
        liveness=liveness.changed(drawn=LIVE.challenges) if "drawn" in parts else liveness,
    )(manifest)
    kept = {"holder.live_photo": "photo", "holder.key_picture_1": "check", "holder.key_picture_2": "check"}
    gone = {an_id for an_id, part in kept.items() if part not in parts}
    gone -= {"holder.key_picture_2"} if "key picture" in parts else set()
    changed = replacing_step(PORTRAIT, lambda done: without(done, gone))(changed)
    for an_id in gone:
        (package.folder / file_name(an_id)).unlink()
    inspection = world.inspect(package.resign(steps=changed.steps, flags=changed.flags))
    answers = {check.question: check.holds for check in inspection.checks if "manifest" in check.file}
    assert answers[Question.FACE_BY_CONSENT] is holds
    assert inspection.holds is holds


def without(done: DoneStep, gone: set[str]) -> DoneStep:
    return done.changed(files=tuple(entry for entry in done.files if entry.id not in gone))
