"""One rule for the page that takes the number and the session that opens with it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallclient.domain.service_number import MOST_DIGITS, is_service_number


@pytest.mark.parametrize("number", ["13800000021", "1440000000021", "1064800000021"])
def test_a_phones_and_a_things_number(number: str) -> None:
    assert is_service_number(number)


@pytest.mark.parametrize(
    "text",
    [
        *("", "110", "10086", "1380000002", "138000000210", "13800000021000", "12345678901234567890"),
        *("23800000021", "03800000021", "138 0000 0021", "+13800000021", "13800000021\n"),
        *("１３８００００００２１", "1380000002²", "1380000002٣"),
    ],
)
def test_nothing_else_is_one(text: str) -> None:
    assert not is_service_number(text)


@given(st.text("0123456789", max_size=24))
def test_no_number_is_longer_than_the_field_lets_in(text: str) -> None:
    assert not is_service_number(text) or len(text) <= MOST_DIGITS
