"""RFC 6238's own values, and what is tolerated."""

import datetime as dt

import pytest

from hallclient.domain.totp import STEP_S, code_at, provisioning_uri, step_of
from tests.clock import NOON

SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("at_s", "code"),
    [  # RFC 6238, appendix B, SHA-1: the last six of its eight digits
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_standards_own_values(at_s: int, code: str) -> None:
    moment = dt.datetime.fromtimestamp(at_s, dt.UTC)
    assert code_at(SECRET, moment) == code
    assert step_of(SECRET, code, moment) == at_s // STEP_S
    assert step_of(SECRET, f"{code[:3]} {code[3:]}", moment) == at_s // STEP_S


@pytest.mark.parametrize(("off_steps", "passes"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_one_step_either_way_is_tolerated(off_steps: int, passes: bool) -> None:
    shown = code_at(SECRET, NOON + off_steps * dt.timedelta(seconds=STEP_S))
    step = step_of(SECRET, shown, NOON)
    assert step == (int(NOON.timestamp()) // STEP_S + off_steps if passes else None)


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "abcdef", "１２３４５６", "-12345", "+12345", "12345\n", "٠١٢٣٤٥"]
)
def test_what_is_no_code_is_a_wrong_one(code: str) -> None:
    assert step_of(SECRET, code, NOON) is None


def test_an_authenticator_is_told_all_it_needs() -> None:
    uri = provisioning_uri(SECRET, "1001", "一号厅")
    assert uri.startswith("otpauth://totp/")
    for part in ("digits=6", "period=30", "algorithm=SHA1", "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"):
        assert part in uri
