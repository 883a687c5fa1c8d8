"""Each question that is asked of a manifest has a wrong value that it finds."""

from hallclient.domain.inspection.consistency import card, notice, portrait, precheck, signature
from hallclient.domain.inspection.consistency.session import CONSISTENT
from tests.hallclient.domain.inspection.consistency import (
    test_card_and_precheck,
    test_key_pictures,
    test_liveness,
    test_notice,
    test_portrait,
    test_session,
    test_signature,
)

TABLES = (
    test_session,
    test_card_and_precheck,
    test_portrait,
    test_liveness,
    test_key_pictures,
    test_notice,
    test_signature,
)
KINDS = (card.KIND, precheck.KIND, portrait.KIND, notice.KIND, signature.KIND)


def test_every_question_has_a_contradiction() -> None:
    asked = {*CONSISTENT, *(question for kind in KINDS for question in kind.consistent)}
    assert {question for table in TABLES for question, _ in table.CONTRADICTIONS} == asked
