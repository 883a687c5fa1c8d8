"""The numbers of the cards: their shape, their check digit, and what they say about the holder."""

import re

# GB 11643-1999: weights of the first 17 digits, and the check character for each remainder (ISO 7064 MOD 11-2).
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"

# Three letters for the country, then twelve digits; their own check digit follows no published rule.
_FOREIGN_2017 = re.compile(r"[A-Z]{3}[0-9]{12}")


def is_citizen_shaped(number: str) -> bool:
    """18 characters of which the first 17 are digits: GB 11643, and every later card built on it."""
    return len(number) == 18 and number[:17].isascii() and number[:17].isdigit()


def is_foreign_2017(number: str) -> bool:
    """The 15 characters of the foreign permanent resident's card of 2017."""
    return _FOREIGN_2017.fullmatch(number) is not None


def check_character(number: str) -> str:
    """The 18th character for the first 17 digits of `number` (GB 11643-1999, ISO 7064 MOD 11-2)."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[:17], strict=True))
    return _CHECK_CHARACTERS[total % 11]


def birth_digits(number: str) -> str:
    """`YYYYMMDD` inside a number that `is_citizen_shaped`."""
    return number[6:14]


def sex_code(number: str) -> str:
    """GB/T 2261.1 code inside a number that `is_citizen_shaped`: the 17th digit is odd for men, even for women."""
    return "1" if int(number[16]) % 2 else "2"
