"""ISO 3166-1."""

import pytest

from hallclient.domain.country_code import country_digits


@pytest.mark.parametrize(
    ("letters", "digits"),
    [("USA", "840"), ("FRA", "250"), ("CHN", "156"), ("AFG", "004"), ("ZWE", "716"), ("XXX", None), ("", None)],
)
def test_countries(letters: str, digits: str | None) -> None:
    assert country_digits(letters) == digits
