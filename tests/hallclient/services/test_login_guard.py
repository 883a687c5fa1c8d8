"""Wrong passwords in a row cost time, in this process and after a restart, and one right one clears them."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.services import staff
from hallclient.services.access import login
from hallclient.services.login_guard import LoginGuard
from hallclient.services.set_up import enrol, said_roots
from hallclient.storage import login_tries
from hallclient.storage.audit import events
from hallclient.storage.login_tries import LoginTries
from tests.clock import CountingEntropy, HandClock
from tests.halls import ADMINISTRATOR, CLERK, OTHER_CLERK, PASSWORD, TestCentre, code_now, open_hall


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


def test_what_was_typed_for_a_number_stays_in_no_memory(centre: TestCentre, tmp_path: Path, clock: HandClock) -> None:
    secret = "my own password"
    refusal(tmp_path / "hall", clock, number=secret)
    guard = LoginGuard.of(tmp_path / "hall")
    assert guard._free_at_s
    assert secret not in repr(vars(guard))
    assert sha256(secret.encode()).digest() not in guard._free_at_s  # which anybody could try out


def test_programs_that_begin_at_once_count_each_try_and_lose_none(
    centre: TestCentre, tmp_path: Path, clock: HandClock
) -> None:
    """Each has a guard of its own, as another process has: three tries are free, of however many that come at once."""
    folder = tmp_path / "hall"
    login_tries.write(folder, {OTHER_CLERK: LoginTries(used_step=99)})
    together = threading.Barrier(8)

    def begun(_: int) -> object:
        guard = LoginGuard(folder)
        together.wait(60)
        try:
            guard.begin(CLERK, True, clock)
        except KnownError as error:
            return error.code
        return "begun"

    with ThreadPoolExecutor(8) as programs:
        said = list(programs.map(begun, range(8)))
    assert said.count("begun") == 3
    assert said.count(FailureCode.LOGIN_LOCKED) == 5
    noted = login_tries.read(folder)
    assert (noted[CLERK].wrong, noted[CLERK].untold) == (3, 3)
    assert noted[OTHER_CLERK].used_step == 99


def test_one_code_lets_one_program_in(centre: TestCentre, tmp_path: Path) -> None:
    together = threading.Barrier(8)

    def let_in(_: int) -> object:
        guard = LoginGuard(tmp_path / "hall")
        together.wait(60)
        try:
            guard.succeed(CLERK, 7)
        except KnownError as error:
            return error.code
        return "in"

    with ThreadPoolExecutor(8) as programs:
        said = list(programs.map(let_in, range(8)))
    assert sorted(said, key=str) == [FailureCode.CODE_USED] * 7 + ["in"]


@pytest.mark.parametrize("does", ["changes the password", "enrols the hall"])
def test_who_is_logged_in_guesses_their_own_password_no_faster(
    does: str, centre: TestCentre, tmp_path: Path, clock: HandClock
) -> None:
    """Somebody at a counter that was left: each try counts, and is in the audit log."""
    folder = tmp_path / "hall"
    hall = open_hall(folder, clock, ADMINISTRATOR)

    def tried(password: str) -> None:
        if does == "changes the password":
            staff.change_password(hall, password, "quite another password")
        else:
            enrol(hall, password, hall.centre, said_roots(hall.centre))

    codes = []
    for _ in range(4):
        with pytest.raises(KnownError) as seen:
            tried("a guess")
        codes.append(seen.value.code)
    assert codes == [FailureCode.LOGIN_WRONG] * 3 + [FailureCode.LOGIN_LOCKED]
    with pytest.raises(KnownError, match="login_locked"):
        tried(PASSWORD)
    clock.advance(5)
    tried(PASSWORD)
    hall.close()
    with closing(open_hall(folder, clock)) as opened, opened.database.reading() as tables:
        (failed,) = [event for _, event in events(tables) if event.event == "login_failed"]
    assert (failed.actor, failed.detail["times"]) == (ADMINISTRATOR, 3)
