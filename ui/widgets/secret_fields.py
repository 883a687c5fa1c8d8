"""Fields for what proves who somebody is: a code of digits, an invitation's letters, a password."""

import string
import unicodedata

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from hallclient.domain.totp import DIGITS
from ui.widgets.grouped_field import GroupedField

INVITATION_LETTERS, _GROUP = 20, 5
_ALPHABET = frozenset(string.ascii_uppercase + "234567")  # RFC 4648, base32
_HINTS = (
    Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText | Qt.InputMethodHint.ImhNoAutoUppercase
)


class CodeField(GroupedField):
    """The second factor's code. Whatever is typed or pasted, digits alone are taken, and no more than it has."""

    def __init__(self) -> None:
        super().__init__()
        self.setInputMethodHints(_HINTS | Qt.InputMethodHint.ImhDigitsOnly)

    @property
    def digits(self) -> str:
        return self.plain(self.text())

    @property
    def whole(self) -> bool:
        return len(self.digits) == DIGITS

    def plain(self, text: str) -> str:
        normal = unicodedata.normalize("NFKC", text)
        return "".join(sign for sign in normal if sign.isascii() and sign.isdigit())[:DIGITS]

    def grouped(self, plain: str) -> str:
        return plain


class InvitationField(GroupedField):
    """The one-time code of an invitation: in capital letters and groups, however it is typed."""

    gap = "-"

    def __init__(self) -> None:
        super().__init__()
        self.setInputMethodHints(_HINTS | Qt.InputMethodHint.ImhLatinOnly)

    @property
    def letters(self) -> str:
        return self.plain(self.text())

    @property
    def whole(self) -> bool:
        return len(self.letters) == INVITATION_LETTERS

    def plain(self, text: str) -> str:
        normal = unicodedata.normalize("NFKC", text).upper()
        return "".join(sign for sign in normal if sign in _ALPHABET)[:INVITATION_LETTERS]

    def grouped(self, plain: str) -> str:
        return self.gap.join(plain[at : at + _GROUP] for at in range(0, len(plain), _GROUP))


def password_field() -> QLineEdit:
    """Shows nothing of what is typed into it."""
    field = QLineEdit()
    field.setEchoMode(QLineEdit.EchoMode.Password)
    return field
