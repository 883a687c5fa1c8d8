"""The card and the pre-check before the clerk, and what the customer sees of both."""

import threading

import pytest
from PySide6.QtCore import Qt

from hallclient.devices import ReaderState, ReaderStatus
from hallclient.domain.card import Finding
from hallclient.domain.failures import FAILURES, FailureCode, KnownError
from hallclient.domain.session import SessionState
from tests.ui import doubles
from tests.ui.clerks_hall import Hall, mark
from tests.ui.doubles import Step
from ui import wording


@pytest.fixture
def hall(qtbot):
    made = Hall(qtbot)
    yield made
    made.close()


def test_the_customer_sees_the_number_in_full_once(hall) -> None:
    hall.session.card_is_down.clear()
    hall.open()
    page = hall.customer.put_card
    hall.until(lambda: hall.customer.page is page)
    assert page.number.text() == "138 0000 0021"
    assert page.number.fontInfo().pixelSize() >= 42
    assert page.number.fontMetrics().horizontalAdvance(page.number.text()) <= page.number.width()
    hall.session.card_is_down.set()
    hall.until_step(Step.PRECHECK)
    shown = " ".join(label.text() for label in hall.customer.findChildren(type(page.number)))
    assert "138 0000 0021" not in shown
    assert "138****0021" in shown


def test_card_failures_stand_until_the_card_is_read(hall) -> None:
    hall.session.card_is_down.clear()
    hall.session.failures["read"] = [KnownError(FailureCode.CARD_NEEDS_LIFTING)]
    hall.open()
    hall.until_failure(FailureCode.CARD_NEEDS_LIFTING)
    hall.session.card_is_down.set()
    hall.until_step(Step.PRECHECK)
    assert hall.clerk.view.steps.is_done(Step.CARD)


@pytest.mark.parametrize("shared", [False, True], ids=["two screens", "one screen"])
def test_both_are_told_to_lift_a_card_that_lay_there_before(hall, shared: bool) -> None:
    hall.clerk.share_screen(shared)
    hall.session.card_is_down.clear()
    hall.open()
    hall.until(lambda: hall.customer.page.sentence == wording.Customer.PUT_CARD)
    hall.session.failures["read"] = [KnownError(FailureCode.CARD_NEEDS_LIFTING)] * 1000
    hall.until(lambda: hall.customer.page.sentence == wording.Customer.LIFT_CARD)
    assert hall.page.banner.error.code is FailureCode.CARD_NEEDS_LIFTING
    assert hall.page.banner.remedy.text() == "请拿起证件，再放下"
    assert hall.customer.put_card.number.text() == "138 0000 0021"  # it is what is being asked
    assert hall.clerk.shows_customer is shared
    hall.session.failures["read"] = []  # it was lifted
    hall.until(lambda: hall.customer.page.sentence == wording.Customer.PUT_CARD)
    hall.session.card_is_down.set()
    hall.until_step(Step.PRECHECK)


def test_the_readers_news_say_at_once_that_a_card_has_to_be_lifted(hall) -> None:
    hall.session.card_is_down.clear()
    hall.open()
    hall.until(lambda: hall.customer.page.sentence == wording.Customer.PUT_CARD)
    hall.page._again.setInterval(600_000)  # no other call of the session comes between
    hall.until(hall.page._again.isActive)
    hall.counter.tell_reader(ReaderStatus(ReaderState.TROUBLE, None, FailureCode.CARD_NEEDS_LIFTING))
    hall.until(lambda: hall.customer.page.sentence == wording.Customer.LIFT_CARD)
    hall.until_failure(FailureCode.CARD_NEEDS_LIFTING)
    hall.counter.tell_reader(ReaderStatus(ReaderState.READY, None, None))
    hall.until(lambda: hall.customer.page.sentence == wording.Customer.PUT_CARD)


def test_no_card_yet_is_no_failure(hall) -> None:
    hall.session.card_is_down.clear()
    hall.open()
    hall.until(lambda: hall.session.calls("read") >= 2)
    assert not hall.page.banner.isVisible()


@pytest.mark.parametrize(
    "code", [FailureCode.READER_MISSING, FailureCode.READER_SERVICE_DOWN, FailureCode.READER_SERVICE_HUNG]
)
def test_without_a_reader_nobody_is_asked_for_a_card(hall, code: FailureCode) -> None:
    hall.session.card_is_down.clear()
    hall.open()
    hall.until(lambda: hall.customer.page.sentence == wording.Customer.PUT_CARD)
    hall.session.failures["read"] = [KnownError(code)] * 1000
    hall.counter.tell_reader(ReaderStatus(ReaderState.TROUBLE, None, code))
    hall.until(lambda: hall.customer.page.sentence == wording.Customer.CARD_PAUSED)
    assert FAILURES[code].remedy == hall.page.banner.remedy.text()
    hall.session.failures["read"] = []
    hall.counter.tell_reader(ReaderStatus(ReaderState.READY, None, None))
    hall.until(lambda: hall.customer.page.sentence == wording.Customer.PUT_CARD and not hall.page.banner.isVisible())


