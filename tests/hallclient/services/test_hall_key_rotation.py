"""Somebody leaves: what they have kept of the hall opens nothing, and nobody else notices; wherever it breaks off."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.staff import Role
from hallclient.services import staff
from hallclient.services.access import DATABASE, OpenHall, login
from hallclient.services.hall_key_rotation import remove
from hallclient.services.joining import Joining
from hallclient.storage import hall_file, next_hall_key, rekeying, waited_lock
from hallclient.storage.audit import events, first_broken_link
from hallclient.storage.database import Database
from hallclient.system import SystemEntropy
from tests import doubles
from tests.clock import CountingEntropy, HandClock
from tests.hallclient.services.sessions import open_session, walk
from tests.halls import ADMINISTRATOR, CLERK, OTHER_CLERK, PASSWORD, SUPERVISOR, TestCentre, code_now, open_hall


@pytest.fixture
def folder(tmp_path: Path, centre: TestCentre) -> Path:
    return tmp_path / "hall"


def administrator(folder: Path, clock: HandClock) -> OpenHall:
    """With randomness of their own: the new hall key comes from it."""
    return login(folder, ADMINISTRATOR, PASSWORD, code_now(clock), clock, SystemEntropy())


def sealed(folder: Path, clock: HandClock) -> tuple[str, bytes]:
    """A session of the clerk's, and its data key."""
    with closing(open_hall(folder, clock)) as hall:
        session = open_session(hall, doubles.equipment(clock))
        walk(session, clock)
        session.close()
        return session.session_id, hall.data_key(session.session_id)


def left(folder: Path, clock: HandClock) -> bytes:
    """The other clerk leaves; the key that they had."""
    with closing(open_hall(folder, clock, OTHER_CLERK)) as hall:
        old_key = hall.hall_key
    remove(administrator(folder, clock), OTHER_CLERK)
    return old_key


@pytest.mark.attack("T12", "who left opens the hall", answer="another hall key; login_wrong")
def test_everybody_else_goes_on_and_who_left_opens_nothing(folder: Path, clock: HandClock) -> None:
    session, data_key = sealed(folder, clock)
    old_key = left(folder, clock)
    with pytest.raises(KnownError, match="login_wrong"):
        open_hall(folder, clock, OTHER_CLERK)
    for number in (CLERK, SUPERVISOR, ADMINISTRATOR, CLERK):  # twice: the first time they learn the key
        with closing(open_hall(folder, clock, number)) as hall:
            assert hall.hall_key != old_key
            assert hall.data_key(session) == data_key
            with hall.database.reading() as tables:
                assert first_broken_link(tables) is None
                assert "staff_removed" in {event.event for _, event in events(tables)}
    with pytest.raises(KnownError, match="store_unreadable"):
        Database(folder / DATABASE, old_key, must_exist=True)
    assert hall_file.read(folder).next_hall_key is None


def test_an_invitation_outlives_the_change(folder: Path, clock: HandClock) -> None:
    with closing(open_hall(folder, clock, ADMINISTRATOR)) as hall:
        invited = staff.invite(hall, "1009", Role.CLERK)
    left(folder, clock)
    assert Joining(folder, "1009", invited.code, clock, CountingEntropy()).staff.number == "1009"


def test_two_who_leave_one_after_the_other(folder: Path, clock: HandClock) -> None:
    left(folder, clock)
    remove(administrator(folder, clock), "2002")
    open_hall(folder, clock, CLERK).close()  # who was away for both


def break_off_before_the_store(patches: pytest.MonkeyPatch) -> None:
    patches.setattr(next_hall_key, "rekey", broken)


def break_off_in_the_store(patches: pytest.MonkeyPatch) -> None:
    patches.setattr(rekeying, "_sync", broken)


def break_off_after_the_store(patches: pytest.MonkeyPatch) -> None:
    patches.setattr(next_hall_key, "_file_in", broken)


def broken(*_: object) -> None:
    raise KnownError(FailureCode.DISK_FULL)


