"""The field for a phone number: digits only, grouped while they are typed."""

import re
import unicodedata

from hallclient.domain.masking import grouped_service_number
from hallclient.domain.service_number import MOST_DIGITS, is_service_number
from ui.widgets.grouped_field import GroupedField

_COUNTRY = "86"
# Before a number that is pasted: words that have no digit, and how it is dialled from abroad.
_FROM_ABROAD = re.compile(r"[^\d+]*(?:\+|00)\s*86")


class NumberField(GroupedField):
    """Shows 138 0000 0021 and gives 13800000021. What is pasted may have blanks, dashes, full-width digits or +86."""

    @property
    def digits(self) -> str:
        """The number as it is used, at most `MOST_DIGITS`."""
        return self.plain(self.text())

    def plain(self, text: str) -> str:
        return _digits(text)[:MOST_DIGITS]

    def grouped(self, plain: str) -> str:
        return grouped_service_number(plain)


def _digits(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    abroad = _FROM_ABROAD.match(plain)
    digits = "".join(sign for sign in plain[abroad.end() if abroad else 0 :] if sign.isascii() and sign.isdigit())
    bare = digits.removeprefix(_COUNTRY)  # without its plus: every number begins with 1, none with 86
    return bare if is_service_number(bare) else digits
