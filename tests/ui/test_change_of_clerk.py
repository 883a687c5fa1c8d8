"""One counter, one person after the other, without a new start of the application."""

import pytest

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.staff import Role, Staff
from tests.clock import HandClock
from tests.ui import doubles, review_doubles
from tests.ui.doubles import Step
from tests.ui.pages import PRACTICE
from ui import wording
from ui.app import App, Services


class Opened:
    def __init__(self, log: list[str], name: str) -> None:
        self.log, self.name = log, name

    def close(self) -> None:
        self.log.append(self.name)


class Hall(doubles.OwnAccess):
    """Knows three people."""

    def __init__(self) -> None:
        super().__init__()
        self.session = doubles.Session()
        self.counters: list[doubles.Counter] = []
        self.closed: list[str] = []
        self.desk = doubles.StaffDesk()

    def log_in(self, number: str, password: str, code: str, preparation: object) -> Services:
        role = {"1": Role.CLERK, "2": Role.SUPERVISOR, "9": Role.ADMINISTRATOR}[number[0]]
        counter = None
        if role is Role.CLERK:
            counter = doubles.Counter(self.session)
            self.counters.append(counter)
        desk = review_doubles.ReviewDesk([]) if role is Role.SUPERVISOR else None
        return Services(
            Staff(number, role),
            doubles.Dispatch(),
            counter=counter,
            desk=desk,
            people=self.desk if role is Role.ADMINISTRATOR else None,
            lock=doubles.Lock(),
            closing=(Opened(self.closed, number),),
        )


@pytest.fixture
def hall() -> Hall:
    return Hall()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def app(qtbot, hall, clock):
    made = App(hall, None, clock)
    made.start(full_screen=False, locks=True)
    yield made
    with qtbot.waitSignal(made.ended):
        (made.main or made.login).close()


def log_in(qtbot, app: App, number: str) -> None:
    with qtbot.waitSignal(app.ready):
        app.login.number.setText(number)
        app.login.password.setText(doubles.RIGHT_PASSWORD)
        app.login.code.setText(doubles.RIGHT_CODE)
        app.login.enter.trigger()


def leave_alone(app: App, clock: HandClock) -> None:
    clock.advance(300)
    app.lock.watch.look()
    assert app.main.locked


def test_another_clerk_takes_over_and_nothing_that_was_begun_is_lost(qtbot, app, hall, clock) -> None:
    log_in(qtbot, app, "1001")
    hall.session.come_to(Step.PRECHECK)
    app.clerk.start.number.setText("13800000021")
    with qtbot.waitSignal(app.clerk.session_shown):
        app.clerk.start.start.trigger()
    qtbot.waitUntil(lambda: app.clerk.view.page is not None and app.clerk.view.page.primary_action.isEnabled())
    leave_alone(app, clock)
    with qtbot.waitSignal(app.login_again):
        app.clerk.lock_page.change.trigger()
    assert hall.closed == ["1001"]
    assert hall.session.calls("close") == 1  # kept, to be continued: neither abandoned nor sealed
    assert hall.session.calls("abandon") == 0
    assert app.login.isVisible()
    assert (app.clerk, app.customer, app.lock) == (None, None, None)
    log_in(qtbot, app, "1002")
    assert app.clerk.isVisible()
    assert not app.clerk.locked
    leave_alone(app, clock)


@pytest.mark.parametrize(("first", "then"), [("2001", "1001"), ("1001", "9001"), ("9001", "2001")])
def test_any_role_follows_any_other(qtbot, app, hall, clock, first: str, then: str) -> None:
    log_in(qtbot, app, first)
    leave_alone(app, clock)
    with qtbot.waitSignal(app.login_again):
        app.main.lock_page.change.trigger()
    log_in(qtbot, app, then)
    assert hall.closed == [first]
    assert app.main.isVisible()


def test_who_takes_over_may_also_close_it(qtbot, app, hall, clock) -> None:
    log_in(qtbot, app, "1001")
    leave_alone(app, clock)
    with qtbot.waitSignal(app.login_again):
        app.clerk.lock_page.change.trigger()
    assert app.main is None


@pytest.mark.parametrize("error", [None, KnownError(FailureCode.STORE_BUSY)], ids=str)
def test_after_a_removal_the_administrator_logs_in_anew(qtbot, app, hall, error: KnownError | None) -> None:
    log_in(qtbot, app, "9001")
    hall.desk.refuses_with = None
    qtbot.waitUntil(lambda: app.people.people.count() == 5)
    hall.desk.refuses_with = error
    app.people.people.setCurrentRow(0)
    app.people.person.remove.trigger()
    with qtbot.waitSignal(app.login_again):
        app.people.removal.enter.trigger()
    assert hall.closed == ["9001"]
    expected = wording.StaffWindow.REMOVED.format(number="1001") if error is None else error.failure.remedy
    assert app.login.banner.remedy.text() == expected
    hall.desk.refuses_with = None


def test_the_practice_logins_stand_on_every_login_and_every_lock(qtbot, app, hall, clock) -> None:
    app.offer_practice(PRACTICE)
    log_in(qtbot, app, "1001")
    leave_alone(app, clock)
    assert "123456" in app.clerk.lock_page.practice.text()
    with qtbot.waitSignal(app.login_again):
        app.clerk.lock_page.change.trigger()
    assert "123456" in app.login.page.practice.text()


def test_a_rehearsal_is_never_locked(qtbot, hall, clock) -> None:
    rehearsed = App(hall, None, clock)
    rehearsed.start(full_screen=False)
    log_in(qtbot, rehearsed, "1001")
    assert rehearsed.lock is None
    assert not rehearsed.clerk.lock_now.isEnabled()
    with qtbot.waitSignal(rehearsed.ended):
        rehearsed.clerk.close()
