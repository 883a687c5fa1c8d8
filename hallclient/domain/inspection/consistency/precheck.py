"""The kind of step in which is checked what can be checked before the face."""

from hallclient.domain.card_usability import disqualifying
from hallclient.domain.evidence.facts.card import CardFacts
from hallclient.domain.evidence.facts.precheck import PrecheckFacts
from hallclient.domain.inspection_question import Question
from hallclient.domain.step_kind import SealedSession, SealedStep, StepKind, facts_of


def _as_the_card_says(session: SealedSession, step: SealedStep) -> bool:
    """No word of a pre-check outweighs what was found on the card of the same person."""
    card = session.done_of_kind("card", step.planned.person)
    if card is None:
        return not facts_of(step, PrecheckFacts).card_usable
    found = facts_of(card, CardFacts)
    return not (facts_of(step, PrecheckFacts).card_usable and disqualifying(found.kind, found.findings))


KIND = StepKind(
    name="precheck", facts=PrecheckFacts, needs=("card",), consistent={Question.CARD_USABLE: _as_the_card_says}
)
