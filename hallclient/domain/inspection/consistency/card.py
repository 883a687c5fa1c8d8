"""The kind of step in which a card is read."""

import json

from hallclient.domain.card_document import card_from_json
from hallclient.domain.evidence.facts.card import PORTRAIT, RECORD, CardFacts
from hallclient.domain.evidence.facts.portrait import PortraitFacts
from hallclient.domain.hall_time import CLOCK_CORRECTION, hall_date, moment
from hallclient.domain.inspection_question import Question
from hallclient.domain.picture_bytes import is_portrait
from hallclient.domain.step_kind import FileRule, Opened, SealedSession, SealedStep, StepKind, facts_of


def _look(session: SealedSession, step: SealedStep, opened: Opened) -> list[tuple[str, Question, bool]]:
    record, portrait = opened.plain[RECORD], opened.plain[PORTRAIT]
    looked = [
        (RECORD, Question.OF_THIS_SESSION, names_session(record, session.session)),
        (RECORD, Question.CARD_AS_READ, _as_read(step, record)),
    ]
    if _was_compared(session, step):  # a chip without one, or with a damaged one, is compared with nobody
        looked.append((PORTRAIT, Question.PICTURE_READABLE, is_portrait(portrait)))
    return looked


def _as_read(step: SealedStep, record: bytes) -> bool:
    """Whether kind, reader and findings follow from what was read, on the day of the step.

    A step that ended just after midnight may have begun before.
    """
    facts, done_at = facts_of(step, CardFacts), moment(step.at)
    if done_at is None:
        return False
    try:
        reading = card_from_json(record, b"")
        found = [reading.findings(hall_date(time)) for time in (done_at, done_at - CLOCK_CORRECTION)]
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return False
    return (
        bool(reading.record.holder_name)
        and (facts.kind, facts.reader, facts.sam_number) == (reading.record.kind, reading.reader, reading.sam_number)
        and facts.findings in found
    )


def _was_compared(session: SealedSession, step: SealedStep) -> bool:
    face_step = session.done_of_kind("portrait", step.planned.person)
    if face_step is None or not isinstance(face_step.facts, PortraitFacts) or face_step.facts.face is None:
        return False
    return face_step.facts.face.comparison.score is not None


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
    files=(FileRule(RECORD, always=True), FileRule(PORTRAIT, always=True, may_repeat=True)),
    look=_look,
)
