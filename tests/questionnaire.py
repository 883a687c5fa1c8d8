"""A kind of step that nobody here has heard of: questions to the second person, one after the other, and two files.

README shows how a kind is added by lines of this file.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from PySide6.QtCore import Qt, Slot

from hallclient.domain import step_kinds
from hallclient.domain.inspection_question import Question
from hallclient.domain.step_kind import (
    FileRule,
    Opened,
    SealedSession,
    SealedStep,
    StepFacts,
    StepKind,
    StepOptions,
    facts_of,
)
from hallclient.services.session import kinds
from hallclient.services.session.step import StepWork
from tests.rule_packs import known_and_signed, pack_with, planned
from ui import wording
from ui.steps import pages
from ui.steps.page import StepPage
from ui.steps.workplace import Workplace
from ui.widgets.key_button import action

NAME = "questionnaire"


class Questions(StepOptions):
    """How many there are."""

    count: int


class Answers(StepFacts):
    """One by one, as they were given."""

    given: tuple[bool, ...] = ()

    @property
    def flags(self) -> tuple[str, ...]:
        return () if all(self.given) else ("answered_no",)


def all_answered(_session: SealedSession, step: SealedStep) -> bool:
    return len(facts_of(step, Answers).given) == Questions.model_validate(step.planned.options).count


def look(session: SealedSession, step: SealedStep, opened: Opened) -> Iterable[tuple[str, Question, bool]]:
    written = json.loads(opened.plain["answers"])
    expected = {"session": session.session, "given": list(facts_of(step, Answers).given)}
    yield "answers", Question.OF_THIS_SESSION, written == expected


FILES = (FileRule("answers", always=True), FileRule("remarks", always=True))
KIND = StepKind(
    name=NAME,
    facts=Answers,
    options=Questions,
    files=FILES,
    needs=("card",),
    consistent={Question.STEPS_AS_PLANNED: all_answered},
    look=look,
)


class QuestionnaireStep(StepWork):
    """Each answer is kept when it is given; the last one ends the step."""

    @property
    def facts(self) -> Answers:
        return self._facts(Answers) or Answers()

    def answer(self, yes: bool) -> bool:
        """Keep an answer; whether it was the last."""
        self._expect()
        answered = Answers(given=(*self.facts.given, yes))
        if len(answered.given) < self._options(Questions).count:
            self._note("question_answered", {"number": len(answered.given)}, answered)
            return False
        written = {"session": self._keeper.session_id, "given": answered.given}
        answers = self._put("answers", json.dumps(written).encode())
        self._finish(answered, answers, self._put("remarks", b"none"))
        return True


class QuestionnairePage(StepPage):
    """The clerk answers for the customer; the list of steps says how many were answered."""

    def __init__(self, workplace: Workplace, work: QuestionnaireStep) -> None:
        super().__init__(workplace)
        self.work = work
        self.no = action(self, "否", Qt.Key.Key_F8)
        self.no.triggered.connect(lambda: self._answer(False))
        self.other_ways = [self.no]

    def begin(self) -> None:
        self.say("问卷")
        self._show(False)

    def go_on(self) -> None:
        self._answer(True)

    def _answer(self, yes: bool) -> None:
        self.ask(lambda: self.work.answer(yes), self._show)

    @Slot(object)
    def _show(self, last: object) -> None:
        self.set_busy(False)
        self.status.say(str(len(self.work.facts.given)))
        if last:
            self.finished.emit("已答")


PERSONS = ("holder", "agent")
SCENE = "by_agent"
PACK = pack_with(
    SCENE,
    PERSONS,
    *known_and_signed("holder"),
    planned("agent/card", "card", "agent"),
    planned("agent/questionnaire", NAME, "agent", count=3),
)


@contextmanager
def registered() -> Iterator[None]:
    """The program knows it inside."""
    tables: tuple[tuple[Any, str], ...] = ((step_kinds, "_kinds"), (kinds, "_works"), (pages, "_pages"))
    with pytest.MonkeyPatch.context() as patch:
        for module, name in tables:
            patch.setattr(module, name, dict(getattr(module, name)))
        patch.setattr(wording, "STEPS", dict(wording.STEPS))
        step_kinds.register(KIND)
        kinds.register(NAME, QuestionnaireStep)
        pages.register(NAME, QuestionnairePage, "问卷")
        yield
