"""What is signed is a notice that was read before, about the same person."""

import pytest

from hallclient.domain.inspection_question import Question
from tests.hallclient.domain.inspection.consistency.changes import Change, failing, option, planning
from tests.packages import BuiltPackage


def of_another_person(step_id: str) -> Change:
    return planning(
        lambda plan: plan.changed(
            persons=("holder", "agent"),
            steps=tuple(one.changed(person="agent") if one.id == step_id else one for one in plan.steps),
        )
    )


CONTRADICTIONS: list[tuple[Question, Change]] = [
    (Question.SIGNS_WHAT_WAS_READ, option("signature", signs="another_notice")),
    (Question.SIGNS_WHAT_WAS_READ, option("signature", signs="holder/card")),
    (Question.SIGNS_WHAT_WAS_READ, option("signature", signs="signature")),
    (Question.SIGNS_WHAT_WAS_READ, of_another_person("signature")),
    (Question.SIGNS_WHAT_WAS_READ, of_another_person("notice")),
]


@pytest.mark.parametrize(("question", "change"), CONTRADICTIONS)
def test_a_contradiction_fails_its_question(question: Question, change: Change, built: BuiltPackage) -> None:
    assert failing(change(built.manifest)) == {question}


def test_nothing_is_signed_before_it_was_read(built: BuiltPackage) -> None:
    first = planning(lambda plan: plan.changed(steps=(*plan.steps[:3], plan.steps[4], plan.steps[3])))
    assert Question.SIGNS_WHAT_WAS_READ in failing(first(built.manifest))
