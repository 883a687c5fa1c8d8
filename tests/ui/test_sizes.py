"""Every page at every size that a hall's screens have: the windows fit, and the way on is in sight."""

import itertools
import os
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPoint, QSize
from PySide6.QtWidgets import QLineEdit, QWidget

from hallclient.domain.failures import FailureCode, KnownError
from tests.ui.pages import (
    Counter,
    access_pages,
    cut,
    in_sight,
    locked_counter,
    login_window,
    review_window,
    staff_pages,
    staff_window,
    unsaid_deadline,
)
from ui.widgets.key_button import KeyButton

pytestmark = [
    pytest.mark.may_log(r"bug [0-9A-Z]{6}\nZeroDivisionError"),  # a page that `walk` shows
    pytest.mark.usefixtures("fast_reader"),
]

# Width and height as Qt lays out, and the desktop's scale: 1024x768 to 4K at 100, 150 and 200 %.
# 4K at 200 % is laid out as 1920x1080 at 100 %. `python -m tests.screenshots` draws
# them all, each at its screen's true pixel ratio.
SIZES = [
    (QSize(1024, 768), 1.0),
    (QSize(683, 512), 1.5),
    (QSize(512, 384), 2.0),
    (QSize(1366, 768), 1.0),
    (QSize(911, 512), 1.5),
    (QSize(683, 384), 2.0),
    (QSize(1920, 1080), 1.0),
    (QSize(1280, 720), 1.5),
    (QSize(960, 540), 2.0),
    (QSize(3840, 2160), 1.0),
    (QSize(2560, 1440), 1.5),
]
# The low ones less a window's title bar or a desktop's task bar, of this many pixels of the screen.
_BAR, _LOW = 30, 768
BARRED = [
    (QSize(size.width(), size.height() - round(_BAR / scale)), scale)
    for size, scale in SIZES
    if round(size.height() * scale) <= _LOW
]
ALL = [*SIZES, *BARRED]
NAMES = [f"{size.width()}x{size.height()}@{scale:g}" for size, scale in ALL]
# A session is walked at the lowest ones, and on a 1920x1080 screen at each scale; `make soak` walks one at them all.
_USUAL = [(QSize(1920, 1080), 1.0), (QSize(1280, 720), 1.5), (QSize(960, 540), 2.0)]
WALKED = ALL if os.environ.get("HALLCLIENT_ALL_SIZES") else [*_USUAL, *BARRED]
WALKED_NAMES = [NAMES[ALL.index(each)] for each in WALKED]
_TOUCH = 44  # pixels of the screen, or device-independent ones where there is room for them
_CUSTOMERS = ("agree", "disagree", "back", "sure", "read", "accept", "clear")  # the buttons of their pages


@pytest.mark.parametrize(("wanted", "scale"), WALKED, ids=WALKED_NAMES)
@pytest.mark.parametrize("shared", [False, True], ids=["two screens", "one screen"])
def test_on_every_page_the_way_on_is_in_sight_and_nothing_is_cut_or_scrolls(qapp, qtbot, wanted, scale, shared) -> None:
    counter = Counter(wanted, shared=shared, pixel_ratio=scale)
    found = []
    try:
        for name in counter.walk():
            for _ in range(3):  # what a part's new size hides or shows gives the others theirs
                qapp.processEvents()
            assert counter.clerk.size() == wanted, name
            assert counter.customer.window().size() == wanted, name
            if shared and counter.clerk.shows_customer:
                theirs = counter.customer.page
                buttons = [getattr(theirs, part) for part in _CUSTOMERS if hasattr(theirs, part)]
                buttons = [one for one in buttons if one.isVisible()]
                window = counter.clerk
            else:
                buttons, window = counter.ways_on(), counter.clerk
                assert buttons, name
            for button in buttons:
                assert in_sight(button, window), (name, button.text(), button.geometry())
                assert button.height() * scale >= _TOUCH, (name, button.text())
            if name == "sign":  # nobody signs what they cannot read
                text = counter.customer.signing.text
                assert text.height_scrolled == 0
                last = text.lines[-1]
                end = last.mapTo(text, last.rect().bottomLeft()).y()
                assert 0 < text.key_sentence.y() - end < 2 * text.key_sentence.height(), "they belong together"
            found += [(name, *one) for one in unsaid_deadline(counter)]
            for window in {counter.clerk, counter.customer.window()}:
                found += [(name, *one) for one in cut(window)]
    finally:
        counter.close()
    assert not found


@pytest.mark.parametrize(("size", "scale"), ALL, ids=NAMES)
def test_login_is_possible_at_every_size_and_nothing_is_cut(qapp, qtbot, size, scale) -> None:
    window = login_window(size, scale)
    qtbot.addWidget(window)
    qapp.processEvents()
    assert window.size() == size
    assert in_sight(window.button, window)
    assert window.button.height() * scale >= _TOUCH
    assert not cut(window)
    window.show_error(KnownError(FailureCode.LOGIN_WRONG))
    qtbot.waitUntil(lambda: in_sight(window.banner, window))


