"""A kind of step that is registered, and nothing more, goes from a plan to the centre's receipt."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hallclient.domain import step_kinds
from hallclient.domain.documents import sign
from hallclient.domain.evidence import CLERK_PURPOSE, CLERK_SIGNATURE, MANIFEST
from hallclient.domain.evidence.manifest import Manifest
from hallclient.domain.evidence.receipt import Outcome
from hallclient.domain.failures import KnownError
from hallclient.domain.inspection_question import Question
from hallclient.services.access import OpenHall
from hallclient.services.session.engine import Session
from tests import doubles, questionnaire
from tests.clock import HandClock
from tests.counters import deliver, inspected, make_centre, open_counter, todays_clock
from tests.hallclient.services.sessions import open_session, walk
from tests.questionnaire import PACK, SCENE, Answers, QuestionnaireStep
from tests.rule_packs import RulesOf


@pytest.fixture(autouse=True)
def kind() -> Iterator[None]:
    with questionnaire.registered():
        yield


def answered(session: Session, *answers: bool) -> None:
    step = session.the(QuestionnaireStep)
    for answer in answers:
        step.answer(answer)


def to_the_questions(hall: OpenHall, clock: HandClock) -> Session:
    session = open_session(hall, doubles.equipment(clock), SCENE, PACK)
    walk(session, clock, until=questionnaire.NAME)
    return session


def test_from_a_plan_to_the_receipt(tmp_path: Path) -> None:
    clock, rules = todays_clock(), RulesOf(PACK)
    centre = make_centre(tmp_path / "central", rules)
    hall = open_counter(tmp_path / "hall", centre, clock)
    session = to_the_questions(hall, clock)
    answered(session, True, True, True)
    session.seal()
    session.close()
    (delivered,) = deliver(hall, centre)
    assert delivered.outcome is Outcome.PASSED
    inspection = inspected(hall, session.session_id, rules)
    assert inspection.holds
    assert inspection.manifest is not None
    done = inspection.manifest.done_step("agent/questionnaire")
    assert done is not None
    assert done.facts == Answers(given=(True, True, True))
    assert [entry.id for entry in done.files] == ["agent.answers", "agent.remarks"]
    hall.close()


def test_its_inner_progress_survives_a_crash(hall: OpenHall, clock: HandClock) -> None:
    session = to_the_questions(hall, clock)
    answered(session, True, False)
    session.feed.close()  # and nothing else is said to it: the program is gone
    resumed = Session.resume(hall, doubles.equipment(clock), session.session_id)
    assert resumed.the(QuestionnaireStep).facts.given == (True, False)
    answered(resumed, True)
    assert resumed.needs_review  # one answer was no
    assert resumed.next_step is None
    manifest = resumed.seal()
    assert manifest.flags == ("agent/questionnaire: answered_no",)
    resumed.close()
    with hall.database.reading() as tables:
        events = [row[0] for row in tables.execute("SELECT event FROM audit WHERE session = ?", [session.session_id])]
    assert events.count("question_answered") == 2


def test_it_is_judged_by_its_own_questions(hall: OpenHall, clock: HandClock) -> None:
    """A client that leaves out questions, and signs that it asked them."""
    session, rules = to_the_questions(hall, clock), RulesOf(PACK)
    answered(session, True, True, True)
    manifest = session.seal()
    session.close()
    assert inspected(hall, session.session_id, rules).holds
    assert not inspected(hall, session.session_id).holds  # by rules that do not know the pack
    *before, last = manifest.steps
    lying = Manifest.model_validate({**dict(manifest), "steps": (*before, last.changed(facts=Answers(given=(True,))))})
    data = lying.canonical()
    hall.vault.put_beside_manifest(session.session_id, CLERK_SIGNATURE, sign(hall.staff_key, CLERK_PURPOSE, data))
    hall.vault.put_document(session.session_id, MANIFEST, data, sign(hall.device_key, MANIFEST, data))
    inspection = inspected(hall, session.session_id, rules)
    assert [check.question for check in inspection.failed] == [Question.STEPS_AS_PLANNED]


def test_a_program_that_does_not_know_it_opens_no_session(hall: OpenHall, clock: HandClock) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.delitem(step_kinds._kinds, questionnaire.NAME)
        with pytest.raises(KnownError, match="plan_kind_unknown"):
            open_session(hall, doubles.equipment(clock), SCENE, PACK)
