"""The field for a phone number: digits only, grouped while they are typed."""

import re
import unicodedata

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

from hallclient.domain.masking import grouped_service_number
from hallclient.domain.service_number import MOST_DIGITS, is_service_number

_COUNTRY = "86"
# Before a number that is pasted: words that have no digit, and how it is dialled from abroad.
_FROM_ABROAD = re.compile(r"[^\d+]*(?:\+|00)\s*86")


class NumberField(QLineEdit):
    """Shows 138 0000 0021 and gives 13800000021. What is pasted may have blanks, dashes, full-width digits or +86."""

    def __init__(self) -> None:
        super().__init__()
        self.textChanged.connect(self._regroup)

    @property
    def digits(self) -> str:
        """The number as it is used, at most `MOST_DIGITS`."""
        return _digits(self.text())[:MOST_DIGITS]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The blank between two groups is not there for the hand: what is deleted is the digit beside it."""
        at, text = self.cursorPosition(), self.text()
        if not self.hasSelectedText():
            if event.key() == Qt.Key.Key_Backspace and text[at - 1 : at] == " ":
                self.setCursorPosition(at - 1)
            elif event.key() == Qt.Key.Key_Delete and text[at : at + 1] == " ":
                self.setCursorPosition(at + 1)
        super().keyPressEvent(event)

    @Slot(str)
    def _regroup(self, text: str) -> None:
        shown = grouped_service_number(self.digits)
        if shown == text:
            return
        before = len(_digits(text[: self.cursorPosition()]))  # the cursor stays behind the same digit
        self.setText(shown)
        self.setCursorPosition(len(grouped_service_number(self.digits[:before])))


def _digits(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    abroad = _FROM_ABROAD.match(plain)
    digits = "".join(sign for sign in plain[abroad.end() if abroad else 0 :] if sign.isascii() and sign.isdigit())
    bare = digits.removeprefix(_COUNTRY)  # without its plus: every number begins with 1, none with 86
    return bare if is_service_number(bare) else digits
