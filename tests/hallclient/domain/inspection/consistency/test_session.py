"""A manifest that contradicts itself does not hold, and the question that it fails is named."""

import datetime as dt
import math

import pytest

from hallclient.domain.evidence.facts.precheck import PrecheckFacts
from hallclient.domain.evidence.manifest import AuditHead, Manifest
from hallclient.domain.inspection.consistency.session import CONSISTENT
from hallclient.domain.inspection_question import Question
from hallclient.domain.step_kinds import kind_of
from tests.hallclient.domain.inspection.consistency.changes import (
    Change,
    failing,
    having,
    listed,
    replacing_step,
    step,
    step_facts,
)
from tests.hallclient.domain.inspection.world import ANOTHER_SESSION, World
from tests.packages import NOW, BuiltPackage


def moment(**ago: float) -> str:
    return (NOW - dt.timedelta(**ago)).isoformat()


def reordered(*positions: int) -> Change:
    return lambda manifest: having(steps=tuple(manifest.steps[position] for position in positions))(manifest)


def moved(an_id: str, source: str, target: str) -> Change:
    """A file is listed with another step than the one that left it."""

    def change(manifest: Manifest) -> Manifest:
        entry = next(entry for entry in manifest.files if entry.id == an_id)
        without = listed(source, without=an_id)(manifest)
        return replacing_step(target, lambda done: done.model_copy(update={"files": (*done.files, entry)}))(without)

    return change


def business(an_id: str) -> Change:
    return lambda manifest: having(business=manifest.business.changed(id=an_id))(manifest)


UNUSABLE = step_facts("holder/precheck", PrecheckFacts, card_usable=False)

