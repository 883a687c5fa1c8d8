"""The list of unfinished sessions: all of them, and a way out of one that cannot be continued."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.session import CLERKS_REASONS, AbandonReason
from hallclient.services.counter import ListedSession
from tests.ui import doubles
from tests.ui.clerks_hall import Hall
from tests.ui.doubles import Step
from ui import wording
from ui.widgets.row_button import RowButton
from ui.widgets.text import Text


@pytest.fixture
def hall(qtbot):
    made = Hall(qtbot)
    yield made
    made.close()


def kept(number: int) -> ListedSession:
    masked = f"139****{number:04}"
    return doubles.kept(f"s{number}", "card_replacement", masked, Step.PORTRAIT)


def buttons(hall) -> list[RowButton]:
    return [button for button in hall.clerk.start.unfinished.findChildren(RowButton) if button.isVisible()]


def reasons(hall) -> list[RowButton]:
    return [button for button in buttons(hall) if button.text() != wording.Start.CONTINUE]


def test_every_session_has_its_row(hall) -> None:
    hall.clerk.start.unfinished.show_sessions([kept(number) for number in range(40)])
    hall.until(lambda: len(buttons(hall)) == 40)
    names = [button.accessibleName() for button in buttons(hall)]
    assert ["0000" in names[0], "0039" in names[-1]] == [True, True]


def test_a_session_that_cannot_be_continued_can_be_given_up_with_a_reason(hall) -> None:
    hall.counter.sessions = [kept(1), kept(2)]
    hall.clerk._list_unfinished()
    hall.until(lambda: len(buttons(hall)) == 2)
    assert reasons(hall) == []  # nobody gives up by a slip of the hand what can be continued
    hall.counter.resume_failures = [KnownError(FailureCode.EVIDENCE_DAMAGED), KnownError(FailureCode.EVIDENCE_DAMAGED)]
    buttons(hall)[1].click()
    hall.until(lambda: len(reasons(hall)) == len(CLERKS_REASONS))
    assert hall.clerk.start.banner.isVisible()
    assert [button.text() for button in reasons(hall)] == [wording.ABANDON_REASONS[one] for one in CLERKS_REASONS]
    assert all("0002" in button.accessibleName() for button in reasons(hall))
    hall.key(Qt.Key.Key_F5)  # another try, that fails as well, offers it once
    hall.until(lambda: not hall.counter.resume_failures and hall.clerk._background.idle())
    assert len(reasons(hall)) == len(CLERKS_REASONS)
    hall.counter.abandon_failures = [KnownError(FailureCode.STORE_BUSY)]
    reasons(hall)[-1].click()
    hall.until(lambda: FailureCode.STORE_BUSY in hall.clerk.start.banner.cause.text())
    reasons(hall)[-1].click()
    hall.until(lambda: len(buttons(hall)) == 1)
    assert hall.counter.abandoned == [("s2", AbandonReason.EQUIPMENT_FAILED)]
    assert "0001" in buttons(hall)[0].accessibleName()
    assert not hall.clerk.start.banner.isVisible()
    assert hall.clerk.start.number.isEnabled()


def test_a_colleagues_session_says_whose_it_is_and_is_taken_over(hall) -> None:
    hall.counter.sessions = [kept(1), replace(kept(2), colleague="1002")]
    hall.clerk._list_unfinished()
    hall.until(lambda: len(buttons(hall)) == 2)
    assert [button.text() for button in buttons(hall)] == [wording.Start.CONTINUE, wording.Start.TAKE_OVER]
    assert "1002" in buttons(hall)[1].accessibleName()
    said = [label.text() for label in hall.clerk.start.unfinished.findChildren(Text) if "1002" in label.text()]
    assert len(said) == 1
