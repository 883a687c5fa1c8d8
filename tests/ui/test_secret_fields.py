"""What goes into the fields that prove who somebody is."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from ui.widgets.secret_fields import CodeField, InvitationField, password_field


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("123456", "123456"),
        ("123 456", "123456"),
        ("１２３４５６", "123456"),
        ("12ab34", "1234"),
        ("1234567", "123456"),
        ("٣٤", ""),  # digits, but not of these authenticators
        ("", ""),
    ],
)
def test_a_code_is_digits_alone(qtbot, typed: str, digits: str) -> None:
    field = CodeField()
    qtbot.addWidget(field)
    put(field, typed)
    assert field.digits == digits
    assert field.text() == digits
    assert field.whole is (len(digits) == 6)
    field.setText(typed)  # pasted
    assert field.digits == digits


@pytest.mark.parametrize(
    "typed",
    [
        "ABCDEFGHIJKLMNOPQRST",
        "abcdefghijklmnopqrst",
        "abcde-fghij-klmno-pqrst",
        " abcde fghij\tklmno  pqrst ",
        "ABCDE—FGHIJ—KLMNO—PQRST",
        "ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔ",
        "abcdefghijklmnopqrstuvw",
    ],
)
def test_a_one_time_code_forgives_case_blanks_and_hyphens(qtbot, typed: str) -> None:
    field = InvitationField()
    qtbot.addWidget(field)
    put(field, typed)
    assert field.letters == "ABCDEFGHIJKLMNOPQRST"
    assert field.text() == "ABCDE-FGHIJ-KLMNO-PQRST"
    assert field.whole


def test_a_hyphen_is_not_there_for_the_hand(qtbot) -> None:
    field = InvitationField()
    qtbot.addWidget(field)
    QTest.keyClicks(field, "abcdefg")
    field.setCursorPosition(6)  # behind the hyphen
    QTest.keyClick(field, Qt.Key.Key_Backspace)
    assert field.text() == "ABCDF-G"
    field.setCursorPosition(5)  # before the hyphen
    QTest.keyClick(field, Qt.Key.Key_Delete)
    assert field.text() == "ABCDF"
    assert not field.whole


def test_a_password_is_not_shown(qtbot) -> None:
    field = password_field()
    qtbot.addWidget(field)
    QTest.keyClicks(field, "a secret")
    assert "secret" not in field.displayText()


def put(field: QLineEdit, text: str) -> None:
    """By keys; what no key of the test has comes as from an input method."""
    for sign in text:
        if sign.isascii() and sign.isprintable():
            QTest.keyClick(field, sign)
        else:
            field.insert(sign)
