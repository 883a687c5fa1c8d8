"""Which screen is whose, and what happens when one is plugged or pulled."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.liveness import Advice, Challenge
from tests.ui.pages import Counter, until
from ui import screens, wording
from ui.screens import Monitor, ScreenWatch, Seats, seats
from ui.steps.prompts import Prompt

pytestmark = [
    pytest.mark.may_log(r"bug [0-9A-Z]{6}\nZeroDivisionError"),  # a page that `walk` shows
    pytest.mark.usefixtures("fast_reader"),
]

MAIN = Monitor("main", QRect(0, 0, 1366, 768), primary=True)
RIGHT = Monitor("right", QRect(1366, 0, 1280, 800))
LEFT = Monitor("left", QRect(-1920, 0, 1920, 1080))
MIRROR = Monitor("mirror", QRect(0, 0, 1366, 768))


@pytest.mark.parametrize(
    ("monitors", "now", "found"),
    [
        ([], None, Seats(None, None)),
        ([MAIN], None, Seats("main", None)),
        ([MAIN, RIGHT], None, Seats("main", "right")),
        ([RIGHT, MAIN], None, Seats("main", "right")),
        ([MAIN, MIRROR], None, Seats("main", None)),  # it shows the clerk's screen: not the customer's own
        ([MAIN, RIGHT, LEFT], None, Seats("main", "left")),  # the largest
        ([MAIN, RIGHT, LEFT], "right", Seats("main", "right")),  # plugged in mid-session: nobody moves
        ([MAIN, LEFT], "right", Seats("main", "left")),  # theirs was pulled
        ([MAIN], "right", Seats("main", None)),
        ([RIGHT], "right", Seats("right", None)),  # the clerk's was pulled: the clerk has what is left
        ([RIGHT, LEFT], "right", Seats("right", "left")),  # none says that it is the first
    ],
)
def test_table(monitors: list[Monitor], now: str | None, found: Seats) -> None:
    assert seats(monitors, now) == found


@given(st.lists(st.tuples(st.integers(-4000, 4000), st.integers(800, 4000)), max_size=5), st.integers(0, 4))
def test_nobody_shares_a_screen_unless_there_is_no_other(places: list[tuple[int, int]], first: int) -> None:
    monitors = [
        Monitor(str(index), QRect(left, 0, width, 768), primary=index == first)
        for index, (left, width) in enumerate(places)
    ]
    found = seats(monitors)
    areas = {one.name: one.area for one in monitors}
    assert (found.clerk is None) == (not monitors)
    if found.customer is not None:
        assert not areas[found.customer].intersects(areas[found.clerk or ""])
    elif found.clerk is not None:
        assert all(area.intersects(areas[found.clerk]) for area in areas.values())
    for again in permutations(monitors):
        assert seats(again, found.customer).customer == found.customer or first >= len(monitors)


class Desk(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.shared: list[bool] = []

    def share_screen(self, shared: bool) -> None:
        self.shared.append(shared)


class Screens:
    """What Qt says of the screens, as the test wants it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        real = QGuiApplication.primaryScreen()
        self.first = Screen("first", QRect(0, 0, 1366, 768), real)
        self.second = Screen("second", QRect(1366, 0, 1280, 800), real)
        self.now = [self.first]
        self.moved: list[tuple[QWidget, str]] = []
        monkeypatch.setattr(screens, "_present", lambda: (self.now, self.now[0] if self.now else None))
        monkeypatch.setattr(screens, "_move", self._move)

    def _move(self, window: QWidget, screen: "Screen", area: QRect) -> None:
        self.moved.append((window, screen.name()))
        window.resize(area.size())

    def plug(self, *now: "Screen") -> None:
        self.now = list(now)
        # As Qt does, for any screen: who listens looks anew.
        QGuiApplication.instance().screenRemoved.emit(self.first.real)


class Screen:
    def __init__(self, name: str, area: QRect, real) -> None:
        self._name, self._area, self.real = name, area, real
        self.geometryChanged, self.availableGeometryChanged = real.geometryChanged, real.availableGeometryChanged

    def name(self) -> str:
        return self._name

    def geometry(self) -> QRect:
        return self._area

    def availableGeometry(self) -> QRect:  # noqa: N802  # Qt's name
        return self._area