CONTRADICTIONS: list[tuple[Question, Change]] = [
    (Question.SESSION_NUMBERED, having(session="../../x")),
    (Question.SESSION_NUMBERED, having(session="019c0000-0000-4000-8000-000000000000")),
    (Question.SESSION_NUMBERED, having(session="019C0000-0000-7000-8000-000000000000")),
    (Question.SESSION_NUMBERED, having(session="019c0000-0000-7000-8000-000000000000\n")),
    (Question.SESSION_NUMBERED, having(device_sequence=-5)),
    (Question.SESSION_NUMBERED, having(device_sequence=0)),
    (Question.SESSION_NUMBERED, having(device_sequence=2**63, previous="ab" * 32)),
    (Question.SESSION_NUMBERED, having(device_sequence=0, previous="ab" * 32)),
    (Question.SESSION_NUMBERED, having(device_sequence=2)),  # and none before it
    (Question.SESSION_NUMBERED, having(previous="ab" * 32)),  # before the first
    (Question.SESSION_NUMBERED, having(device_sequence=2, previous="AB" * 32)),
    (Question.SESSION_NUMBERED, having(device_sequence=2, previous="")),
    (Question.SESSION_NUMBERED, having(corrects="")),
    (Question.SESSION_NUMBERED, having(corrects="../../x")),
    (Question.SESSION_NUMBERED, having(session=ANOTHER_SESSION, corrects=ANOTHER_SESSION)),
    (Question.PEOPLE_NAMED, having(clerk="")),
    (Question.PEOPLE_NAMED, having(clerk=" C1")),
    (Question.PEOPLE_NAMED, having(clerk="x" * 65)),
    (Question.PEOPLE_NAMED, having(clerk="../C1")),
    (Question.PEOPLE_NAMED, step("signature", by="")),
    (Question.PEOPLE_NAMED, step("holder/card", by="C\n1")),
    (Question.AUDIT_HEAD_FORMED, having(audit=AuditHead(sequence=7, head="zz"))),
    (Question.AUDIT_HEAD_FORMED, having(audit=AuditHead(sequence=7, head="AB" * 32))),
    (Question.AUDIT_HEAD_FORMED, having(audit=AuditHead(sequence=0, head="ab" * 32))),
    (Question.AUDIT_HEAD_FORMED, having(audit=AuditHead(sequence=-1, head="ab" * 32))),
    (Question.TIMES_PLAUSIBLE, having(opened_at="演练客户")),
    (Question.TIMES_PLAUSIBLE, having(opened_at="2026-03-02")),
    (Question.TIMES_PLAUSIBLE, having(opened_at="2026-03-02T09:30:00")),
    (Question.TIMES_PLAUSIBLE, having(opened_at="2026-W10-1T09:30:00+00:00")),
    (Question.TIMES_PLAUSIBLE, having(opened_at="2026-13-02T09:30:00+00:00")),
    (Question.TIMES_PLAUSIBLE, having(opened_at="2099-01-01T00:00:00+00:00")),
    (Question.TIMES_PLAUSIBLE, step("holder/card", at="x")),
    (Question.TIMES_PLAUSIBLE, step("holder/card", at=moment(minutes=5, seconds=1))),
    (Question.TIMES_PLAUSIBLE, step("signature", at=moment(minutes=5, seconds=1))),
    (Question.STEPS_AS_PLANNED, reordered(1, 0, 2, 3, 4)),
    (Question.STEPS_AS_PLANNED, reordered(0, 1, 3, 4)),
    (Question.STEPS_AS_PLANNED, reordered(0, 1, 2, 3)),
    (Question.STEPS_AS_PLANNED, step("signature", elapsed_s=1.0)),
    (Question.STEPS_AS_PLANNED, step("holder/card", elapsed_s=-1.0)),
    (Question.STEPS_AS_PLANNED, step("holder/card", elapsed_s=math.nan)),
    (Question.STEPS_AS_PLANNED, having(sealed_elapsed_s=1.0)),
    (Question.STEPS_AS_PLANNED, having(sealed_elapsed_s=math.nan)),
    (Question.STEPS_AS_PLANNED, UNUSABLE),  # nobody may go on after it
    (Question.FILES_LISTED_ONCE, listed("holder/card", twice="holder.record")),
    (Question.FILES_LISTED_ONCE, listed("notice", twice="recording")),
    (Question.FILES_AS_PLANNED, listed("holder/card", also="review_note")),
    (Question.FILES_AS_PLANNED, listed("holder/card", also="agent.record")),
    (Question.FILES_AS_PLANNED, listed("notice", also="note")),
    (Question.FILES_AS_PLANNED, moved("recording", "notice", "signature")),
    (Question.FILES_AS_PLANNED, business("number")),
    (Question.FLAGS_AS_FOUND, having(flags=("holder/portrait: not_live",))),
    (Question.FLAGS_AS_FOUND, having(flags=("odd",))),
]


@pytest.mark.parametrize(("question", "change"), CONTRADICTIONS)
def test_a_contradiction_fails_its_question(question: Question, change: Change, built: BuiltPackage) -> None:
    assert failing(change(built.manifest)) == {question}


@pytest.mark.parametrize(
    "change",
    [
        having(),
        step("holder/card", at=moment(minutes=5)),
        step("holder/card", at=moment(days=-30)),
        having(opened_at="2026-03-02T09:30:00.123Z"),
        having(device_sequence=2, previous="ab" * 32),
        having(device_sequence=2**63 - 1, previous="ab" * 32),
        having(corrects=ANOTHER_SESSION),
        having(sealed_elapsed_s=100.0),  # at once
    ],
)
def test_what_a_genuine_session_may_say_is_no_contradiction(change: Change, built: BuiltPackage) -> None:
    assert failing(change(built.manifest)) == set()


def test_the_inspection_asks_each_question_of_the_session_and_of_every_step(world: World, built: BuiltPackage) -> None:
    asked = {check.question for check in world.inspect(built).checks if check.holds}
    assert CONSISTENT.keys() <= asked
    for done in built.manifest.steps:
        assert kind_of(done.planned).consistent.keys() <= asked


@pytest.mark.attack("T3", "the same evidence, given to verify")
def test_the_inspection_names_the_contradiction(world: World, package: BuiltPackage) -> None:
    changed = package.resign(flags=("odd",))
    assert world.failed(changed) == {("manifest.json", Question.FLAGS_AS_FOUND)}
