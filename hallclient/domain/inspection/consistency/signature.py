"""The kind of step in which the customer signs the notice that was read."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from itertools import takewhile

from hallclient.domain.document_text import document_text_of
from hallclient.domain.evidence.facts.notice import NoticeFacts, NoticeOptions
from hallclient.domain.evidence.facts.signature import NOTICE, STROKES, SignatureFacts, SignatureOptions
from hallclient.domain.inspection.consistency.card import names_session
from hallclient.domain.inspection_question import Question
from hallclient.domain.notice_signature import notice_signature_holds
from hallclient.domain.signature import is_possible, signature_from_json
from hallclient.domain.step_kind import (
    FileRule,
    Opened,
    SealedSession,
    SealedStep,
    StepKind,
    StepOptions,
    facts_of,
)


def _signs(options: StepOptions) -> Mapping[str, str]:
    return {options.signs: "notice"} if isinstance(options, SignatureOptions) else {}


def _signs_what_was_read(session: SealedSession, step: SealedStep) -> bool:
    """The step that the plan says is signed is one in which a notice was read, before, about the same person."""
    read = session.done_step(SignatureOptions.model_validate(step.planned.options).signs)
    if read is None or not isinstance(read.facts, NoticeFacts) or read.planned.person != step.planned.person:
        return False
    before = takewhile(lambda planned: planned != step.planned, session.plan.steps)
    return read.planned in before


def _look(session: SealedSession, step: SealedStep, opened: Opened) -> list[tuple[str, Question, bool]]:
    facts, pdf, strokes = facts_of(step, SignatureFacts), opened.plain[NOTICE], opened.plain[STROKES]
    signed_at = dt.datetime.fromisoformat(session.sealed_at)
    return [
        (NOTICE, Question.NOTICE_SIGNATURE, notice_signature_holds(pdf, opened.device, facts, signed_at)),
        (NOTICE, Question.TEXT_AS_STATED, _text_as_planned(session, step, pdf[: facts.unsigned_bytes])),
        (STROKES, Question.STROKES_BOUND, _strokes_bound(strokes, facts)),
        (STROKES, Question.OF_THIS_SESSION, names_session(strokes, session.session)),
    ]


def _text_as_planned(session: SealedSession, step: SealedStep, unsigned: bytes) -> bool:
    """Whether the document that lay before the customer says of itself that it has the text of the plan.

    Its keywords say so, which the device wrote; the words on its pages are not compared with the text.
    """
    read = session.done_step(SignatureOptions.model_validate(step.planned.options).signs)
    if read is None:
        return False
    text = NoticeOptions.model_validate(read.planned.options).text
    return document_text_of(unsigned) == (text.code, text.version, text.sha256, session.session)


def _strokes_bound(strokes: bytes, facts: SignatureFacts) -> bool:
    """Whether these are the strokes of the facts, which a pad could give and a hand made, written on the document that
    lay before the customer.
    """
    if hashlib.sha256(strokes).hexdigest() != facts.strokes_sha256:
        return False
    try:
        signature = signature_from_json(strokes)
    except ValueError:
        return False
    points = [point for stroke in signature.strokes for point in stroke]
    return (
        signature.notice_sha256 == facts.unsigned_sha256
        and is_possible(signature.strokes, signature.device)
        and not signature.is_empty
        and (signature.point_count, signature.device, signature.practice)
        == (facts.points, facts.device, facts.practice)
        and facts.pressure is all(point.pressure is not None for point in points)
    )


KIND = StepKind(
    name="signature",
    facts=SignatureFacts,
    options=SignatureOptions,
    files=(FileRule(STROKES, always=True), FileRule(NOTICE, always=True)),
    needs=("card",),
    refers=_signs,
    consistent={Question.SIGNS_WHAT_WAS_READ: _signs_what_was_read},
    look=_look,
)
