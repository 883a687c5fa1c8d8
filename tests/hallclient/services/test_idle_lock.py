"""The lock of an idle counter, over a hall."""

from pathlib import Path

import pytest

from hallclient.domain.enrolment import EnrolmentSettings
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.services.idle_lock import IDLE_LOCK_S, IdleLock
from hallclient.storage.audit import events
from tests.clock import HandClock
from tests.halls import CLERK, PASSWORD, code_now, make_hall, open_hall


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def test_its_person_alone_opens_it_and_the_audit_log_says_so(tmp_path: Path, clock: HandClock) -> None:
    make_hall(tmp_path / "hall", clock)
    hall = open_hall(tmp_path / "hall", clock)
    lock = IdleLock(hall)
    assert (lock.staff.number, lock.after_s) == (CLERK, IDLE_LOCK_S)
    for after_s, at_work_after_s in ((60, 1200), (300, 1200), (301, 1204), (3600, 14400)):
        lock.after_s = after_s
        assert lock.at_work_after_s == at_work_after_s
    lock.note()
    for password, code in ((PASSWORD, "000000"), ("somebody else's password", code_now(clock))):
        with pytest.raises(KnownError) as seen:
            lock.unlock(password, code)
        assert seen.value.code is FailureCode.LOGIN_WRONG
    lock.unlock(PASSWORD, code_now(clock))
    with hall.database.reading() as tables:
        told = [event.event for _, event in events(tables)]
    assert told[-2:] == ["idle_locked", "unlocked"]
    hall.close()


def test_wrong_tries_wait_as_at_the_login(tmp_path: Path, clock: HandClock) -> None:
    make_hall(tmp_path / "hall", clock)
    hall = open_hall(tmp_path / "hall", clock)
    lock = IdleLock(hall)
    codes = []
    for _ in range(4):
        with pytest.raises(KnownError) as seen:
            lock.unlock("wrong", code_now(clock))
        codes.append(seen.value.code)
    assert codes[-1] is FailureCode.LOGIN_LOCKED
    with pytest.raises(KnownError, match="login_locked"):
        lock.unlock(PASSWORD, code_now(clock))
    clock.advance(60)
    lock.unlock(PASSWORD, code_now(clock))
    hall.close()


@pytest.mark.parametrize("seconds", [29, 3601])
def test_the_operator_sets_no_time_that_is_none(seconds: int) -> None:
    with pytest.raises(ValueError, match="idle_lock_s"):
        EnrolmentSettings(idle_lock_s=seconds)
    assert EnrolmentSettings(idle_lock_s=60).idle_lock_s == 60
