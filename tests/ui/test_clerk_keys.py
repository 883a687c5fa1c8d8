"""Wrong keys at wrong times: on every page of the clerk's window each key, twice in quick succession, loses nothing."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from hallclient.domain.card import Finding
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.liveness import Challenge, Refusal
from hallclient.domain.session import SessionState
from tests.ui.clerks_hall import Hall, write
from tests.ui.doubles import Step
from tests.ui.test_reading import BRIEF

F_KEYS = [Qt.Key(Qt.Key.Key_F1 + number) for number in range(12)]
DIGITS = [Qt.Key(Qt.Key.Key_0 + number) for number in range(10)]
KEYS = [*F_KEYS, Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_Tab, *DIGITS]


def start(hall: Hall) -> None:
    """The start page, empty."""


def start_with_a_number(hall: Hall) -> None:
    QTest.keyClicks(hall.clerk.start.number, "13800000021")


def start_that_failed(hall: Hall) -> None:
    hall.counter.open_failures = [KnownError(FailureCode.DISK_FULL)]
    start_with_a_number(hall)
    hall.key(Qt.Key.Key_Return)
    hall.until(hall.clerk.start.banner.isVisible)


def opening(hall: Hall) -> None:
    hall.counter.may_open.clear()
    start_with_a_number(hall)
    hall.key(Qt.Key.Key_Return)
    hall.until(hall.counter.opening.is_set)


def card(hall: Hall) -> None:
    hall.session.card_is_down.clear()
    hall.open()
    hall.until(lambda: hall.customer.page is hall.customer.put_card)


def card_unread(hall: Hall) -> None:
    hall.session.failures["read"] = [KnownError(FailureCode.READER_FAILED)]
    hall.open()
    hall.until_failure(FailureCode.READER_FAILED)


def precheck(hall: Hall) -> None:
    hall.open()
    hall.until_step(Step.PRECHECK)
    hall.until_way_on()


def unusable_card(hall: Hall) -> None:
    hall.session.findings, hall.session.usable = (Finding.EXPIRED,), False
    precheck(hall)


def question_of_refusal(hall: Hall) -> None:
    unusable_card(hall)
    hall.key(Qt.Key.Key_Return)


def consent(hall: Hall) -> None:
    precheck(hall)
    hall.key(Qt.Key.Key_Return)
    hall.until(lambda: hall.customer.page is hall.customer.consent)


def challenge(hall: Hall) -> None:
    hall.session.may_go_on.clear()
    hall.session.challenge = Challenge.TURN_LEFT
    consent(hall)
    hall.customer.consent.agree.click()
    hall.until(lambda: hall.customer.look.challenge is not None)


def not_live(hall: Hall) -> None:
    hall.session.failures["compare"] = [KnownError(FailureCode.NOT_LIVE, Refusal.FACE_LOST.value)]
    consent(hall)
    hall.customer.consent.agree.click()
    hall.until_failure(FailureCode.NOT_LIVE)


def compared(hall: Hall) -> None:
    consent(hall)
    hall.customer.consent.agree.click()
    hall.until_way_on()


def notice(hall: Hall) -> None:
    hall.come_to(Step.NOTICE)
    hall.until_way_on()


def reading(hall: Hall) -> None:
    notice(hall)
    hall.key(Qt.Key.Key_Return)
    hall.until(lambda: hall.page.line == 0 and hall.page.primary_action.isEnabled())


def question_of_reading_again(hall: Hall) -> None:
    reading(hall)
    hall.key(Qt.Key.Key_F8)


def reading_that_died(hall: Hall) -> None:
    reading(hall)
    hall.session.tell_trouble(KnownError(FailureCode.RECORDER_FAILED))
    hall.until_failure(FailureCode.RECORDER_FAILED)


def leave(hall: Hall) -> None:
    reading(hall)
    hall.key(Qt.Key.Key_Escape)


def signature(hall: Hall) -> None:
    hall.come_to(Step.SIGNATURE)
    hall.until(lambda: hall.customer.page is hall.customer.signing)


def sealing(hall: Hall) -> None:
    hall.session.may_go_on.clear()
    hall.come_to(Step.SEAL)
    hall.until(lambda: hall.session.calls("seal") == 1)


def finish(hall: Hall) -> None:
    hall.come_to(Step.SEAL)
    hall.until(lambda: hall.page.outcome_shown is not None and hall.page.primary_action.isEnabled())


def finish_that_did_not_print(hall: Hall) -> None:
    hall.counter.printer_failures = [KnownError(FailureCode.PRINTER_FAILED)]
    finish(hall)
    hall.key(Qt.Key.Key_F7)
    hall.until_failure(FailureCode.PRINTER_FAILED)


PAGES: dict[Callable[[Hall], None], frozenset[Qt.Key]] = {
    **dict.fromkeys(
        (start, start_with_a_number, start_that_failed, opening, card, card_unread, precheck, unusable_card),
        frozenset(),
    ),
    **dict.fromkeys((consent, challenge, not_live, compared, notice, reading, reading_that_died), frozenset()),
    **dict.fromkeys((signature, sealing, finish, finish_that_did_not_print), frozenset()),
    # Where it was asked whether to destroy something, these keys say yes.
    question_of_refusal: frozenset({Qt.Key.Key_F10}),
    question_of_reading_again: frozenset({Qt.Key.Key_F10}),
    leave: frozenset(F_KEYS[:4]),
}


# It is the customer's turn: on a shared screen their side is in front.
CUSTOMERS_TURN = (card, consent, challenge, reading, signature)


@pytest.fixture
def make(qtbot, fast_reader, monkeypatch):
    halls: list[Hall] = []

    def make(shared: bool = False) -> Hall:
        hall = Hall(qtbot)
        halls.append(hall)
        hall.session.text = BRIEF
        hall.clerk.share_screen(shared)
        hall.until(hall.clerk.isActiveWindow)  # before that no key of it is alive
        return hall

    yield make
    for hall in halls:
        let_go(hall)
        hall.close()


def let_go(hall: Hall) -> None:
    """What the page was held in the middle of may come to its end."""
    for held in (hall.session.may_go_on, hall.session.card_is_down, hall.counter.may_open):
        held.set()


def place(hall: Hall) -> tuple[object, ...]:
    """Where the clerk stands."""
    view = hall.clerk.view
    if view is None:
        return (None, hall.clerk.start.isEnabled(), hall.counter.opening.is_set())
    return (
        view.step,
        view._stack.currentWidget(),
        getattr(view.page, "line", None),
        hall.session.state,
        hall.session.next_step,
    )


def settle(hall: Hall) -> None:
    """Until what a key began has come to its end, or to where the page is held."""
    for _ in range(3):
        QApplication.processEvents()
    session = hall.session
    held = not (session.may_go_on.is_set() and session.card_is_down.is_set() and hall.counter.may_open.is_set())
    hall.until(lambda: held or (hall.clerk._background.idle() and _is_idle(hall)))
    QApplication.processEvents()


def _is_idle(hall: Hall) -> bool:
    return hall.clerk.view is None or hall.clerk.view.workplace.background.idle()


def is_recorded(hall: Hall) -> bool:
    view = hall.clerk.view
    return view is not None and getattr(view.page, "line", None) is not None


def nothing_is_lost(hall: Hall, restarts: int | None) -> None:
    """The session, and its recording where one was running, with `restarts` so far; and no mistake of ours."""
    session = hall.session
    assert session.ended is None
    assert not hall.clerk.bug_banner.isVisible()
    assert restarts is None or (session.calls("restart_recording") == restarts and hall.clerk.view is not None)


def complete(hall: Hall) -> None:
    """Go on as a clerk and a customer do, by what is on offer on the screens, to the end of the session."""
    let_go(hall)

    def step_on() -> bool:
        clerk, customer = hall.clerk, hall.customer
        clerk.turn_to(customer=False)
        view = clerk.view
        if view is None:
            if hall.session.state in (SessionState.SEALED, SessionState.REFUSED):
                return True
            if clerk.start.number.isEnabled() and hall.clerk._background.idle():
                clerk.start.number.clear()
                QTest.keyClicks(clerk.start.number, "13800000021")
                hall.key(Qt.Key.Key_Return)
            return False
        page = view.page
        if view._stack.currentWidget() is view.question and not hall.session.usable:
            hall.key(Qt.Key.Key_F10)
        elif view._stack.currentWidget() is not page:
            hall.key(Qt.Key.Key_Escape)
        elif page.banner.isVisible() and page.banner.again.isEnabled():
            hall.key(Qt.Key.Key_F5)
        elif customer.page is customer.consent and customer.consent.agree.isEnabled():
            customer.consent.agree.click()
        elif view.step == Step.SIGNATURE:
            sign(hall)
        elif page.primary_action.isEnabled():
            hall.key(Qt.Key.Key_Return)
        return False

    hall.until(step_on)
    assert hall.session.state is (SessionState.SEALED if hall.session.usable else SessionState.REFUSED)


def sign(hall: Hall) -> None:
    signing = hall.customer.signing
    if hall.customer.page is not signing:
        return
    hall.clerk.turn_to(customer=True)
    if signing.accept.isEnabled():
        signing.accept.click()
    elif not signing.pad.strokes:
        write(signing.pad)


@pytest.mark.parametrize(("come_to", "answers"), PAGES.items(), ids=[page.__name__ for page in PAGES])
def test_no_key_pressed_twice_loses_anything(make, come_to: Callable[[Hall], None], answers: frozenset[Qt.Key]) -> None:
    hall = None
    for key in KEYS:
        if key in answers:
            continue
        if hall is None:
            hall = make()
            come_to(hall)
            stood = place(hall)
            restarts = hall.session.calls("restart_recording") if is_recorded(hall) else None
        hall.clerk.turn_to(customer=False)
        for _ in range(2):
            hall.key(key)
        settle(hall)
        nothing_is_lost(hall, restarts)
        if place(hall) != stood:  # it was the way on, or a question: what there is now is as good as before
            complete(hall)
            hall = None
    if hall is not None:
        complete(hall)


@pytest.mark.parametrize("come_to", [question_of_refusal, question_of_reading_again, leave])
def test_a_number_that_is_typed_where_something_can_be_destroyed_destroys_nothing(make, come_to) -> None:
    hall = make()
    come_to(hall)
    stood = place(hall)
    restarts = hall.session.calls("restart_recording")
    for number in ("13900000000", "9876543210"):
        QTest.keyClicks(hall.clerk.focusWidget() or hall.clerk, number)
    settle(hall)
    nothing_is_lost(hall, restarts)
    assert hall.session.calls("refuse") == 0
    assert place(hall) == stood
    complete(hall)


@pytest.mark.parametrize("come_to", CUSTOMERS_TURN, ids=[page.__name__ for page in CUSTOMERS_TURN])
def test_no_key_of_the_clerks_answers_for_the_customer(make, come_to: Callable[[Hall], None]) -> None:
    """On one screen, with the customer's side in front: only the key that swaps the sides does anything.

    And the key that stops a check, which answers nothing: see test_screens.
    """
    hall = make(shared=True)
    come_to(hall)
    hall.until(lambda: hall.clerk.shows_customer)
    stood, shown = place(hall), hall.customer.page
    stops = shown is hall.customer.look
    for key in KEYS:
        if key is not Qt.Key.Key_F12 and not (stops and key is Qt.Key.Key_Escape):
            for _ in range(2):
                hall.key(key)
        settle(hall)
        assert (place(hall), hall.customer.page, hall.clerk.shows_customer) == (stood, shown, True), key
    assert hall.session.ended is None
    hall.key(Qt.Key.Key_F12)
    assert not hall.clerk.shows_customer
    complete(hall)