@pytest.fixture
def plugs(monkeypatch, qapp) -> Screens:
    return Screens(monkeypatch)


def test_a_screen_that_is_plugged_and_pulled_moves_the_customers_window(qtbot, plugs) -> None:
    desk, customer = Desk(), QWidget()
    qtbot.addWidget(desk)
    qtbot.addWidget(customer)
    watch = ScreenWatch(desk, customer, desk)
    watch.arrange()
    assert desk.shared == [True]
    plugs.plug(plugs.first, plugs.second)
    until(lambda: desk.shared == [True, False])
    assert (customer, "second") in plugs.moved
    assert customer.isFullScreen()
    plugs.plug()  # all are off for a moment
    plugs.plug(plugs.first)
    until(lambda: desk.shared == [True, False, True])
    assert plugs.moved[-1] == (desk, "first")
    count = len(plugs.moved)
    watch.arrange()
    assert len(plugs.moved) == count  # nothing changed: nothing moves
    watch.deleteLater()


SHARED = QSize(1366, 768)


@pytest.fixture
def counter(qtbot):
    made = Counter(SHARED, shared=True)
    yield made
    made.close()


def test_on_one_screen_the_side_in_front_is_whose_turn_it_is(counter) -> None:
    """The whole session: only what the customer has to do brings their side to the front."""
    theirs = {"card", "consent", "refusal", "challenge", "reading", "sign"}
    for name in counter.walk():
        assert counter.clerk.shows_customer == (name in theirs), name
        words = wording.OneScreen.CUSTOMERS_TURN if name in theirs else wording.OneScreen.CLERKS_TURN
        assert counter.clerk.strip._turn.text() == words
        assert counter.customer.isVisible() == (name in theirs), name
        assert counter.clerk.start.one_screen.text() == wording.OneScreen.NONE


def test_one_key_swaps_and_a_hidden_side_takes_no_key(counter) -> None:
    walk = counter.walk()
    assert "consent" in (name for name in walk)
    clerk = counter.clerk
    assert clerk.shows_customer
    counter.key(Qt.Key.Key_Escape)  # the clerk's page is behind: nothing is left
    counter.key(Qt.Key.Key_Return)
    counter.key(Qt.Key.Key_Space)  # and nobody answers for the customer
    assert clerk.view._stack.currentWidget() is clerk.view.page
    assert counter.session.calls("give_consent") == 0
    assert clerk.strip.swap.text() == wording.OneScreen.TO_CLERK
    assert clerk.strip._turn.text() == wording.OneScreen.CUSTOMERS_TURN
    counter.key(Qt.Key.Key_F12)
    assert not clerk.shows_customer
    assert clerk.strip.swap.text() == wording.OneScreen.TO_CUSTOMER
    counter.key(Qt.Key.Key_F12)
    assert clerk.shows_customer


def test_a_failure_comes_to_the_clerk_once(counter) -> None:
    counter.session.failures["compare"] = [KnownError(FailureCode.CAMERA_STOPPED)]
    assert "consent" in (name for name in counter.walk())
    counter.customer.consent.agree.click()
    until(counter.page.banner.isVisible)
    assert not counter.clerk.shows_customer
    counter.key(Qt.Key.Key_F12)
    counter.page.failed.emit(KnownError(FailureCode.CAMERA_STOPPED))  # said already
    assert counter.clerk.shows_customer
    counter.page.failed.emit(KnownError(FailureCode.CAMERA_MISSING))
    assert not counter.clerk.shows_customer
    counter.key(Qt.Key.Key_F5)
    until(lambda: counter.clerk.shows_customer or counter.page.primary_action.isEnabled())


def told_to(counter) -> list[Challenge | None]:
    """From now on: what the practice customer is told to do."""
    told: list[Challenge | None] = []
    counter.customer.asked.connect(told.append)
    return told


def come_to(counter, wanted: str) -> None:
    assert wanted in (name for name in counter.walk())


