"""What reading a card finds out."""

from hallclient.domain.card import CardKind, Finding, ReaderIdentity
from hallclient.domain.step_kind import StepFacts

RECORD, PORTRAIT = "record", "portrait"  # its files


class CardFacts(StepFacts):
    """Which reader opened which kind of card, and the rules that its record breaks."""

    kind: CardKind
    reader: ReaderIdentity
    sam_number: str
    findings: tuple[Finding, ...]

    @property
    def practised(self) -> bool:
        return self.reader.practice
