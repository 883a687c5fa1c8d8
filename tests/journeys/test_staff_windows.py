"""People come and go, through the windows and over a real hall: a clerk's first day, and the day they leave."""

import base64
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from hallclient.central.centre import Centre
from hallclient.domain.failures import FAILURES, FailureCode
from hallclient.domain.totp import code_at
from hallclient.services.own_access import is_certified
from hallclient.services.preparation import Preparation
from hallclient.storage import hall_file, revocations_file
from hallclient.system import SystemClock, SystemEntropy
from tests import doubles
from tests.clock import HandClock
from tests.hallclient.central.running import running
from tests.staff import FIRST, Person, real_hall
from ui import wording
from ui.app import App, LocalHall
from ui.login import LoginWindow

CLERK = "1001"
GOOD_PASSWORD = "seven blue kettles"
# Who takes over cuts off what the courier of the one before was just saying.
pytestmark = pytest.mark.may_log("nothing goes out: centre_unreachable", "contact: .*: centre_unreachable")


class Counter:
    """The application on one computer of a real hall, and the hands of whoever sits there."""

    def __init__(self, qtbot, folder: Path, url: str, clock: HandClock) -> None:
        self.qtbot, self.folder, self.clock = qtbot, folder, clock
        self.app = App(LocalHall(folder, clock, SystemEntropy(), url), Preparation.of(doubles.equipment(clock)), clock)
        self.app.start(full_screen=False, locks=True)

    def press(self, key: Qt.Key) -> None:
        window = self.app.main or self.app.login
        QTest.keyClick(window.focusWidget() or window, key)

    def write(self, *words: str) -> None:
        """From field to field, and on."""
        window: QWidget = self.app.main or self.app.login
        window.activateWindow()
        for word in words:
            QTest.keyClicks(window.focusWidget(), word)
            self.press(Qt.Key.Key_Return)

    def log_in(self, person: Person) -> None:
        self.clock.advance(60)  # each code lets one login pass
        with self.qtbot.waitSignal(self.app.ready):
            self.write(person.number, person.password, person.code(self.clock))

    def refusal(self, person: Person) -> str:
        self.clock.advance(60)
        login = self.app.login
        login.number.setText("")
        login.number.setFocus()
        self.write(person.number, person.password, person.code(self.clock))
        self.qtbot.waitUntil(login.banner.isVisible)
        assert self.app.main is None
        return login.banner.remedy.text()

    def change(self) -> LoginWindow:
        """Whoever is there goes, and somebody else may log in."""
        self.press(Qt.Key.Key_F11)
        assert self.app.main.locked
        with self.qtbot.waitSignal(self.app.login_again):
            self.press(Qt.Key.Key_F9)
        return self.app.login

    def invite(self, number: str) -> str:
        people = self.app.people
        self.qtbot.waitUntil(lambda: people.people.count() > 0)
        self.press(Qt.Key.Key_F2)
        self.write(number)
        self.qtbot.waitUntil(lambda: people.page is people.code)
        code = people.code.code.text().replace("\n", "")
        self.press(Qt.Key.Key_Return)
        assert people.code.code.text() == ""
        return code

    def join(self, number: str, code: str) -> Person:
        first_day = self.app.login.first_day
        self.press(Qt.Key.Key_F2)
        self.write(number, code.lower().replace("-", " "))
        self.qtbot.waitUntil(lambda: first_day.page is first_day.choice)
        self.write(GOOD_PASSWORD, GOOD_PASSWORD)
        secret = base64.b32decode("".join(first_day.authenticator.secret.text().split()))
        self.write(code_at(secret, self.clock.now()))
        self.qtbot.waitUntil(lambda: first_day.page is first_day.end)
        return Person(number, GOOD_PASSWORD, secret)


@pytest.fixture
def world(qtbot, tmp_path: Path) -> Iterator[tuple[Counter, Centre]]:
    clock = HandClock(dt.datetime.now(dt.UTC))  # TLS looks at the machine's own
    centre = Centre.create(tmp_path / "central", "test", False, SystemClock(), SystemEntropy())
    with running(centre) as url:
        real_hall(tmp_path / "hall", centre, clock, url)
        counter = Counter(qtbot, tmp_path / "hall", url, clock)
        yield counter, centre
        with qtbot.waitSignal(counter.app.ended):
            (counter.app.main or counter.app.login).close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_from_the_first_day_to_the_last(qtbot, world: tuple[Counter, Centre], keep_picture) -> None:
    counter, centre = world
    app, folder = counter.app, counter.folder
    counter.log_in(FIRST)
    code = counter.invite(CLERK)
    assert code.replace("-", "") not in (folder / hall_file.NAME).read_text()
    counter.change()
    clerk = counter.join(CLERK, code)
    end = app.login.first_day.end
    assert end.headline.text() == wording.FirstDay.PENDING
    keep_picture(app.login, "first_day_pending")
    counter.press(Qt.Key.Key_Return)
    assert counter.refusal(clerk) == FAILURES[FailureCode.STAFF_PENDING].remedy
    app.login.number.setText("")
    app.login.number.setFocus()
    counter.log_in(FIRST)  # a colleague, whose application speaks with the centre
    qtbot.waitUntil(lambda: is_certified(folder, CLERK))
    counter.change()
    counter.log_in(clerk)
    assert app.clerk is not None
    app.clerk.start.number.setFocus()
    with qtbot.waitSignal(app.clerk.session_shown):
        counter.write("13800000021")
    keep_picture(app.clerk, "first_session")
    counter.change()
    heard = (folder / revocations_file.NAME).read_bytes()
    centre.revoke_staff(CLERK, "left")
    counter.log_in(FIRST)
    qtbot.waitUntil(lambda: (folder / revocations_file.NAME).read_bytes() != heard)
    counter.change()
    assert counter.refusal(clerk) == FAILURES[FailureCode.STAFF_REVOKED].remedy
