"""Whatever the services keep of the attempts at a live face, at every step of every session, holds at the centre."""

from typing import Any

import pytest
from hallclient.domain.contradictions import CONSISTENT

from hallclient.domain.evidence import SessionFacts
from hallclient.domain.evidence.manifest import Manifest
from hallclient.domain.inspection_question import Question
from hallclient.storage import sessions

_OF_ATTEMPTS = (
    Question.ATTEMPTS_FEW,
    Question.CHALLENGES_DRAWN,
    Question.PASSED_BY_CHALLENGES,
    Question.ATTEMPTS_FIT,
    Question.TRIES_FIT,
)


@pytest.fixture(autouse=True)
def attempts_of_genuine_sessions_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions of a test that uses it, in its own process."""
    for name in ("record_facts", "record_move"):
        monkeypatch.setattr(sessions, name, _inspected(getattr(sessions, name)))


def _inspected(record: Any) -> Any:
    def inspected(*given: Any) -> Any:
        facts: SessionFacts = given[-1]
        manifest = Manifest.model_construct(facts=facts)
        assert [question for question in _OF_ATTEMPTS if not CONSISTENT[question](manifest)] == []
        return record(*given)

    return inspected
