"""The numbers of the cards: their shape, their check digit, and what they say about the holder."""

import re

# GB 11643-1999: weights of the first 17 digits, and the check character for each remainder (ISO 7064 MOD 11-2).
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"

# Three letters for the country, four digits for the place, YYMMDD, one digit, the check digit.
_FOREIGN_2017 = re.compile(r"[A-Z]{3}[0-9]{12}")
_FOREIGN_2017_WEIGHTS = (7, 3, 1)

# 81, 82 and 83 are given to residents of Hong Kong, Macau and Taiwan; 9 with the province of the first application
# (GB/T 2260: 11 to 65) to foreigners. No resident's number begins like that.
_OF_OTHERS = re.compile(r"8[123]|9(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5])")


def is_citizen_shaped(number: str) -> bool:
    """18 characters of which the first 17 are digits: GB 11643, and every later card built on it."""
    return len(number) == 18 and number[:17].isascii() and number[:17].isdigit()


def is_of_other_than_residents(number: str) -> bool:
    """Whether a number that `is_citizen_shaped` begins like a permit's or a foreigner's, not like a resident's."""
    return _OF_OTHERS.match(number) is not None


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


def country_digits_inside(number: str) -> str:
    """ISO 3166-1 numeric code inside the number of a card of 2023: 9, the province, the country."""
    return number[3:6]


def foreign_2017_country(number: str) -> str:
    """ISO 3166-1 letters inside a number that `is_foreign_2017`."""
    return number[:3]


def foreign_2017_birth_digits(number: str) -> str:
    """`YYMMDD` inside a number that `is_foreign_2017`."""
    return number[7:13]


def foreign_2017_check_digit(number: str) -> str:
    """The 15th character for the first 14 of a number that `is_foreign_2017`: letters from A=10, weights 7 3 1.

    As in a passport's lines (ICAO 9303). Known from one family of public sources only.
    """
    values = (int(character, 36) for character in number[:14])
    return str(sum(value * _FOREIGN_2017_WEIGHTS[place % 3] for place, value in enumerate(values)) % 10)
