"""Which file of the hall is true: whatever fails between the database and its copy, and whichever copy lies there."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.staff import Role
from hallclient.domain.totp import code_at
from hallclient.services import staff
from hallclient.services.access import OpenHall, login
from hallclient.services.joining import Joining
from hallclient.storage import database, hall_file, hall_record
from hallclient.storage.audit import events
from tests.clock import CountingEntropy, HandClock
from tests.halls import ADMINISTRATOR, CLERK, OTHER_CLERK, PASSWORD, code_now, make_hall, open_hall


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def folder(tmp_path: Path, clock: HandClock) -> Path:
    make_hall(tmp_path / "hall", clock)
    return tmp_path / "hall"


def told(hall: OpenHall) -> list[str]:
    with hall.database.reading() as tables:
        return [event.event for _, event in events(tables)]


def full(*_: object) -> None:
    raise KnownError(FailureCode.DISK_FULL)


@contextmanager
def without_commit(connection: Any, begin: str) -> Iterator[None]:
    """A transaction that writes ends with a full disk."""
    connection.execute(begin)
    try:
        yield
        if begin == "BEGIN IMMEDIATE":
            full()
    finally:
        connection.rollback()


def test_a_commit_that_fails_changes_nothing(folder: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of anything that is written into the hall's file: a lock, an invitation, somebody's first day."""
    with closing(open_hall(folder, clock, ADMINISTRATOR)) as hall:
        invited = staff.invite(hall, "1009", Role.CLERK)
        joining = Joining(folder, "1009", invited.code, clock, CountingEntropy())
        before = (folder / hall_file.NAME).read_bytes()
        said = told(hall)
        with monkeypatch.context() as patches:
            patches.setattr(database, "_begun", without_commit)
            for change in (
                lambda: staff.lock(hall, CLERK, True),
                lambda: staff.invite(hall, "1010", Role.CLERK),
                lambda: joining.finish("somebody's first password", code_at(joining.totp_secret, clock.now())),
            ):
                with pytest.raises(KnownError, match="disk_full"):
                    change()
                assert (folder / hall_file.NAME).read_bytes() == before
        assert told(hall) == said
        assert not any(one.locked for one in staff.known_staff(hall))
    open_hall(folder, clock, CLERK).close()


def test_a_copy_that_a_crash_left_older_is_made_good_by_the_next_login(
    folder: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(open_hall(folder, clock, ADMINISTRATOR)) as hall, monkeypatch.context() as patches:
        patches.setattr(hall_record.hall_file, "put", full)
        with pytest.raises(KnownError, match="disk_full"):
            staff.lock(hall, CLERK, True)
        assert "staff_locked" in told(hall)
    with pytest.raises(KnownError, match="staff_locked"):
        open_hall(folder, clock, CLERK)
    with closing(open_hall(folder, clock, OTHER_CLERK)) as hall, hall.database.reading() as tables:
        assert hall_file.read(folder) == hall_record.held(tables) == hall.file
    entry = hall_file.read(folder).entry(CLERK)
    assert entry is not None
    assert entry.locked


def test_an_older_file_opens_nothing_with_a_password_of_before(folder: Path, clock: HandClock) -> None:
    older = (folder / hall_file.NAME).read_bytes()
    with closing(open_hall(folder, clock)) as hall:
        staff.change_password(hall, PASSWORD, "quite another password")
    newer = hall_file.read(folder)
    (folder / hall_file.NAME).write_bytes(older)
    with pytest.raises(KnownError, match="login_wrong"):
        open_hall(folder, clock)
    assert hall_file.read(folder) == newer
    login(folder, CLERK, "quite another password", code_now(clock), clock, CountingEntropy()).close()


def test_an_older_file_unlocks_no_idle_counter_with_a_password_of_before(folder: Path, clock: HandClock) -> None:
    older = (folder / hall_file.NAME).read_bytes()
    with closing(open_hall(folder, clock)) as hall:
        staff.change_password(hall, PASSWORD, "quite another password")
        (folder / hall_file.NAME).write_bytes(older)
        with pytest.raises(KnownError, match="login_wrong"):
            staff.unlock_idle(hall, PASSWORD, code_now(clock))
        staff.unlock_idle(hall, "quite another password", code_now(clock))


def test_a_database_without_it_is_said(folder: Path, clock: HandClock) -> None:
    with closing(open_hall(folder, clock)) as hall:
        with hall.database.transaction() as tables:
            tables.execute("DELETE FROM setting WHERE name = 'hall_file'")
        with pytest.raises(KnownError, match="store_unreadable"):
            staff.known_staff(hall)