@pytest.mark.parametrize("shown_next", ["an issue", "a challenge"])
@pytest.mark.parametrize("replugged", [False, True])
def test_after_a_restart_of_the_face_process_the_customer_is_shown_what_to_do(
    counter, shown_next: str, replugged: bool
) -> None:
    come_to(counter, "challenge")
    told, clerk, customer = told_to(counter), counter.clerk, counter.customer
    counter.session.looks.clear()
    counter.counter.tell_face_worker()
    until(lambda: customer.look.sentence == wording.Customer.LOOK_PAUSED)
    assert not clerk.shows_customer
    assert counter.page.banner.remedy.text() == wording.Portrait.WORKER_RESTARTED
    assert told == [None]
    if replugged:
        clerk.share_screen(False)
        clerk.share_screen(True)
        assert not clerk.shows_customer  # it is nobody's turn yet
    if shown_next == "a challenge":
        counter.session.challenge = Challenge.NOD
    counter.session.looks.set()
    until(lambda: clerk.shows_customer)
    if shown_next == "a challenge":
        until(lambda: customer.look.challenge is Challenge.NOD)
        assert told == [None, Challenge.NOD]
    else:
        assert customer.look.sentence == wording.Customer.LOOK_GOOD
    assert customer.isVisible()
    clerk.share_screen(False)
    clerk.share_screen(True)
    assert clerk.shows_customer


def test_after_a_restart_only_another_look_ends_the_pause_and_why_it_is_asked_again_is_said(counter) -> None:
    come_to(counter, "challenge")
    page, customer = counter.page, counter.customer
    page._say_restarted()
    page._say_prompt(Prompt(None, Advice.AGAIN_UNSEEN))  # the check says it before anything was seen again
    assert customer.look.sentence == wording.Customer.LOOK_PAUSED
    why = wording.ADVICE[Advice.AGAIN_UNSEEN]
    until(lambda: customer.look.sentence == wording.Customer.LOOK_ISSUE.format(issue=why))
    assert page.status.text() == wording.Portrait.ISSUE.format(issue=why)
    page._say_restarted()
    page._say_newest_prompt()  # an advice that had been read by then brings nothing back either
    assert customer.look.sentence == wording.Customer.LOOK_PAUSED


def test_what_a_hidden_side_asks_nobody_does(counter) -> None:
    """The practice customer used to obey what nobody could read; each new challenge comes to the front all the same."""
    come_to(counter, "challenge")
    told, clerk = told_to(counter), counter.clerk
    counter.key(Qt.Key.Key_F12)
    assert told == [None]
    counter.key(Qt.Key.Key_F12)
    assert told == [None, Challenge.TURN_LEFT]
    counter.page._show_unheard(KnownError(FailureCode.DISK_FULL))
    assert not clerk.shows_customer
    assert told[2:] == [None]
    counter.session.challenge = Challenge.NOD
    until(lambda: clerk.shows_customer)
    assert told[3:] in ([Challenge.NOD], [Challenge.TURN_LEFT, Challenge.NOD])
    counter.session.challenge = None
    until(lambda: counter.customer.look.sentence == wording.Customer.BETWEEN)
    assert clerk.shows_customer  # the face is looked at between two challenges


def test_the_clerk_who_turns_away_from_a_check_is_left_on_their_side(counter) -> None:
    """The next prompt took the screen away from them 0.6 s later, and the key that was meant to stop did nothing."""
    come_to(counter, "challenge")
    clerk, customer = counter.clerk, counter.customer
    counter.key(Qt.Key.Key_F12)
    for challenge in (Challenge.NOD, Challenge.BLINK):
        counter.session.challenge = challenge
        until(lambda challenge=challenge: customer.look.challenge is challenge)
        assert not clerk.shows_customer
    counter.key(Qt.Key.Key_F12)
    assert clerk.shows_customer  # the clerk turned it back: from now on it follows again
    clerk.view.failed.emit(KnownError(FailureCode.DISK_FULL))
    assert not clerk.shows_customer
    counter.session.challenge = Challenge.NOD
    until(lambda: clerk.shows_customer)


def test_the_next_try_comes_to_the_front_though_the_clerk_had_turned_away(counter) -> None:
    come_to(counter, "challenge")
    counter.key(Qt.Key.Key_F12)
    counter.key(Qt.Key.Key_Escape)
    until(lambda: counter.customer.look.sentence == wording.Customer.LOOK_PAUSED)
    counter.key(Qt.Key.Key_Escape)  # back
    until(lambda: counter.clerk.shows_customer or counter.page.banner.isVisible())
    if not counter.clerk.shows_customer:
        counter.key(Qt.Key.Key_F5)
        until(lambda: counter.clerk.shows_customer)


