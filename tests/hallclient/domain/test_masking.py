"""One mask: what it shows, and that it shows nothing of a short number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallclient.domain.masking import masked_name, masked_number, masked_service_number


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("11010519491231002X", "1101**********002X"),
        ("USA110080010111", "USA1*******0111"),
        ("123456", "******"),
        ("12345678", "********"),
        ("", ""),
    ],
)
def test_a_cards_number(number: str, masked: str) -> None:
    assert masked_number(number) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("13800000021", "138****0021"),
        ("1064800000021", "106******0021"),
        ("96110", "*****"),
        ("1380021", "*******"),
        ("13800210", "********"),
    ],
)
def test_a_service_number(number: str, masked: str) -> None:
    assert masked_service_number(number) == masked


@pytest.mark.parametrize(("name", "masked"), [("某", "某*"), ("某某", "某*"), ("TEST, A", "T******"), ("", "*")])
def test_a_name(name: str, masked: str) -> None:
    assert masked_name(name) == masked


@given(st.text("0123456789", max_size=24))
def test_a_mask_is_as_long_as_the_number_and_never_repeats_a_part_of_it(number: str) -> None:
    for masked in (masked_number(number), masked_service_number(number)):
        assert len(masked) == len(number)
        assert not number or masked.count("*") >= min(len(number), 4)
