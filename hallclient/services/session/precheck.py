"""What can be checked before the face is checked."""

from collections.abc import Mapping

from hallclient.domain.card_usability import disqualifying
from hallclient.domain.evidence.facts.card import CardFacts
from hallclient.domain.evidence.facts.precheck import PrecheckFacts
from hallclient.domain.session import RefusalReason
from hallclient.services.session.card import CardStep
from hallclient.services.session.step import StepWork


class PrecheckStep(StepWork):
    """Today the card itself; the networked check is the centre's."""

    @property
    def facts(self) -> PrecheckFacts | None:
        return self._facts(PrecheckFacts)

    @property
    def card(self) -> CardFacts | None:
        """What was found out of the same person's card."""
        return self._same_persons("card", CardStep).facts

    def check(self) -> PrecheckFacts:
        """Raises clock_wrong, disk_full, store_busy, step_out_of_order."""
        self._expect()
        facts = PrecheckFacts(
            card_usable=self._usable, network_check="pending", centre_reachable=self._hall.line.online is True
        )
        self._finish(facts)
        return facts

    @property
    def forbids(self) -> bool:
        """No word of yesterday's check outweighs a finding that disqualifies today."""
        return super().forbids or (self.facts is not None and not self._usable)

    @property
    def _usable(self) -> bool:
        card = self.card
        return card is not None and not disqualifying(card.kind, card.findings)

    @property
    def remarkable(self) -> bool:
        return self.is_done and self.card is not None and bool(self.card.findings)

    def refusal(self) -> tuple[RefusalReason, Mapping[str, object]]:
        card = self.card
        findings = disqualifying(card.kind, card.findings) if card is not None else ()
        return RefusalReason.CARD_UNUSABLE, {"findings": list(findings)}