def fail_a_try(counter) -> None:
    """The next one goes on until it is stopped."""
    counter.session.failures["compare"] = [KnownError(FailureCode.CAMERA_STOPPED)]
    come_to(counter, "consent")
    counter.session.may_go_on.clear()
    counter.session.challenge = Challenge.TURN_LEFT
    counter.customer.consent.agree.click()
    until(counter.page.banner.isVisible)
    assert not counter.clerk.shows_customer


@pytest.mark.parametrize("stopped", [False, True], ids=["failed", "stopped"])
@pytest.mark.parametrize("swaps", [0, 1, 2, 3])
def test_another_try_comes_to_the_front_however_often_the_clerk_looked_at_the_customers_side(
    counter, stopped: bool, swaps: int
) -> None:
    """To turn away from a page that only asks to wait is not to turn away from a check: the next one ran unseen."""
    clerk, customer = counter.clerk, counter.customer
    if stopped:
        come_to(counter, "challenge")
        counter.key(Qt.Key.Key_Escape)
        counter.key(Qt.Key.Key_Escape)  # back
        until(counter.page.banner.isVisible)
    else:
        fail_a_try(counter)
    for _ in range(swaps):
        counter.key(Qt.Key.Key_F12)
    assert clerk.shows_customer is bool(swaps % 2)
    if clerk.shows_customer:
        clerk.view.page.retry()  # its key belongs to the other side
    else:
        counter.key(Qt.Key.Key_F5)
    until(lambda: customer.look.challenge is Challenge.TURN_LEFT)
    assert clerk.shows_customer
    assert clerk.strip._turn.text() == wording.OneScreen.CUSTOMERS_TURN
    assert clerk.strip._stop.isVisible()


def test_where_nothing_is_checked_there_is_nothing_to_stop(counter) -> None:
    fail_a_try(counter)
    clerk = counter.clerk
    counter.key(Qt.Key.Key_F12)
    assert clerk.shows_customer
    assert counter.customer.page.sentence == wording.Customer.LOOK_PAUSED
    assert not clerk.strip._stop.isVisible()
    assert not clerk.strip.stop.isEnabled()
    counter.key(Qt.Key.Key_Escape)
    assert clerk.view._stack.currentWidget() is clerk.view.page  # nothing was opened behind it


def test_the_strip_calls_for_the_customer_only_where_they_have_something_to_do(counter) -> None:
    """Their side may be in front because the clerk looks at it: a page that says wait stood below a call to act."""
    clerk, customer = counter.clerk, counter.customer
    theirs = {"card", "consent", "refusal", "challenge", "reading", "sign"}
    seen = set()
    for name in counter.walk():
        front = clerk.shows_customer
        for side in (not front, front):
            counter.key(Qt.Key.Key_F12)
            assert clerk.shows_customer is side, name
            called = clerk.strip._turn.text() == wording.OneScreen.CUSTOMERS_TURN
            assert called == (side and customer.page.awaits_customer), name
            if side:
                assert called == (name in theirs or (name in {"leave", "question"})), name
        seen.add(name)
    assert theirs < seen
    customer.show_abandoned()
    counter.key(Qt.Key.Key_F12)
    assert clerk.shows_customer
    assert clerk.strip._turn.text() == wording.OneScreen.CLERKS_TURN


@pytest.mark.parametrize("by_key", [True, False])
def test_a_check_is_stopped_from_the_customers_side_as_from_the_clerks(counter, by_key: bool) -> None:
    come_to(counter, "challenge")
    clerk = counter.clerk
    assert clerk.shows_customer
    assert clerk.strip._stop.isVisible()
    if by_key:
        counter.key(Qt.Key.Key_Escape)
    else:
        QTest.mouseClick(clerk.strip._stop, Qt.MouseButton.LeftButton)
    until(lambda: counter.customer.look.sentence == wording.Customer.LOOK_PAUSED)
    assert not clerk.shows_customer
    assert not clerk.strip._stop.isVisible()
    assert clerk.view._stack.currentWidget() is clerk.view._leave_page
    assert clerk.view._leave_page.status.text() == wording.Leave.STATUS_CHECK_STOPPED


