"""Long, not common, not one's own number; no rules about kinds of characters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.password import (
    LONGEST,
    SHORTEST,
    CommonPasswords,
    Unfit,
    must_be_fit,
    normalised,
    unfit_because,
)
from hallclient.services.common_passwords import common_passwords

NONE = CommonPasswords(frozenset(), frozenset())


@pytest.mark.parametrize(
    "password",
    [
        "a long password",
        "seven swans swim south",
        "柜台旁边那棵老槐树又开花了吧",  # 14 characters
        "xkqvwmzrtbnp",
        "pepper and old boots",
        "x" * 5 + "correct horse",
    ],
)
def test_long_ones_that_nobody_tries_first_are_taken(password: str) -> None:
    must_be_fit(password, "1001", common_passwords())


@pytest.mark.parametrize(
    "password",
    [
        "",
        "        ",
        "12345678",
        "a",
        "elevenchars",
        "            ",  # twelve blanks
        "passwordpassword",
        "password1234",
        "Password 2024!",
        "P@ssw0rd1234",
        "123456789012",
        "qwertyuiop123",
        "qwertyuiopasdfghjkl",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "121212121212",
        "iloveyou5201314",
        "zhongguoyidong",
        "Administrator1",
        "ａａａａａａａａａａａａ",  # full width: NFKC
        "correct horse battery staple",
        "098765432109",
        "abcdefghijkl",
    ],
)
@pytest.mark.attack("T12", "a password that everybody tries")
def test_short_ones_and_common_ones_are_not(password: str) -> None:
    with pytest.raises(KnownError) as caught:
        must_be_fit(password, "1001", common_passwords())
    assert caught.value.code is FailureCode.INPUT_INVALID
    assert len(password.strip()) < SHORTEST or password not in str(caught.value)


@pytest.mark.parametrize(("number", "password"), [("1001", "ticket of 1001 please"), ("Ab-12", "my desk is ab-12 now")])
def test_ones_own_number_does_not_stand_in_it(number: str, password: str) -> None:
    with pytest.raises(KnownError, match="staff number"):
        must_be_fit(password, number, NONE)
    must_be_fit(password, "another", NONE)


def test_it_may_be_as_long_as_the_limit_and_no_longer() -> None:
    must_be_fit("柜" * 3 + "x" * (LONGEST - 3), "1001", NONE)
    for length in (LONGEST + 1, 1000, 100_000):
        with pytest.raises(KnownError, match="input_invalid"):
            normalised("é" * length)
    with pytest.raises(KnownError, match="input_invalid"):
        normalised("ﷺ" * 20)  # one character that NFKC makes eighteen of


def test_what_is_no_text_is_said() -> None:
    with pytest.raises(KnownError, match="input_invalid"):
        normalised("half a character \ud800")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20))
def test_keyboards_that_compose_differently_give_the_same_bytes(text: str) -> None:
    import unicodedata  # noqa: PLC0415

    assert normalised(unicodedata.normalize("NFD", text)) == normalised(unicodedata.normalize("NFC", text))


@given(st.sampled_from(sorted(common_passwords().words)), st.sampled_from(sorted(common_passwords().endings)))
def test_every_word_of_the_list_is_found_with_every_ending_and_in_every_case(word: str, ending: str) -> None:
    for password in (word + ending, (word + ending).upper(), word + word + ending):
        assert common_passwords().holds(password)


def test_the_shortest_is_what_is_said() -> None:
    must_be_fit("x1y2z3a4b5c6"[:SHORTEST], "1001", common_passwords())
    with pytest.raises(KnownError, match=str(SHORTEST)):
        must_be_fit("x1y2z3a4b5c6"[: SHORTEST - 1], "1001", common_passwords())


@pytest.mark.parametrize(
    ("password", "lack"),
    [
        ("seven swans swim south", None),
        ("short", Unfit.TOO_SHORT),
        ("x" * (LONGEST + 1), Unfit.TOO_LONG),
        ("half a character \ud800", Unfit.NO_TEXT),
        ("ticket of 1001 please", Unfit.HAS_NUMBER),
        ("Administrator1", Unfit.COMMON),
    ],
)
def test_what_one_lacks_has_a_name_and_is_what_refuses_it(password: str, lack: Unfit | None) -> None:
    assert unfit_because(password, "1001", common_passwords()) is lack
    if lack is not None:
        with pytest.raises(KnownError) as caught:
            must_be_fit(password, "1001", common_passwords())
        assert caught.value.detail == lack
