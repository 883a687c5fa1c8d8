"""The kind of step in which a card is read."""

import json

from hallclient.domain.evidence.facts.card import PORTRAIT, RECORD, CardFacts
from hallclient.domain.inspection_question import Question
from hallclient.domain.step_kind import FileRule, Opened, SealedSession, SealedStep, StepKind


def _look(session: SealedSession, _step: SealedStep, opened: Opened) -> list[tuple[str, Question, bool]]:
    return [(RECORD, Question.OF_THIS_SESSION, names_session(opened.plain[RECORD], session.session))]


def names_session(document: bytes, session: str) -> bool:
    """Whether a JSON document says that it belongs to `session`."""
    try:
        written = json.loads(document)
    except (ValueError, RecursionError):
        return False
    return isinstance(written, dict) and written.get("session") == session


KIND = StepKind(
    name="card",
    facts=CardFacts,
    files=(FileRule(RECORD, always=True), FileRule(PORTRAIT, always=True)),
    look=_look,
)
