"""The login window of who has no login yet, or another one than they can use."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit

from hallclient.domain.failures import FAILURES, FailureCode, KnownError
from tests.ui import doubles
from tests.ui.pages import GOOD_PASSWORD
from ui import wording
from ui.login import LoginWindow


@pytest.fixture
def access() -> doubles.OwnAccess:
    return doubles.OwnAccess()


@pytest.fixture
def window(qtbot, access):
    made = LoginWindow(lambda number, password, code: None, access)
    qtbot.addWidget(made)
    made.present()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.close()
    qtbot.waitUntil(made._background.idle)


def typed(window: LoginWindow, *words: str) -> None:
    """By keys alone, from field to field with Enter."""
    for at, word in enumerate(words):
        if at:
            press(window, Qt.Key.Key_Return)
        QTest.keyClicks(window.focusWidget(), word)


def press(window: LoginWindow, key: Qt.Key) -> None:
    QTest.keyClick(window.focusWidget() or window, key)


def to_password(qtbot, window: LoginWindow) -> None:
    press(window, Qt.Key.Key_F2)
    typed(window, "1003", "abcde-fghij klmno pqrst")
    press(window, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.shown_page is window.first_day.choice)


def to_authenticator(qtbot, window: LoginWindow) -> None:
    to_password(qtbot, window)
    typed(window, GOOD_PASSWORD, GOOD_PASSWORD)
    press(window, Qt.Key.Key_Return)
    assert window.shown_page is window.first_day.authenticator


def left_over(window: LoginWindow) -> str:
    return "".join(field.text() for field in window.findChildren(QLineEdit) if field is not window.number)


def test_a_first_day_by_keys_alone(qtbot, window, access) -> None:
    to_authenticator(qtbot, window)
    page = window.first_day.authenticator
    assert page.secret.text().replace(" ", "").replace("\n", "") == "NZXWE33EPETXGIDPO5XCA43FMNZGK5BB"
    typed(window, doubles.RIGHT_CODE)
    press(window, Qt.Key.Key_Return)
    end = window.first_day.end
    qtbot.waitUntil(lambda: window.shown_page is end)
    assert access.joining.finished == [GOOD_PASSWORD]
    assert end.headline.text() == wording.FirstDay.PENDING
    assert page.secret.text() == ""
    access.certified = True
    press(window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: end.headline.text() == wording.FirstDay.READY)
    assert not end.look.isEnabled()
    press(window, Qt.Key.Key_Return)
    assert window.shown_page is window.page
    assert window.number.text() == "1003"
    assert window.password.hasFocus()
    assert left_over(window) == ""


@pytest.mark.parametrize(
    ("password", "lacks"),
    [
        ("short", "还差 7 个"),
        ("1003 and many more words", "工号"),
        ("password1234", "太常见"),
        ("x" * 129, "最多 128"),
    ],
)
def test_what_a_password_lacks_is_said_at_once(qtbot, window, password: str, lacks: str) -> None:
    to_password(qtbot, window)
    page = window.first_day.choice
    page.password.setText(password)
    assert lacks in page.advice.text()
    page.again.setText(password)
    assert not page.enter.isEnabled()
    press(window, Qt.Key.Key_Return)
    assert window.shown_page is page


def test_both_have_to_be_the_same(qtbot, window) -> None:
    to_password(qtbot, window)
    page = window.first_day.choice
    page.password.setText(GOOD_PASSWORD)
    page.again.setText(GOOD_PASSWORD[:4])
    assert page.advice.text() == wording.NewPassword.FIT  # no reproach to who is still typing
    page.again.setText("another")
    assert page.advice.text() == wording.NewPassword.DIFFERENT
    assert not page.enter.isEnabled()
    page.again.setText(GOOD_PASSWORD)
    assert page.enter.isEnabled()


def test_a_wrong_invitation_says_the_remedy_and_forgets_the_code(qtbot, window) -> None:
    press(window, Qt.Key.Key_F2)
    page = window.first_day.invitation
    typed(window, "1003", "TSRQPONMLKJIHGFEDCBA")
    press(window, Qt.Key.Key_Return)
    qtbot.waitUntil(page.banner.isVisible)
    assert page.banner.remedy.text() == FAILURES[FailureCode.INVITATION_INVALID].remedy
    assert (page.number.text(), page.invitation.text()) == ("1003", "")
    assert page.invitation.hasFocus()
    assert not page.enter.isEnabled()


def test_a_wrong_code_leaves_the_secret_to_be_scanned_again(qtbot, window, access) -> None:
    to_authenticator(qtbot, window)
    page = window.first_day.authenticator
    typed(window, "000000")
    press(window, Qt.Key.Key_Return)
    qtbot.waitUntil(page.banner.isVisible)
    assert page.banner.remedy.text() == wording.FirstDay.CODE_WRONG
    assert page.secret.text()
    assert page.code.text() == ""
    assert access.joining.finished == []


def test_an_invitation_that_was_taken_back_meanwhile_begins_anew(qtbot, window, access, monkeypatch) -> None:
    to_authenticator(qtbot, window)

    def gone(*_: str) -> None:
        raise KnownError(FailureCode.INVITATION_INVALID)

    monkeypatch.setattr(access.joining, "finish", gone)
    typed(window, doubles.RIGHT_CODE)
    press(window, Qt.Key.Key_Return)
    page = window.first_day.invitation
    qtbot.waitUntil(page.banner.isVisible)
    assert window.shown_page is page
    assert window.first_day._password == ""


def test_who_turns_back_leaves_nothing(qtbot, window) -> None:
    to_authenticator(qtbot, window)
    press(window, Qt.Key.Key_Escape)
    assert window.shown_page is window.page
    assert left_over(window) == ""
    assert window.first_day._password == ""
    assert window.first_day._joining is None
    assert not [label for label in window.findChildren(QLabel) if "NZXW" in label.text()]


@pytest.mark.expects_log(r"bug [0-9A-Z]{6}\nZeroDivisionError")
def test_our_own_mistake_is_said_where_the_person_is(qtbot, window, access, monkeypatch) -> None:
    monkeypatch.setattr("sys.excepthook", lambda *_: None)

    def broken(*_: str) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(access, "join", broken)
    press(window, Qt.Key.Key_F2)
    typed(window, "1003", doubles.INVITATION)
    press(window, Qt.Key.Key_Return)
    page = window.first_day.invitation
    qtbot.waitUntil(page.banner.isVisible)
    assert page.number.isEnabled()
    assert page.back.isEnabled()


def test_one_changes_ones_own_password(qtbot, window, access) -> None:
    press(window, Qt.Key.Key_F3)
    typed(window, "1001", doubles.RIGHT_PASSWORD, doubles.RIGHT_CODE)
    press(window, Qt.Key.Key_Return)
    assert window.shown_page is window.own_password.choice
    typed(window, GOOD_PASSWORD, GOOD_PASSWORD)
    press(window, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.shown_page is window.page)
    assert access.passwords == [GOOD_PASSWORD]
    assert window.banner.remedy.text() == wording.OwnPassword.DONE
    assert window.number.text() == "1001"
    assert left_over(window) == ""
    assert window.own_password._old is None


def test_a_wrong_old_password_changes_nothing_and_asks_again(qtbot, window, access) -> None:
    press(window, Qt.Key.Key_F3)
    typed(window, "1001", "wrong", doubles.RIGHT_CODE)
    press(window, Qt.Key.Key_Return)
    typed(window, GOOD_PASSWORD, GOOD_PASSWORD)
    press(window, Qt.Key.Key_Return)
    old = window.own_password.old
    qtbot.waitUntil(old.banner.isVisible)
    assert access.passwords == []
    assert (old.number.text(), old.password.text(), old.code.text()) == ("1001", "", "")
    assert window.own_password._old is None
    assert old.password.hasFocus()


def test_who_has_forgotten_it_reads_who_can_help(qtbot, window) -> None:
    press(window, Qt.Key.Key_F4)
    assert window.shown_page is window.forgotten
    read = [label.text() for label in window.forgotten.findChildren(QLabel)]
    assert set(wording.Forgotten.LINES) <= set(read)
    for key in (Qt.Key.Key_Escape, Qt.Key.Key_Return):
        window.page.forgotten.trigger()
        press(window, key)
        assert window.shown_page is window.page


def test_a_window_that_is_closed_while_somebody_joins_ends_after_it(qtbot, access, monkeypatch) -> None:
    made = LoginWindow(lambda number, password, code: None, access)
    qtbot.addWidget(made)
    made.show()
    made.page.first_day.trigger()
    made.first_day.invitation.number.setText("1003")
    made.first_day.invitation.invitation.setText(doubles.INVITATION)
    with qtbot.waitSignal(made.closed):
        made.first_day.invitation.enter.trigger()
        made.close()
    assert made.first_day._joining is None


@pytest.mark.parametrize("there", ["password", "authenticator", "forgotten"])
def test_keys_of_other_pages_are_dead(qtbot, window, access, there: str) -> None:
    if there == "forgotten":
        press(window, Qt.Key.Key_F4)
    elif there == "password":
        to_password(qtbot, window)
    else:
        to_authenticator(qtbot, window)
    page = window.shown_page
    for at in range(12):
        press(window, Qt.Key(Qt.Key.Key_F1 + at))
    if there != "forgotten":  # nothing is whole yet; there both go back
        press(window, Qt.Key.Key_Space)
        press(window, Qt.Key.Key_Return)
    assert window.shown_page is page
    assert access.joining.finished == []
