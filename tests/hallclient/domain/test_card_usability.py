"""Which findings forbid to go on with a card."""

import pytest

from hallclient.domain.card import CardKind, Finding
from hallclient.domain.card_usability import DISQUALIFYING, disqualifying


def test_every_finding_is_weighed() -> None:
    """A new one stops nobody before somebody has thought about it, and stands in one of the two lists."""
    assert set(Finding) - DISQUALIFYING.keys() == {
        Finding.SEX_DIFFERS_FROM_NUMBER,
        Finding.COUNTRY_DIFFERS_FROM_NUMBER,
        Finding.SEX_CODE_UNKNOWN,
        Finding.NATION_CODE_UNKNOWN,
        Finding.NEW_ADDRESS_UNREADABLE,
    }
    assert all(DISQUALIFYING.values())


@pytest.mark.parametrize(
    ("kind", "findings", "forbid"),
    [
        (CardKind.RESIDENT, [], []),
        (CardKind.RESIDENT, [Finding.EXPIRED, Finding.SEX_DIFFERS_FROM_NUMBER], [Finding.EXPIRED]),
        (CardKind.RESIDENT, [Finding.VALIDITY_MALFORMED], [Finding.VALIDITY_MALFORMED]),
        (CardKind.RESIDENT, [Finding.NUMBER_OF_OTHER_KIND], [Finding.NUMBER_OF_OTHER_KIND]),
        (CardKind.RESIDENT, [Finding.NEW_ADDRESS_UNREADABLE, Finding.NATION_CODE_UNKNOWN], []),
        (CardKind.HMT_PERMIT, [Finding.BIRTH_DIFFERS_FROM_NUMBER], [Finding.BIRTH_DIFFERS_FROM_NUMBER]),
        (CardKind.FOREIGN_2023, [Finding.CHECK_DIGIT_WRONG], [Finding.CHECK_DIGIT_WRONG]),
        # One family of public sources is not enough to send somebody away.
        (CardKind.FOREIGN_2017, [Finding.CHECK_DIGIT_WRONG, Finding.BIRTH_DIFFERS_FROM_NUMBER], []),
        (CardKind.FOREIGN_2017, [Finding.NUMBER_MALFORMED], [Finding.NUMBER_MALFORMED]),
        (CardKind.FOREIGN_2017, [Finding.COUNTRY_DIFFERS_FROM_NUMBER], []),
    ],
)
def test_what_forbids_to_go_on(kind: CardKind, findings: list[Finding], forbid: list[Finding]) -> None:
    assert list(disqualifying(kind, findings)) == forbid
