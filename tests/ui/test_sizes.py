"""Every page at every size that a hall's screens have: the windows fit, and the way on is in sight."""

import itertools
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPoint, QSize
from PySide6.QtWidgets import QLineEdit, QWidget

from hallclient.domain.failures import FailureCode, KnownError
from tests.ui.pages import Counter, cut, in_sight, login_window, review_window
from ui.scale import CLERKS_DESIGN, CUSTOMERS_DESIGN, window_factor
from ui.widgets.key_button import KeyButton

pytestmark = [
    pytest.mark.may_log(r"bug [0-9A-Z]{6}\nZeroDivisionError"),  # a page that `walk` shows
    pytest.mark.usefixtures("fast_reader"),
]

# Width and height as Qt lays out, and the desktop's scale: the least, the usual one at 100, 150 and 200 %, 4K.
# `python -m tests.screenshots` draws these and the others.
SIZES = [
    (QSize(1024, 768), 1.0),
    (QSize(1366, 768), 1.0),
    (QSize(911, 512), 1.5),
    (QSize(683, 384), 2.0),
    (QSize(3840, 2160), 1.0),
]
NAMES = [f"{size.width()}x{size.height()}@{scale:g}" for size, scale in SIZES]
# Of 1366x768: what a low screen scrolls, on which page. The clerk's list of lines follows the one that is read.
_MAY_SCROLL_AT_150 = {("bug", "Surface"), ("notice", "NoticePage"), ("reading", "NoticePage"), ("finish", "FinishPage")}
_CUSTOMERS = ("agree", "disagree", "read", "accept", "clear")  # the buttons of their pages


@pytest.mark.parametrize(("wanted", "scale"), SIZES, ids=NAMES)
@pytest.mark.parametrize("shared", [False, True], ids=["two screens", "one screen"])
def test_the_way_on_is_in_sight_on_every_page(qapp, qtbot, wanted, scale, shared) -> None:
    counter = Counter(wanted, shared=shared, pixel_ratio=scale)
    try:
        for name in counter.walk():
            qapp.processEvents()
            assert counter.clerk.size() == wanted, name
            assert counter.customer.window().size() == wanted, name
            if shared and counter.clerk.shows_customer:
                theirs = counter.customer.page
                buttons = [one for one in (getattr(theirs, part, None) for part in _CUSTOMERS) if one is not None]
                window = counter.clerk
            else:
                buttons, window = counter.ways_on(), counter.clerk
                assert buttons, name
            for button in buttons:
                assert in_sight(button, window), (name, button.text(), button.geometry())
                assert button.height() >= 44, (name, button.text())
    finally:
        counter.close()


@pytest.mark.parametrize("wanted", [QSize(1024, 768), QSize(1366, 768), QSize(911, 512)], ids=str)
@pytest.mark.parametrize("shared", [False, True], ids=["two screens", "one screen"])
def test_nothing_is_cut_and_nothing_scrolls_at_the_usual_sizes(qapp, qtbot, wanted, shared) -> None:
    counter = Counter(wanted, shared=shared, pixel_ratio=1.5 if wanted.width() == 911 else None)
    may_scroll = _MAY_SCROLL_AT_150 if wanted.width() == 911 else ()
    found = []
    try:
        for name in counter.walk():
            for _ in range(3):  # what a part's new size hides or shows gives the others theirs
                qapp.processEvents()
            for window in {counter.clerk, counter.customer.window()}:
                found += [(name, *one) for one in cut(window) if (name, one[0]) not in may_scroll]
    finally:
        counter.close()
    assert not found


@pytest.mark.parametrize("wanted", [QSize(1024, 768), QSize(1366, 768), QSize(911, 490)], ids=str)
def test_nothing_of_the_login_is_cut_at_the_usual_sizes(qapp, qtbot, wanted) -> None:
    window = login_window(wanted)
    qtbot.addWidget(window)
    qapp.processEvents()
    assert not cut(window)
    window.show_error(KnownError(FailureCode.LOGIN_WRONG))
    qtbot.waitUntil(lambda: in_sight(window.banner, window))


@pytest.mark.parametrize(
    ("there", "whole"), [(QSize(1366, 728), False), (QSize(911, 485), True), (QSize(640, 1000), True)], ids=str
)
def test_the_login_has_its_usual_size_or_all_of_a_small_screen(qtbot, monkeypatch, there, whole) -> None:
    window = login_window(QSize(400, 300))
    qtbot.addWidget(window)
    window.hide()
    monkeypatch.setattr(window, "screen", lambda: SimpleNamespace(availableSize=lambda: there))
    window.present()
    assert window.isVisible()
    assert window.isMaximized() is whole
    assert whole or window.size() == QSize(640, 680)


def test_the_line_that_is_read_now_is_in_sight(qapp, qtbot) -> None:
    """Where the clerk's list is longer than its place it follows the customer."""
    counter = Counter(QSize(683, 384), shared=True)
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


@pytest.mark.parametrize("size", [size for size, _ in SIZES], ids=NAMES)
def test_login_is_possible_at_every_size(qapp, qtbot, size) -> None:
    window = login_window(size)
    qtbot.addWidget(window)
    qapp.processEvents()
    assert window.size() == size
    assert in_sight(window.button, window)


@pytest.mark.parametrize("size", [QSize(911, 490), QSize(1024, 768), QSize(1366, 768)], ids=str)
def test_the_buttons_of_a_decision_do_not_overlap(qapp, qtbot, size) -> None:
    window = review_window(size)
    qtbot.addWidget(window)
    qapp.processEvents()
    assert window.size() == size
    places = [
        part.rect().translated(part.mapTo(window, QPoint(0, 0)))
        for part in window.verdict.findChildren(QWidget)
        if isinstance(part, KeyButton | QLineEdit)
    ]
    assert not [pair for pair in itertools.combinations(places, 2) if pair[0].intersects(pair[1])]
    with qtbot.waitSignal(window.closed):
        window.close()


@pytest.mark.parametrize("size", [QSize(1024, 768), QSize(1366, 768), QSize(3840, 2160)], ids=str)
def test_a_decision_is_possible_at_every_size(qapp, qtbot, size) -> None:
    window = review_window(size)
    qtbot.addWidget(window)
    qapp.processEvents()
    assert window.size() == size
    assert all(in_sight(button, window) for button in window.verdict.findChildren(KeyButton))
    with qtbot.waitSignal(window.closed):
        window.close()


@pytest.mark.parametrize(
    ("size", "pixel_ratio", "factor"),
    [
        ((1280, 800), 1.0, 1.0),
        ((1024, 768), 1.0, 1.0),  # never smaller than designed where a pixel is a pixel
        ((683, 384), 2.0, 0.5),  # as large as designed, in the screen's own pixels
        ((2560, 1600), 1.0, 2.0),
        ((1920, 1080), 1.0, 1.3125),
        ((7680, 4320), 1.0, 3.0),
    ],
)
def test_the_customers_type_follows_the_window(size, pixel_ratio, factor) -> None:
    assert customer_factor(QSize(*size), pixel_ratio) == pytest.approx(factor, abs=0.07)


@pytest.mark.parametrize(
    ("size", "factor"), [((1366, 768), 1.0), ((683, 384), 1.0), ((1920, 1080), 1.375), ((3840, 2160), 2.8)]
)
def test_the_clerks_type_grows_and_never_shrinks(size, factor) -> None:
    assert clerk_factor(QSize(*size)) == pytest.approx(factor, abs=0.07)
