"""An administrator and the people of the hall."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from hallclient.domain.failures import FAILURES, FailureCode, KnownError
from hallclient.domain.staff import Role
from tests.ui import doubles
from ui import wording
from ui.administrator.window import StaffWindow


@pytest.fixture
def desk() -> doubles.StaffDesk:
    return doubles.StaffDesk()


@pytest.fixture
def window(qtbot, desk):
    made = StaffWindow(desk, doubles.Dispatch())
    made.resize(1366, 768)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(lambda: made.isActiveWindow() and made.people.count() == len(desk.people))
    yield made
    with qtbot.waitSignal(made.closed):
        made.close()
    made.deleteLater()


def press(window: StaffWindow, *keys: Qt.Key) -> None:
    for key in keys:
        QTest.keyClick(window.focusWidget() or window, key)


def write(window: StaffWindow, *words: str) -> None:
    for at, word in enumerate(words):
        if at:
            press(window, Qt.Key.Key_Return)
        QTest.keyClicks(window.focusWidget(), word)


def choose(window: StaffWindow, number: str) -> None:
    """With the arrows."""
    assert window.people.hasFocus()
    press(window, Qt.Key.Key_Home)
    while window.people.current.staff.number != number:
        press(window, Qt.Key.Key_Down)


def said(window: StaffWindow) -> dict[str, str]:
    rows = [window.people.item(row) for row in range(window.people.count())]
    words = [str(row.data(Qt.ItemDataRole.AccessibleTextRole)).split() for row in rows]
    return {number: f"{role} {state}" for number, role, state in words}


def test_the_list_says_who_and_in_which_state(window) -> None:
    assert said(window) == {
        "1001": "营业员 可以登录",
        "1002": "营业员 已锁定",
        "1003": "营业员 等待省中心认证",
        "2001": "稽核员 可以登录",
        "9001": "管理员 可以登录",
    }


def test_an_invitation_by_keys_shows_its_code_once(qtbot, window) -> None:
    press(window, Qt.Key.Key_F2)
    write(window, "1004")
    press(window, Qt.Key.Key_F6, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.page is window.code)
    assert window.code.code.text().replace("\n", "") == "ABCDE-FGHIJ-KLMNO-PQRST"
    assert window.code.status.text() == wording.ROLES[Role.CLERK]
    assert "11-25 18:00" in window.code._words.text()  # China's time
    assert not window.code.code.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse
    press(window, Qt.Key.Key_Return)
    assert window.page is window.person
    assert window.code.code.text() == ""


def test_a_number_that_somebody_has_is_said_before_anything(window) -> None:
    press(window, Qt.Key.Key_F2)
    write(window, "1001")
    assert window.invitation._advice.text() == wording.StaffWindow.NUMBER_TAKEN
    assert not window.invitation.enter.isEnabled()
    press(window, Qt.Key.Key_Return, Qt.Key.Key_Escape)
    assert window.page is window.person


@pytest.mark.parametrize("role", [Qt.Key.Key_F7, Qt.Key.Key_F8], ids=["supervisor", "administrator"])
def test_a_supervisor_or_administrator_needs_a_second_one(qtbot, window, role: Qt.Key) -> None:
    press(window, Qt.Key.Key_F2)
    write(window, "9003")
    press(window, role, Qt.Key.Key_Return)
    assert window.page is window.second
    write(window, "9002", "wrong", doubles.RIGHT_CODE)
    press(window, Qt.Key.Key_Return)
    qtbot.waitUntil(window.second.banner.isVisible)
    assert window.second.banner.remedy.text() == FAILURES[FailureCode.LOGIN_WRONG].remedy
    write(window, doubles.RIGHT_PASSWORD, doubles.RIGHT_CODE)
    press(window, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.page is window.code)
    assert window.second.password.text() == ""


def test_a_forgotten_password_needs_a_second_administrator(qtbot, window) -> None:
    choose(window, "1001")
    press(window, Qt.Key.Key_F7)
    write(window, "9002", doubles.RIGHT_PASSWORD, doubles.RIGHT_CODE)
    press(window, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.page is window.code)
    assert "1001" in window.code.headline.text()


def test_somebody_is_locked_and_let_in_again(qtbot, window) -> None:
    choose(window, "2001")
    press(window, Qt.Key.Key_F6)
    qtbot.waitUntil(lambda: said(window)["2001"] == "稽核员 已锁定")
    assert window.people.current.staff.number == "2001"
    assert window.person.lock.text() == wording.StaffWindow.UNLOCK
    press(window, Qt.Key.Key_F6)
    qtbot.waitUntil(lambda: said(window)["2001"] == "稽核员 可以登录")
    assert window.person.banner.remedy.text() == wording.StaffWindow.UNLOCKED.format(number="2001")


def test_nobody_does_anything_about_themselves(window, desk) -> None:
    choose(window, "9001")
    press(window, Qt.Key.Key_F6, Qt.Key.Key_F7, Qt.Key.Key_F8)
    assert window.page is window.person
    assert window.person.hint.text() == wording.StaffWindow.NOT_SELF
    assert not desk.people[-1].locked


def test_a_removal_is_asked_and_neither_enter_nor_space_says_yes(qtbot, window, desk) -> None:
    choose(window, "1002")
    press(window, Qt.Key.Key_F8)
    assert window.page is window.removal
    press(window, Qt.Key.Key_Return)
    assert desk.removed == []
    press(window, Qt.Key.Key_Space)  # on the way back
    assert window.page is window.person
    window.people.setFocus()
    press(window, Qt.Key.Key_F8)
    with qtbot.waitSignal(window.removed) as told:
        press(window, Qt.Key.Key_F10)
    assert told.args == ["1002", None]
    assert desk.removed == ["1002"]
    assert not window.lock_now.isEnabled()


def test_why_somebody_could_not_be_removed_is_told(qtbot, window, desk) -> None:
    desk.refuses_with = KnownError(FailureCode.STORE_BUSY)
    choose(window, "1002")
    press(window, Qt.Key.Key_F8)
    with qtbot.waitSignal(window.removed) as told:
        press(window, Qt.Key.Key_F10)
    assert told.args[1].code is FailureCode.STORE_BUSY


@pytest.mark.parametrize("key", [Qt.Key.Key_F6, Qt.Key.Key_F2])
def test_a_failure_is_said_where_it_happened_and_it_can_be_tried_again(qtbot, window, desk, key: Qt.Key) -> None:
    desk.refuses_with = KnownError(FailureCode.DISK_FULL)
    choose(window, "1001")
    press(window, key)
    page = window.page
    if page is window.invitation:
        write(window, "1004")
        press(window, Qt.Key.Key_Return)
    qtbot.waitUntil(page.banner.isVisible)
    assert page.banner.remedy.text() == FAILURES[FailureCode.DISK_FULL].remedy
    desk.refuses_with = None
    if page is window.invitation:
        assert window.invitation.number.text() == "1004"
        press(window, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: window.page is window.code)
    else:
        press(window, key)
        qtbot.waitUntil(lambda: said(window)["1001"] == "营业员 已锁定")
