"""Wrapped keys open for the right person with the right password, and for nobody else."""

import pytest
from pydantic import ValidationError

from hallclient.domain.failures import KnownError
from hallclient.domain.staff import Role, Staff
from hallclient.storage.hall_keys import (
    PasswordCost,
    StaffWrap,
    unwrap_data_key,
    unwrap_for_staff,
    wrap_data_key,
    wrap_for_staff,
)
from tests.clock import CountingEntropy

HALL_KEY = bytes(range(32))
CLERK = Staff("1001", Role.CLERK)
PASSWORD = "a long password"
WRAP = wrap_for_staff(HALL_KEY, CLERK, PASSWORD, CountingEntropy())  # at the product's cost: no fixture lowered it


def test_a_guess_costs_64_mib_and_three_passes() -> None:
    assert WRAP.cost == PasswordCost(memory_kib=65_536, passes=3)


@pytest.mark.parametrize("change", [{"memory_kib": 32_768}, {"passes": 2}])
def test_a_wrap_opens_at_its_own_cost_alone(change: dict[str, int]) -> None:
    with pytest.raises(KnownError, match="login_wrong"):
        unwrap_for_staff((WRAP.model_copy(update=change),), "1001", PASSWORD)


def test_a_file_from_before_the_cost_was_kept_opens() -> None:
    older = WRAP.model_dump(exclude={"memory_kib", "passes"})
    assert unwrap_for_staff((StaffWrap.model_validate(older),), "1001", PASSWORD) == (CLERK, HALL_KEY)


@pytest.mark.parametrize("cost", [{"memory_kib": 2**30}, {"memory_kib": 0}, {"passes": 0}, {"passes": 2**30}])
def test_a_file_cannot_ask_for_all_memory_or_for_ever(cost: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        StaffWrap.model_validate(WRAP.model_dump() | cost)


def test_the_right_password_opens() -> None:
    assert unwrap_for_staff((WRAP,), "1001", PASSWORD) == (CLERK, HALL_KEY)


@pytest.mark.parametrize(("number", "password"), [("1001", "another password"), ("1002", PASSWORD), ("", "")])
def test_anything_else_is_the_same_wrong_login(number: str, password: str) -> None:
    with pytest.raises(KnownError) as caught:
        unwrap_for_staff((WRAP,), number, password)
    assert str(caught.value) == "login_wrong"


@pytest.mark.parametrize("change", [{"role": Role.SUPERVISOR}, {"number": "2001"}])
def test_nobody_promotes_themselves_in_the_file(change: dict[str, object]) -> None:
    edited = WRAP.model_copy(update=change)
    with pytest.raises(KnownError, match="login_wrong"):
        unwrap_for_staff((edited,), edited.number, PASSWORD)


def test_a_data_key_opens_for_its_own_session_only() -> None:
    wrapped = wrap_data_key(HALL_KEY, bytes(32), "one", CountingEntropy())
    assert unwrap_data_key(HALL_KEY, wrapped, "one") == bytes(32)
    with pytest.raises(KnownError, match="evidence_damaged"):
        unwrap_data_key(HALL_KEY, wrapped, "other")
