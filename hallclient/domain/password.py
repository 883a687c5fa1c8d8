"""What a password may be: long, and none that everybody tries first. No rules about kinds of characters.

As NIST SP 800-63B, 3.1.1.2 has it: a length, a list of common ones, nothing that stands in front of the guesser.
"""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from hallclient.domain.failures import FailureCode, KnownError

SHORTEST, LONGEST = 12, 128  # characters, after NFKC
_SHORT_PERIOD = 3  # what is nothing but so few characters again and again is no password
_FEWEST_IN_A_ROW = 4  # of neighbours on a keyboard: three happen in words
_ROWS = (
    "1234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
)


class Unfit(StrEnum):
    """What keeps a password from being chosen."""

    TOO_LONG = f"a password has at most {LONGEST} characters"
    NO_TEXT = "a password is text"
    TOO_SHORT = f"a password has at least {SHORTEST} characters"
    HAS_NUMBER = "a password does not contain the staff number"
    COMMON = "a password that is tried first: choose another one"


@dataclass(frozen=True, slots=True)
class CommonPasswords:
    """What guessers begin with: `words`, and the `endings` that people put behind one. Both in lower case."""

    words: Collection[str]
    endings: Collection[str]

    def holds(self, password: str) -> bool:
        """Whether `password` is one of the words, once or again and again, with an ending or without."""
        folded = unicodedata.normalize("NFKC", password).casefold().replace(" ", "")
        return any(
            self._is_words(folded[: len(folded) - len(ending)])
            for ending in ("", *self.endings)
            if folded.endswith(ending)
        )

    def _is_words(self, text: str) -> bool:
        parts = {text[:length] for length in range(1, len(text) + 1) if _repeats(text, length)}
        again_and_again = any(len(part) <= _SHORT_PERIOD and part != text for part in parts)
        return again_and_again or any(part in self.words for part in parts) or _is_row(min(parts, key=len, default=""))


def normalised(password: str) -> bytes:
    """The bytes that a password stands for, however a keyboard composed its characters: NFKC, UTF-8.

    Raises input_invalid above `LONGEST` characters, before anything costly is done with it, and for what is no text.
    """
    if len(password) > LONGEST * 4 or len(text := unicodedata.normalize("NFKC", password)) > LONGEST:
        raise KnownError(FailureCode.INPUT_INVALID, Unfit.TOO_LONG)
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise KnownError(FailureCode.INPUT_INVALID, Unfit.NO_TEXT) from None


def must_be_fit(password: str, number: str, common: CommonPasswords) -> None:
    """Raises input_invalid unless staff `number` may choose `password`."""
    if (lack := unfit_because(password, number, common)) is not None:
        raise KnownError(FailureCode.INPUT_INVALID, lack)


def unfit_because(password: str, number: str, common: CommonPasswords) -> Unfit | None:
    """Why staff `number` may not choose `password`; None where they may."""
    try:
        text = normalised(password).decode()
    except KnownError as error:
        return Unfit(error.detail)
    if len(text) < SHORTEST:
        return Unfit.TOO_SHORT
    if number.casefold() in text.casefold():
        return Unfit.HAS_NUMBER
    return Unfit.COMMON if common.holds(text) else None


def _repeats(text: str, length: int) -> bool:
    """Whether `text` is its first `length` characters again and again; the last time may be cut short."""
    return (text[:length] * (len(text) // length + 1)).startswith(text)


def _is_row(text: str) -> bool:
    """Whether `text` is nothing but ways along the rows of a keyboard, or along the alphabet, to and fro."""
    while text:
        run = max((_run(text, row) for one in _ROWS for row in (one * 2, (one * 2)[::-1])), default=0)
        if run < _FEWEST_IN_A_ROW:
            return False
        text = text[run:]
    return True


def _run(text: str, row: str) -> int:
    """How many characters at the beginning of `text` stand in `row` in this order, without a gap."""
    longest = 0
    for length in range(_FEWEST_IN_A_ROW, len(text) + 1):
        if text[:length] not in row:
            break
        longest = length
    return longest