def test_who_lost_the_reader_before_the_page_asked_is_not_asked_for_a_card(hall) -> None:
    """The number that the customer is to compare comes from the session's thread, a moment later."""
    may_reveal = threading.Event()
    reveal = hall.session.reveal_service_number

    def late() -> str:
        may_reveal.wait(30)
        return reveal()

    hall.session.reveal_service_number = late
    hall.session.card_is_down.clear()
    hall.open()
    hall.counter.tell_reader(ReaderStatus(ReaderState.TROUBLE, None, FailureCode.READER_MISSING))
    hall.until(lambda: hall.customer.page.sentence == wording.Customer.CARD_PAUSED)
    may_reveal.set()
    hall.until(lambda: hall.session.calls("read"))
    assert hall.customer.page.sentence == wording.Customer.CARD_PAUSED
    hall.counter.tell_reader(ReaderStatus(ReaderState.READY, doubles.READER, None))
    hall.until(lambda: hall.customer.page.sentence == wording.Customer.PUT_CARD)
    assert hall.customer.put_card.number.text() == "138 0000 0021"


def test_unusable_card_ends_in_a_refusal(hall) -> None:
    hall.session.findings, hall.session.usable = (Finding.EXPIRED,), False
    hall.open()
    hall.until_step(Step.PRECHECK)
    hall.until_way_on()
    hall.key(Qt.Key.Key_Return)
    hall.key(Qt.Key.Key_Return)  # it asks first: the session and the card's data go
    hall.key(Qt.Key.Key_Escape)
    assert hall.session.calls("refuse") == 0
    hall.key(Qt.Key.Key_Return)
    hall.key(Qt.Key.Key_F10)
    hall.until(lambda: hall.session.ended is not None and hall.page.primary_action.text() == wording.Precheck.NEXT)
    assert hall.session.state is SessionState.REFUSED
    assert hall.customer.page.sentence == wording.Customer.REFUSED
    hall.until_way_on()
    hall.key(Qt.Key.Key_Return)
    hall.until(lambda: hall.clerk.view is None)


@pytest.mark.parametrize("usable", [True, False])
def test_a_continued_session_with_an_unusable_card_stands_at_its_refusal(hall, usable) -> None:
    """The domain says which step is due, not a page."""
    hall.session.findings, hall.session.usable = (Finding.EXPIRED,) * (not usable), usable
    hall.session.the(doubles.CardStep).read(0)
    hall.session.the(doubles.PrecheckStep).check()
    hall.open()
    hall.until_step(Step.PORTRAIT if usable else Step.PRECHECK)


@pytest.mark.parametrize(("usable", "findings"), [(True, (Finding.EXPIRED,)), (False, ())])
def test_a_card_that_the_rules_of_today_forbid_is_refused_after_yesterdays_precheck(hall, usable, findings) -> None:
    """The page used to follow the pre-check's own word: it offered a way on that led to itself, for ever."""
    hall.session.findings, hall.session.usable = findings, usable
    hall.session.the(doubles.CardStep).read(0)
    hall.session.the(doubles.PrecheckStep).check()
    hall.open()
    hall.until_way_on()
    assert hall.page.status.text() == wording.Precheck.UNUSABLE
    assert hall.page.primary_action.text() == wording.Precheck.REFUSE
    hall.key(Qt.Key.Key_Return)
    hall.key(Qt.Key.Key_F10)
    hall.until(lambda: hall.session.state is SessionState.REFUSED)


def test_a_finding_that_forbids_nothing_is_only_noted(hall) -> None:
    hall.session.findings = (Finding.NEW_ADDRESS_UNREADABLE,)
    hall.open()
    hall.until_step(Step.PRECHECK)
    hall.until_way_on()
    hall.key(Qt.Key.Key_Return)
    hall.until_step(Step.PORTRAIT)
    assert mark(hall, Step.PRECHECK) == "look"


def test_the_customer_is_told_no_more_that_their_card_is_being_checked_when_it_is(hall) -> None:
    hall.session.card_is_down.clear()
    hall.open()
    shown = []
    hall.customer.changed.connect(lambda: shown.append(hall.customer.page.sentence))
    hall.session.card_is_down.set()
    hall.until_step(Step.PRECHECK)
    hall.until_way_on()
    assert wording.Customer.CHECKING in shown
    assert hall.customer.page.sentence == wording.Customer.CHECKED


def test_the_customer_sees_no_number_of_the_card(hall) -> None:
    hall.open()
    hall.until_step(Step.PRECHECK)
    shown = " ".join(label.text() for label in hall.customer.findChildren(type(hall.customer.message._title)))
    assert "1101" not in shown
    assert "138****0021" in shown
