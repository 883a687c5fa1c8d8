"""What somebody does about their own login before they have logged in."""

from pathlib import Path

import pytest

from hallclient.domain.failures import KnownError
from hallclient.services.access import login
from hallclient.services.own_access import change_own_password, is_certified
from tests.clock import CountingEntropy, HandClock
from tests.halls import CLERK, PASSWORD, code_now, make_hall

NEW = "seven blue kettles"


def test_a_new_password_opens_and_the_old_one_no_longer(tmp_path: Path) -> None:
    clock, entropy = HandClock(), CountingEntropy()
    folder = tmp_path / "hall"
    make_hall(folder, clock)
    with pytest.raises(KnownError, match="login_wrong"):
        change_own_password(folder, CLERK, "wrong", code_now(clock), NEW, clock, entropy)
    with pytest.raises(KnownError, match="input_invalid"):
        change_own_password(folder, CLERK, PASSWORD, code_now(clock), "short", clock, entropy)
    change_own_password(folder, CLERK, PASSWORD, code_now(clock), NEW, clock, entropy)
    with pytest.raises(KnownError, match="login_wrong"):
        login(folder, CLERK, PASSWORD, code_now(clock), clock, entropy)
    login(folder, CLERK, NEW, code_now(clock), clock, entropy).close()


def test_who_is_certified_and_who_is_nobody(tmp_path: Path) -> None:
    make_hall(tmp_path / "hall", HandClock())
    assert is_certified(tmp_path / "hall", CLERK)
    assert not is_certified(tmp_path / "hall", "4711")
