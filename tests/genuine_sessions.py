"""Whatever the services keep of the attempts at a live face, at every step of every session, holds at the centre."""

from typing import Any

import pytest

from hallclient.domain.evidence.manifest import DoneStep, Manifest
from hallclient.domain.inspection.consistency.portrait import KIND
from hallclient.domain.inspection_question import Question
from hallclient.storage import sessions
from hallclient.storage.sessions import StoredSession, StoredStep

_OF_ATTEMPTS = (
    Question.ATTEMPTS_FEW,
    Question.CHALLENGES_DRAWN,
    Question.PASSED_BY_CHALLENGES,
    Question.ATTEMPTS_FIT,
    Question.TRIES_FIT,
    Question.KEY_PICTURES_ASKED,
    Question.KEY_PICTURES_COMPLETE,
    Question.KEY_PICTURES_ONCE,
    Question.KEY_PICTURES_FIT,
)


@pytest.fixture(autouse=True)
def attempts_of_genuine_sessions_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions of a test that uses it, in its own process."""
    record = sessions.record_step

    def inspected(tables: Any, session: StoredSession, step_id: str, step: StoredStep) -> StoredSession:
        planned = session.plan.step(step_id)
        if planned is not None and planned.kind == KIND.name and step.facts is not None:
            manifest = Manifest.model_construct(session=session.id, plan=session.plan)
            kept = DoneStep.model_construct(planned=planned, facts=step.facts, files=step.files)
            assert [asked.value for asked in _OF_ATTEMPTS if not KIND.consistent[asked](manifest, kept)] == []
        return record(tables, session, step_id, step)

    monkeypatch.setattr(sessions, "record_step", inspected)
