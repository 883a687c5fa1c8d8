"""What stays in the customer's window of the customer before."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from hallclient.devices import Frame
from hallclient.domain.evidence.receipt import Outcome
from tests.ui.doubles import NOTICE
from ui.customer.window import CustomerWindow
from ui.newest import Newest


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
    frames, levels = Newest(), Newest()
    frame = Frame(0.0, np.full((48, 64, 3), 90, np.uint8))
    look, reading, pad = customer.look, customer.reading, customer.signing.pad
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
