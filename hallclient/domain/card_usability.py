"""Which findings forbid to go on with a card, and why."""

from collections.abc import Iterable

from hallclient.domain.card import CardKind, Finding

# The card proves nobody's identity today.
DISQUALIFYING: dict[Finding, str] = {
    Finding.NUMBER_MALFORMED: "without a number nobody is identified",
    Finding.NUMBER_OF_OTHER_KIND: "the number and the layout that it stands in belong to two kinds of card",
    Finding.CHECK_DIGIT_WRONG: "the number is nobody's (GB 11643)",
    Finding.BIRTH_DIFFERS_FROM_NUMBER: "birth and number say the same thing twice (GB 11643); one of them is false",
    Finding.BIRTH_IN_FUTURE: "nobody was born after today",
    Finding.VALIDITY_MALFORMED: "nobody can say that the card is valid today",
    Finding.NOT_YET_VALID: "the card is not valid today",
    Finding.EXPIRED: "the card is not valid today",
}
# All others are shown to the clerk and kept as evidence, and the customer may go on: a holder whose sex was corrected
# may keep the number, and so may one whose country changed; an unknown code identifies nobody; a new address is
# an optional file of the chip.
# What is known of the number of 2017 comes from one family of public sources and was tried on no card: a customer must
# not be sent away for it.
_UNSURE = frozenset(
    {
        (CardKind.FOREIGN_2017, Finding.CHECK_DIGIT_WRONG),
        (CardKind.FOREIGN_2017, Finding.BIRTH_DIFFERS_FROM_NUMBER),
    }
)


def disqualifying(kind: CardKind, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those of `findings` for which a card of `kind` cannot be used today; empty when it can."""
    return tuple(finding for finding in findings if finding in DISQUALIFYING and (kind, finding) not in _UNSURE)
