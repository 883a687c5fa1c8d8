"""Wrong passwords in a row cost time, in this process and after a restart, and one right one clears them."""

import datetime as dt
from pathlib import Path

import pytest

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.services.access import login
from hallclient.services.login_guard import LoginGuard
from hallclient.storage import login_tries
from tests.clock import CountingEntropy, HandClock
from tests.halls import CLERK, OTHER_CLERK, PASSWORD, TestCentre, code_now, open_hall


def refusal(
    folder: Path, clock: HandClock, number: str = CLERK, password: str = "not the password", code: str | None = None
) -> KnownError:
    with pytest.raises(KnownError) as seen:
        login(folder, number, password, code or code_now(clock), clock, CountingEntropy())
    return seen.value


def restart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LoginGuard, "_guards", {})


@pytest.mark.attack("T12", "guesses of a password, one after the other")
def test_the_third_wrong_password_begins_a_wait_that_grows(
    centre: TestCentre, tmp_path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "hall"
    assert [refusal(folder, clock).code for _ in range(3)] == [FailureCode.LOGIN_WRONG] * 3
    locked = refusal(folder, clock, password=PASSWORD)
    assert (locked.code, locked.wait_s) == (FailureCode.LOGIN_LOCKED, 5)
    assert "5" in locked.failure.remedy
    open_hall(folder, clock, OTHER_CLERK).close()  # nobody else waits
    clock.advance(4)
    assert refusal(folder, clock).wait_s == 1
    clock.advance(1)
    assert refusal(folder, clock).code is FailureCode.LOGIN_WRONG
    assert refusal(folder, clock).wait_s == 10
    clock.set(clock.now() + dt.timedelta(days=1))  # the wall clock shortens nothing
    assert refusal(folder, clock).wait_s == 10
    clock.set(clock.now() - dt.timedelta(days=1))
    restart(monkeypatch)
    assert refusal(folder, clock).wait_s == 10
    clock.advance(10)
    open_hall(folder, clock).close()
    assert login_tries.read(folder) == {}
    assert [refusal(folder, clock).code for _ in range(2)] == [FailureCode.LOGIN_WRONG] * 2


@pytest.mark.attack("T12", "the program is killed to save a guess")
def test_a_try_counts_even_when_the_program_was_killed_in_the_middle(
    centre: TestCentre, tmp_path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "hall"
    for _ in range(3):
        LoginGuard.of(folder).begin(CLERK, True, clock)
        restart(monkeypatch)
    assert refusal(folder, clock, password=PASSWORD).code is FailureCode.LOGIN_LOCKED
    clock.set(clock.now() - dt.timedelta(days=1))  # a clock that was set back: the whole wait, and no more
    restart(monkeypatch)
    assert refusal(folder, clock).wait_s == 5
    clock.set(clock.now() + dt.timedelta(days=2))
    restart(monkeypatch)
    open_hall(folder, clock).close()


def test_what_was_typed_for_a_number_is_never_written_down(
    centre: TestCentre, tmp_path: Path, clock: HandClock
) -> None:
    folder = tmp_path / "hall"
    codes = [refusal(folder, clock, number="my own password").code for _ in range(4)]
    assert codes == [FailureCode.LOGIN_WRONG] * 3 + [FailureCode.LOGIN_LOCKED]
    assert not any(b"my own password" in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_spoilt_file_shuts_nobody_out(centre: TestCentre, tmp_path: Path, clock: HandClock) -> None:
    folder = tmp_path / "hall"
    (folder / "logins.json").write_bytes(b"{spoilt")
    assert refusal(folder, clock).code is FailureCode.LOGIN_WRONG
    assert login_tries.read(folder)[CLERK].wrong == 1
    open_hall(folder, clock).close()