@pytest.mark.parametrize(("size", "scale"), ALL, ids=NAMES)
def test_before_the_login_nothing_is_cut(qapp, qtbot, size, scale) -> None:
    window = login_window(size, scale)
    qtbot.addWidget(window)
    found = []
    for name in access_pages(window):
        for _ in range(3):
            qapp.processEvents()
        page = window.shown_page
        assert window.size() == size, name
        assert page.banner.isVisible() or in_sight(page.button, window), name
        assert page.button.height() * scale >= _TOUCH, name
        found += [(name, *one) for one in cut(window) if not page.banner.isVisible()]
    assert not found


@pytest.mark.parametrize(("size", "scale"), WALKED, ids=WALKED_NAMES)
@pytest.mark.parametrize("shared", [False, True], ids=["two screens", "one screen"])
def test_the_lock_covers_at_every_size(qapp, qtbot, size, scale, shared) -> None:
    counter = locked_counter(size, scale, shared=shared)
    try:
        for _ in range(3):
            qapp.processEvents()
        page = counter.clerk.lock_page
        assert counter.clerk.size() == size
        assert page.size() == size
        assert in_sight(page.button, counter.clerk)
        assert page.button.height() * scale >= _TOUCH
        assert not cut(counter.clerk)
        assert not cut(counter.customer.window())
    finally:
        counter.close()


@pytest.mark.parametrize(("size", "scale"), ALL, ids=NAMES)
def test_an_administrator_reaches_everything_at_every_size(qapp, qtbot, size, scale) -> None:
    window = staff_window(size, scale)
    qtbot.addWidget(window)
    found = []
    for name in staff_pages(window):
        for _ in range(3):
            qapp.processEvents()
        assert window.size() == size, name
        buttons = [one for one in window.page.findChildren(KeyButton) if one.isVisible()]
        assert buttons, name
        for button in buttons:
            assert in_sight(button, window), (name, button.text())
        found += [(name, *one) for one in cut(window)]
    with qtbot.waitSignal(window.closed):
        window.close()
    assert not found


@pytest.mark.parametrize(
    ("there", "usual"),
    [
        (QSize(1366, 728), QSize(640, 680)),
        (QSize(3840, 2112), QSize(1760, 1870)),  # as much larger as the windows that come after it
        (QSize(911, 485), None),
        (QSize(640, 1000), None),
    ],
    ids=str,
)
def test_the_login_has_its_usual_size_or_all_of_a_small_screen(qtbot, monkeypatch, there, usual) -> None:
    window = login_window(QSize(400, 300))
    qtbot.addWidget(window)
    window.hide()
    monkeypatch.setattr(window, "screen", lambda: SimpleNamespace(availableSize=lambda: there))
    window.present()
    assert window.isVisible()
    assert window.isMaximized() is (usual is None)
    assert usual is None or window.size() == usual


def test_the_line_that_is_read_now_is_in_sight(qapp, qtbot) -> None:
    """Where the clerk's list is longer than its place it follows the customer."""
    counter = Counter(QSize(683, 384), shared=True)  # at 100 %: no hall has it, and here it scrolls
    try:
        assert "reading" in counter.walk()
        counter.clerk.turn_to(customer=False)
        page = counter.page
        for line in (page.lines[-1], page.lines[0]):
            page.keep_in_sight(line)
            qtbot.waitUntil(lambda line=line: in_sight(line, counter.clerk))
        assert page.line == 1
        page.keep_in_sight(page.lines[-1])
        qtbot.waitUntil(lambda: not in_sight(page.lines[1], counter.clerk))
        page._show_due(None)
        qtbot.waitUntil(lambda: in_sight(page.lines[1], counter.clerk))
    finally:
        counter.close()


# The last two: 1366x768 less a higher task bar.
@pytest.mark.parametrize(("size", "scale"), [*ALL, (QSize(1366, 720), 1.0), (QSize(911, 480), 1.5)], ids=str)
def test_a_decision_is_possible_at_every_size_without_scrolling(qapp, qtbot, size, scale) -> None:
    window = review_window(size, scale)
    qtbot.addWidget(window)
    for _ in range(3):
        qapp.processEvents()
    assert window.size() == size
    assert all(in_sight(button, window) for button in window.verdict.findChildren(KeyButton))
    assert not cut(window)
    places = [
        part.rect().translated(part.mapTo(window, QPoint(0, 0)))
        for part in window.verdict.findChildren(QWidget)
        if isinstance(part, KeyButton | QLineEdit)
    ]
    assert not [pair for pair in itertools.combinations(places, 2) if pair[0].intersects(pair[1])]
    with qtbot.waitSignal(window.closed):
        window.close()
