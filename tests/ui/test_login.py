"""Login: a failure in its place, the password forgotten."""

import sys
import threading
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from hallclient.domain.failures import FAILURES, FailureCode, KnownError
from hallclient.domain.staff import Role, Staff
from hallclient.services.bug_log import report_bug
from tests.clock import HandClock
from tests.ui import doubles
from ui import wording
from ui.app import App, Services
from ui.bugs import BugWatch
from ui.widgets.failure_banner import FailureBanner


class Hall:
    def __init__(self, role: Role) -> None:
        self.role = role

    def log_in(self, number: str, password: str, code: str, equipment: object) -> Services:
        if password != "right-password":
            raise KnownError(FailureCode.LOGIN_WRONG)
        return Services(Staff(number, self.role), doubles.Dispatch())


@pytest.fixture
def app(qtbot):
    made = App(Hall(Role.ADMINISTRATOR), None, doubles.FixedClock())
    made.start(full_screen=False)
    yield made
    with qtbot.waitSignal(made.ended):
        made.login.close()


def enter(app: App, password: str) -> None:
    app.login.number.setText("9001")
    app.login.password.setText(password)
    app.login.code.setText("123456")
    QTest.keyClick(app.login.code, Qt.Key.Key_Return)


def test_wrong_password_is_said_in_place(qtbot, app) -> None:
    app.login.activateWindow()
    enter(app, "wrong")
    qtbot.waitUntil(app.login.banner.isVisible)
    assert app.login.banner.remedy.text() == FAILURES[FailureCode.LOGIN_WRONG].remedy
    assert (app.login.password.text(), app.login.code.text()) == ("", "")
    assert app.login.number.text() == "9001"


def test_enter_after_the_number_goes_to_the_password(qtbot, app) -> None:
    login = app.login
    login.present()
    qtbot.waitUntil(login.isActiveWindow)
    login.number.setFocus()
    QTest.keyClicks(login.number, "1001")
    QTest.keyClick(login.number, Qt.Key.Key_Return)
    assert login.password.hasFocus()


def test_enter_in_an_empty_number_stays_there(qtbot, app) -> None:
    """The number that is typed next would go unseen into the password."""
    login = app.login
    login.present()
    qtbot.waitUntil(login.isActiveWindow)
    login.number.setFocus()
    for typed in ("", "  "):
        login.number.setText(typed)
        QTest.keyClick(login.number, Qt.Key.Key_Return)
        assert login.number.hasFocus()
    login.number.clear()
    QTest.keyClicks(login.number, "1001")
    assert (login.number.text(), login.password.text()) == ("1001", "")


@pytest.mark.parametrize("size", [(640, 680), (1366, 768), (480, 420)])
def test_all_words_of_a_lock_can_be_read(qtbot, app, size: tuple[int, int]) -> None:
    login = app.login
    login.resize(*size)
    login.show()
    login.show_error(KnownError(FailureCode.LOGIN_LOCKED, "900 s", wait_s=900))
    qtbot.waitUntil(login.banner.remedy.isVisible)

    def whole() -> bool:
        words = login.banner.remedy, login.banner.cause
        return all(text.height() >= text.heightForWidth(text.width()) for text in words)

    qtbot.waitUntil(whole, timeout=5000)


def test_what_is_still_to_be_waited_is_counted_down(qtbot) -> None:
    clock = HandClock()
    banner = FailureBanner(monotonic=clock.monotonic)
    qtbot.addWidget(banner)
    banner.show_error(KnownError(FailureCode.LOGIN_LOCKED, wait_s=5), retriable=False)
    assert banner.remedy.text().startswith("请等 5 秒。")
    for passed_s, left in ((0.2, 5), (2.3, 3), (2.4, 1)):
        clock.advance(passed_s)
        banner._second.timeout.emit()
        assert banner.remedy.text().startswith(f"请等 {left} 秒。")
    clock.advance(0.2)
    banner._second.timeout.emit()
    assert banner.remedy.text() == wording.Banner.WAIT_OVER
    assert not banner._second.isActive()
    banner.show_error(KnownError(FailureCode.LOGIN_LOCKED, wait_s=5), retriable=False)
    banner.show_error(KnownError(FailureCode.LOGIN_WRONG), retriable=False)
    assert not banner._second.isActive()


def test_a_code_that_was_used_says_to_wait_for_the_next_one(qtbot, app, monkeypatch) -> None:
    def used(*_: str) -> None:
        raise KnownError(FailureCode.CODE_USED)

    monkeypatch.setattr(app.login, "_login", used)
    app.login.activateWindow()
    enter(app, "right-password")
    qtbot.waitUntil(app.login.banner.isVisible)
    assert app.login.banner.remedy.text() == FAILURES[FailureCode.CODE_USED].remedy
    assert (app.login.password.text(), app.login.code.text()) == ("", "")