def test_after_the_last_challenge_nobody_is_told_to_wait_for_another(counter) -> None:
    come_to(counter, "challenge")
    counter.session.challenge = None
    until(lambda: counter.customer.look.sentence == wording.Customer.BETWEEN)
    counter.session.all_done = True
    until(lambda: counter.customer.look.sentence == wording.Customer.ALL_DONE)
    assert counter.customer.look.hint.text() == wording.Customer.ALL_DONE_HINT
    assert counter.page.status.text() == wording.Portrait.ALL_DONE


def test_while_the_microphone_is_muted_it_is_the_clerks_turn_and_no_longer(counter) -> None:
    come_to(counter, "reading")
    clerk, customer = counter.clerk, counter.customer
    for _ in range(2):
        assert clerk.shows_customer
        counter.session.tell_trouble(KnownError(FailureCode.MICROPHONE_SILENT))
        until(counter.page.banner.isVisible)
        assert not clerk.shows_customer
        clerk.share_screen(False)
        clerk.share_screen(True)
        assert not clerk.shows_customer
        counter.session.tell_trouble(None)
        until(lambda: clerk.shows_customer)
        assert customer.page is customer.reading
        assert not counter.page.banner.isVisible()
    assert counter.page.line == 1


def test_a_line_of_which_nothing_was_heard_is_said_to_the_clerk_and_read_on_by_their_key(counter) -> None:
    come_to(counter, "reading")
    clerk, customer = counter.clerk, counter.customer
    counter.session.failures["show_line"] = [KnownError(FailureCode.MICROPHONE_SILENT)]
    until(customer.reading.read.isEnabled)
    QTest.mouseClick(customer.reading.read, Qt.MouseButton.LeftButton)
    until(counter.page.banner.isVisible)
    assert not clerk.shows_customer  # the remedy is the clerk's
    until(counter.page.primary_action.isEnabled)
    counter.key(Qt.Key.Key_Return)
    until(lambda: clerk.shows_customer)
    assert counter.page.line == 2
    assert customer.reading._hint.text() == wording.Customer.READ_ALOUD


def test_a_line_that_is_turned_to_while_it_is_muted_stays_the_clerks(counter) -> None:
    come_to(counter, "reading")
    counter.session.tell_trouble(KnownError(FailureCode.MICROPHONE_SILENT))
    until(counter.page.banner.isVisible)
    until(counter.page.primary_action.isEnabled)
    counter.key(Qt.Key.Key_Return)
    until(lambda: counter.page.line == 2)
    assert not counter.clerk.shows_customer
    assert counter.customer.reading._hint.text() == wording.Customer.NOT_HEARD


def test_pulled_and_plugged_while_the_customer_reads_the_line_stays(counter) -> None:
    for name in counter.walk():
        if name == "reading":
            break
    clerk, customer = counter.clerk, counter.customer
    sentence = customer.page.sentence
    clerk.share_screen(False)
    assert customer.isWindow()
    assert customer.windowFlags() & Qt.WindowType.WindowDoesNotAcceptFocus
    assert not clerk.shows_customer
    assert not clerk.strip.swap.isEnabled()
    customer.show()
    assert (customer.page, customer.page.sentence) == (customer.reading, sentence)
    clerk.share_screen(True)
    assert clerk.shows_customer  # it is the customer's turn, and it is so at once
    assert customer.size() == clerk._sides.size()
    assert (customer.page, customer.page.sentence) == (customer.reading, sentence)
    until(customer.reading.read.isEnabled)
    line = counter.page.line
    QTest.mouseClick(customer.reading.read, Qt.MouseButton.LeftButton)
    until(lambda: counter.page.line == line + 1)


def test_the_practice_hand_covers_nothing_and_takes_no_key(counter) -> None:
    clerk = counter.clerk
    number, hand = clerk.start.number, clerk.strip.practice
    assert hand is not None
    until(clerk.start.isVisible)
    covered = hand.rect().translated(hand.mapTo(clerk, hand.rect().topLeft()))
    place = number.rect().translated(number.mapTo(clerk, number.rect().topLeft()))
    assert not covered.intersects(place)
    assert hand.window() is clerk
    number.setFocus()
    for button in hand.buttons:
        assert button.focusPolicy() is Qt.FocusPolicy.NoFocus
        assert button.accessibleName()
        assert button.height() >= 44
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        assert clerk.focusWidget() is number
