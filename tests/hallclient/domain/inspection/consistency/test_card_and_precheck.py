"""No word of a pre-check outweighs what was found on the card."""

import pytest

from hallclient.domain.card import CardKind, Finding
from hallclient.domain.card_usability import disqualifying
from hallclient.domain.evidence.facts.card import CardFacts
from hallclient.domain.evidence.facts.precheck import PrecheckFacts
from hallclient.domain.inspection_question import Question
from tests.hallclient.domain.inspection.consistency.changes import Change, both, failing, planning, step_facts
from tests.hallclient.domain.inspection.world import World
from tests.packages import BuiltPackage


def found(*findings: Finding) -> Change:
    return step_facts("holder/card", CardFacts, findings=findings)


def usable(answer: bool) -> Change:
    return step_facts("holder/precheck", PrecheckFacts, card_usable=answer)


def of_another_person(step_id: str) -> Change:
    """The card that was read was somebody else's."""
    return planning(
        lambda plan: plan.changed(
            persons=("holder", "agent"),
            steps=tuple(one.changed(person="agent") if one.id == step_id else one for one in plan.steps),
        )
    )


CONTRADICTIONS: list[tuple[Question, Change]] = [
    (Question.CARD_USABLE, found(finding)) for finding in Finding if disqualifying(CardKind.RESIDENT, (finding,))
]


@pytest.mark.parametrize(("question", "change"), CONTRADICTIONS)
def test_a_contradiction_fails_its_question(question: Question, change: Change, built: BuiltPackage) -> None:
    assert failing(change(built.manifest)) == {question}


def test_a_card_of_somebody_else_makes_nobodys_card_usable(built: BuiltPackage) -> None:
    failed = failing(of_another_person("holder/card")(built.manifest))
    assert failed == {Question.CARD_USABLE, Question.COMPARED_WAS_SEEN}


@pytest.mark.parametrize("finding", [one for one in Finding if not disqualifying(CardKind.RESIDENT, (one,))])
def test_a_finding_that_forbids_nothing_is_no_contradiction(finding: Finding, built: BuiltPackage) -> None:
    assert failing(found(finding)(built.manifest)) == set()


NOT_AS_READ = ("holder.record.enc", Question.CARD_AS_READ)


@pytest.mark.parametrize("findings", [(), (Finding.EXPIRED,)])
def test_an_unusable_card_cannot_have_been_sealed(
    world: World, package: BuiltPackage, findings: tuple[Finding, ...]
) -> None:
    """Nor does an approval outweigh it: what does not hold is not judged."""
    changed = both(found(*findings), usable(False))(package.manifest)
    resigned = package.resign(steps=changed.steps)
    resigned.review()
    not_found = {NOT_AS_READ} if findings else set()
    assert world.failed(resigned) == {("manifest.json", Question.STEPS_AS_PLANNED)} | not_found


def test_a_disqualified_card_that_the_pre_check_let_pass_does_not_hold(world: World, package: BuiltPackage) -> None:
    resigned = package.resign(steps=found(Finding.EXPIRED)(package.manifest).steps)
    resigned.review()
    assert world.failed(resigned) == {("manifest.json", Question.CARD_USABLE), NOT_AS_READ}


def test_a_session_without_its_pre_check_does_not_hold(world: World, package: BuiltPackage) -> None:
    first, _, *rest = package.manifest.steps
    assert world.failed(package.resign(steps=(first, *rest))) == {("manifest.json", Question.STEPS_AS_PLANNED)}