def test_the_way_on_waits_for_all_six_digits(qtbot, app) -> None:
    login = app.login
    login.present()
    qtbot.waitUntil(login.isActiveWindow)
    QTest.keyClicks(login.number, "9001")
    QTest.keyClicks(login.password, "right-password")
    for typed in ("12345", "12345a", "12 34 5"):
        login.code.setText(typed)
        assert not login.enter.isEnabled()
    login.code.setText("123 456")
    assert login.enter.isEnabled()


def test_enter_goes_from_field_to_field(qtbot, app) -> None:
    login = app.login
    login.present()
    qtbot.waitUntil(login.isActiveWindow)
    for field, word in ((login.number, "9001"), (login.password, "some words"), (login.code, "12345")):
        assert field.hasFocus()
        QTest.keyClicks(field, word)
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert login.code.hasFocus()
    QTest.keyClick(login.code, "6")
    login.number.setFocus()
    QTest.keyClick(login.number, Qt.Key.Key_Return)
    qtbot.waitUntil(login.banner.isVisible)  # it was tried: from wherever the cursor is


def test_a_practice_hall_shows_the_codes_of_now(qtbot, app) -> None:
    codes = ["111111"]
    app.login.show_practice(lambda: codes[0])
    page = app.login.page
    assert "111111" in page.practice.text()
    assert page._practice_second.isActive()
    codes[0] = "222222"
    page._practice_second.timeout.emit()
    assert "222222" in page.practice.text()


@pytest.mark.parametrize("password", ["right-password", "wrong"])
def test_what_a_login_opens_after_the_window_was_closed_is_closed_again(qtbot, monkeypatch, password: str) -> None:
    may_open, closed = threading.Event(), []
    hall = Hall(Role.CLERK)
    at_once = hall.log_in

    class Opened:
        def close(self) -> None:
            closed.append(True)

    def late(*login: object) -> Services:
        may_open.wait(60)
        return replace(at_once(*login), closing=(Opened(),))

    monkeypatch.setattr(hall, "log_in", late)
    app = App(hall, None, doubles.FixedClock())
    app.start(full_screen=False)
    app.login.number.setText("9001")
    app.login.password.setText(password)
    app.login.code.setText("123456")
    app.login.enter.trigger()
    assert not app.login.enter.isEnabled()
    with qtbot.waitSignal(app.ended):
        app.login.close()
        may_open.set()
    assert app.clerk is None
    assert closed == ([True] if password == "right-password" else [])


@pytest.mark.expects_log("a service could not be closed: store_unreadable", r"bug_log: bug [0-9A-Z]{6}\nOSError")
def test_a_service_that_cannot_be_closed_keeps_neither_the_others_nor_the_application(qtbot, monkeypatch) -> None:
    closed: list[object] = []

    class Opened:
        def __init__(self, failure: Exception | None) -> None:
            self.failure = failure

        def close(self) -> None:
            closed.append(self.failure)
            if self.failure is not None:
                raise self.failure

    failures = (KnownError(FailureCode.STORE_UNREADABLE), OSError("a path that nobody may read"), None)
    hall = Hall(Role.CLERK)
    opened = Services(Staff("9001", Role.CLERK), doubles.Dispatch(), closing=tuple(map(Opened, failures)))
    monkeypatch.setattr(hall, "log_in", lambda *_: opened)
    app = App(hall, None, doubles.FixedClock())
    app.start(full_screen=False)
    with qtbot.waitSignal(app.ended):
        app._let_go(opened)
    assert closed == list(failures)


def test_bug_watch_tells_and_passes_on(qtbot, monkeypatch) -> None:
    hooked: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: hooked.append(kind))
    watch = BugWatch()
    watch.install()
    with qtbot.waitSignal(watch.seen):
        sys.excepthook(ValueError, ValueError(), None)
    watch.uninstall()
    assert hooked == [ValueError]


def test_bug_watch_sees_threads(qtbot, monkeypatch) -> None:
    hooked: list[object] = []
    monkeypatch.setattr(threading, "excepthook", lambda arguments: hooked.append(arguments.exc_type))
    watch = BugWatch()
    watch.install()
    with qtbot.waitSignal(watch.seen):
        threading.Thread(target=lambda: int("no number")).start()
    watch.uninstall()
    assert hooked == [ValueError]


@pytest.mark.expects_log(r"bug [0-9A-Z]{6}\nZeroDivisionError")
def test_our_own_mistake_has_the_number_that_stands_in_the_log(qtbot, app, monkeypatch) -> None:
    error = ZeroDivisionError("13800000021")
    monkeypatch.setattr("sys.excepthook", lambda *_: None)
    monkeypatch.setattr(app.login, "_login", lambda number, password, code: _fail(error))
    app.login.activateWindow()
    enter(app, "any")
    qtbot.waitUntil(app.login.banner.isVisible)
    assert report_bug(error) in app.login.banner.remedy.text()
    assert "13800000021" not in app.login.banner.remedy.text()
    assert app.login.number.isEnabled()


def _fail(error: Exception) -> None:
    raise error
