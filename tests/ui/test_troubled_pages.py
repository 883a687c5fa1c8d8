"""The pictures of `python -m tests.screenshots` show what they are named after."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QLabel

from hallclient.domain.comparison import Decision
from hallclient.domain.failures import FAILURES, FailureCode
from hallclient.domain.liveness import Advice, Challenge, Refusal
from tests.ui import doubles
from tests.ui.pages import Counter, review_window
from tests.ui.troubled_pages import refused_consent, tried_case, troubles
from ui import wording

pytestmark = pytest.mark.may_log(r"bug [0-9A-Z]{6}\nZeroDivisionError")  # a page that `walk` shows

SIZE = QSize(1366, 768)


@pytest.fixture(params=[False, True], ids=["two screens", "one screen"])
def counter(request: pytest.FixtureRequest, qtbot: object) -> Iterator[Counter]:
    made = Counter(SIZE, shared=request.param)
    yield made
    made.close()


def test_each_trouble_stands_before_both(counter: Counter) -> None:
    session, seen = counter.session, []
    for name in troubles(counter):
        seen.append(name)
        page, customer = counter.page, counter.customer
        match name:
            case "advice":
                assert customer.look.challenge is Challenge.TURN_LEFT
                assert wording.missing(Advice.TURN_MORE) in page.status.text()
            case "pause":
                assert customer.page.sentence == wording.Customer.LOOK_PAUSED
                assert not page.isVisible()  # the clerk is asked what becomes of the session
            case "stopped":
                assert FAILURES[FailureCode.CHECK_STOPPED].cause in page.banner.cause.text()
            case "refusal":
                assert wording.LIVENESS_REFUSALS[Refusal.TOO_SLOW] in page.status.text()
                assert customer.page.sentence == wording.Customer.LOOK_PAUSED
            case "next_attempt":
                assert page.banner.isHidden()
                assert customer.page is customer.look
                assert customer.page.sentence != wording.Customer.LOOK_PAUSED
                assert session.the(doubles.PortraitStep).facts.liveness.counted == 1
            case "refused_again":
                assert page.secondary_action.isEnabled()
            case "supervised_way_question":
                assert session.calls("leave_to_supervisor") == 0
            case "supervised_way":
                assert session.calls("leave_to_supervisor") == 1
    assert seen == [
        "advice",
        "pause",
        "stopped",
        "refusal",
        "next_attempt",
        "refused_again",
        "supervised_way_question",
        "supervised_way",
    ]


def test_a_refused_consent_stands_before_both(counter: Counter) -> None:
    assert list(refused_consent(counter)) == ["consent_refused"]
    assert wording.DECISIONS[Decision.CONSENT_REFUSED] in counter.page.decision.text()
    assert counter.customer.page.sentence == wording.Customer.UNCOMPARED


def test_a_review_with_attempts_names_each(qtbot: object) -> None:
    window = review_window(SIZE, first=tried_case())
    assert window.case is not None
    assert len(window.case.liveness.attempts) == 3
    words = " ".join(label.text() for label in window.findChildren(QLabel))
    for refusal in (Refusal.TOO_SLOW, Refusal.FLAT):
        assert wording.SUSPECTED_REFUSALS[refusal] in words
    window.close()