@pytest.mark.parametrize("break_off", [break_off_before_the_store, break_off_in_the_store, break_off_after_the_store])
def test_wherever_it_breaks_off_the_next_login_goes_on(
    break_off: Callable[[pytest.MonkeyPatch], None], folder: Path, clock: HandClock
) -> None:
    session, data_key = sealed(folder, clock)
    with closing(open_hall(folder, clock)) as hall:
        old_key = hall.hall_key
    with pytest.MonkeyPatch.context() as patches:
        break_off(patches)
        with pytest.raises(KnownError, match="disk_full"):
            remove(administrator(folder, clock), OTHER_CLERK)
    for number in (CLERK, ADMINISTRATOR):
        with closing(open_hall(folder, clock, number)) as hall:
            assert hall.hall_key != old_key
            assert hall.data_key(session) == data_key
            assert hall_file.read(folder).next_hall_key is None
    assert hall_file.read(folder).entry(OTHER_CLERK) is None
    assert not list(folder.glob("*.part"))


@pytest.mark.parametrize(("who", "whom"), [(CLERK, OTHER_CLERK), (ADMINISTRATOR, ADMINISTRATOR), (ADMINISTRATOR, "x")])
def test_who_may_not_changes_nothing(who: str, whom: str, folder: Path, clock: HandClock) -> None:
    with closing(open_hall(folder, clock, who)) as hall:
        before = (folder / hall_file.NAME).read_bytes()
        with pytest.raises(KnownError, match=r"not_permitted|input_invalid"):
            remove(hall, whom)
        assert (folder / hall_file.NAME).read_bytes() == before


def test_while_somebody_works_there_nobody_is_removed_and_a_repeat_changes_the_key(
    folder: Path, clock: HandClock
) -> None:
    clerk = open_hall(folder, clock, CLERK)
    with pytest.raises(KnownError, match="store_busy"):
        remove(administrator(folder, clock), OTHER_CLERK)
    with clerk.database.reading() as tables:
        assert first_broken_link(tables) is None
        assert "staff_removed" not in {event.event for _, event in events(tables)}
    open_hall(folder, clock, OTHER_CLERK).close()
    clerk.close()
    remove(administrator(folder, clock), OTHER_CLERK)
    with closing(open_hall(folder, clock, CLERK)) as hall:
        assert hall.hall_key != clerk.hall_key


@pytest.mark.may_log("the hall key is still to be changed: store_busy")
@pytest.mark.parametrize("only_reads", [True, False])
def test_who_logs_in_beside_a_removal_waits_and_a_power_cut_then_loses_nothing(
    only_reads: bool, folder: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the file that says that the key is changed, and the database under the new key."""
    session, data_key = sealed(folder, clock)
    rekey = next_hall_key.rekey

    def beside(*given: Any) -> None:
        with pytest.raises(KnownError, match="store_busy"):
            login(folder, CLERK, PASSWORD, code_now(clock), clock, CountingEntropy(), only_reads=only_reads)
        rekey(*given)
        raise SystemExit("power cut")

    with monkeypatch.context() as patches:
        patches.setattr(waited_lock, "PATIENCE_S", 0.1)
        patches.setattr(next_hall_key, "rekey", beside)
        with pytest.raises(SystemExit):
            remove(administrator(folder, clock), OTHER_CLERK)
    for number in (CLERK, ADMINISTRATOR, SUPERVISOR):
        with closing(open_hall(folder, clock, number)) as hall:
            assert hall.data_key(session) == data_key
    assert hall_file.read(folder).next_hall_key is None


@pytest.mark.may_log("the hall key is still to be changed")
def test_a_change_that_was_broken_off_waits_for_who_has_the_hall_open(folder: Path, clock: HandClock) -> None:
    with pytest.MonkeyPatch.context() as patches:
        break_off_before_the_store(patches)
        with pytest.raises(KnownError, match="disk_full"):
            remove(administrator(folder, clock), OTHER_CLERK)
        patches.setattr(next_hall_key, "rekey", busy)
        clerk = open_hall(folder, clock, CLERK)
        assert hall_file.read(folder).next_hall_key is not None
    with closing(administrator(folder, clock)) as hall:
        assert hall.hall_key == clerk.hall_key
        assert hall_file.read(folder).next_hall_key is not None
    again = administrator(folder, clock)
    clerk.close()
    remove(again, OTHER_CLERK)  # whose entry is gone already
    with closing(open_hall(folder, clock, CLERK)) as hall:
        assert hall.hall_key != clerk.hall_key


def busy(*_: object) -> None:
    raise KnownError(FailureCode.STORE_BUSY)
