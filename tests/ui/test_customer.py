"""What stays in the customer's window of the customer before, and how they refuse."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from hallclient.devices import Frame
from hallclient.domain.evidence.receipt import Outcome
from tests.ui.doubles import CONSENT, NOTICE
from tests.ui.pages import suppose
from ui import wording
from ui.customer.consent import ConsentPage
from ui.customer.window import CustomerWindow
from ui.latest_value import LatestValue
from ui.widgets.text import Text


@pytest.fixture
def customer(qtbot) -> CustomerWindow:
    window = CustomerWindow(practice=True)
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show()
    return window


@pytest.mark.parametrize(
    "end",
    [
        CustomerWindow.welcome,
        CustomerWindow.show_abandoned,
        CustomerWindow.show_refused,
        lambda window: window.show_outcome(Outcome.PASSED),
    ],
)
def test_neither_face_nor_signature_of_a_customer_stays_behind_the_next_page(
    end: Callable[[CustomerWindow], None], customer: CustomerWindow, qtbot
) -> None:
    frames, levels = LatestValue(), LatestValue()
    frame = Frame(0.0, np.full((48, 64, 3), 90, np.uint8))
    look, reading, pad = customer.look, customer.reading, customer.signing.pad
    customer.begin_step(3, 6)
    customer.ask_look(frames)
    frames.offer(frame)
    qtbot.waitUntil(lambda: look.view.shows_image)
    customer.ask_reading(NOTICE, frames, levels)
    frames.offer(frame)
    qtbot.waitUntil(lambda: reading.view.shows_image)
    customer.ask_signature(NOTICE)
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=pad.rect().center())
    QTest.mouseMove(pad, pad.rect().center() + QPoint(20, 5))
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=pad.rect().center() + QPoint(40, 5))
    assert pad.point_count
    end(customer)
    frames.offer(frame)  # one that was under way
    QTest.qWait(0)
    assert (look.view.shows_image, reading.view.shows_image, pad.point_count) == (False, False, 0)
    customer.finish()


def tap(button: QPushButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def words(page: ConsentPage) -> list[str]:
    return [label.text() for label in page.findChildren(Text) if label.isVisible()]


@pytest.fixture
def asked(customer: CustomerWindow) -> Iterator[tuple[ConsentPage, list[bool]]]:
    """The page with the text, and what is answered from now on."""
    answers: list[bool] = []
    customer.consent_answered.connect(answers.append)
    customer.begin_step(3, 6)
    customer.ask_consent(CONSENT)
    yield customer.consent, answers
    customer.finish()


def test_to_refuse_is_asked_once_more_with_what_follows_from_it_and_a_way_back(asked) -> None:
    page, answers = asked
    text = words(page)
    assert text == [CONSENT.title, *CONSENT.lines, wording.Customer.CONSENT_HINT]
    tap(page.disagree)
    assert answers == []
    assert page.sentence == wording.Customer.DISAGREE_QUESTION
    question = [wording.Customer.DISAGREE_QUESTION, *wording.Customer.DISAGREE_MEANS, wording.Customer.DISAGREE_HINT]
    assert words(page) == question
    assert [page.back.isVisible(), page.sure.isVisible()] == [True, True]
    assert [page.agree.isVisible(), page.disagree.isVisible()] == [False, False]
    tap(page.back)
    assert answers == []
    assert words(page) == text
    assert page.sentence == CONSENT.title
    tap(page.disagree)
    tap(page.sure)
    assert answers == [False]
    for button in (page.back, page.sure, page.agree, page.disagree):
        button.click()  # one answer only
    assert answers == [False]


@pytest.mark.parametrize(
    ("width", "height", "scale"),
    [(1280, 800, 1.0), (512, 384, 2.0), (683, 384, 2.0), (911, 512, 1.5), (3840, 2160, 1.0)],
)
def test_a_second_tap_of_the_same_finger_refuses_nothing(asked, customer, qtbot, width, height, scale) -> None:
    page, answers = asked
    suppose(scale, customer)
    customer.resize(width, height)
    QTest.qWait(0)
    place = page.disagree.mapTo(page, page.disagree.rect().center())
    tap(page.disagree)
    qtbot.waitUntil(lambda: page.back.width() > 0 and page.back.x() < page.sure.x())
    page.column.activate()
    assert not page.sure.geometry().contains(place)
    assert page.back.geometry().contains(place)
    assert answers == []


def test_neither_answer_is_recommended_and_no_key_gives_one(asked) -> None:
    page, _ = asked
    buttons = (page.agree, page.disagree, page.back, page.sure)
    assert {button.property("rank") for button in buttons} == {"customer"}
    assert {button.focusPolicy() for button in buttons} == {Qt.FocusPolicy.NoFocus}


def test_another_customer_is_asked_from_the_text_on(asked, customer) -> None:
    page, answers = asked
    tap(page.disagree)
    customer.welcome()
    customer.begin_step(3, 6)
    customer.ask_consent(CONSENT)
    assert page.sentence == CONSENT.title
    tap(page.agree)
    assert answers == [True]
