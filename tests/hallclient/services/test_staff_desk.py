"""The administrator's desk, over a hall."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hallclient.domain.failures import KnownError
from hallclient.domain.staff import Role
from hallclient.services.staff_desk import SecondPerson, StaffDesk
from tests.clock import HandClock
from tests.halls import ADMINISTRATOR, CLERK, PASSWORD, SUPERVISOR, code_now, make_hall, open_hall


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def folder(tmp_path: Path, clock: HandClock) -> Path:
    make_hall(tmp_path / "hall", clock)
    return tmp_path / "hall"


@pytest.fixture
def desk(folder: Path, clock: HandClock) -> Iterator[StaffDesk]:
    hall = open_hall(folder, clock, ADMINISTRATOR)
    yield StaffDesk(hall, lambda: None)
    hall.close()


@pytest.mark.parametrize("number", [CLERK, SUPERVISOR])
def test_it_is_nobody_elses(folder: Path, clock: HandClock, number: str) -> None:
    hall = open_hall(folder, clock, number)
    with pytest.raises(KnownError, match="not_permitted"):
        StaffDesk(hall, lambda: None)
    hall.close()


def test_it_knows_everybody_in_order_and_what_keeps_them_out(desk: StaffDesk) -> None:
    numbers = [one.staff.number for one in desk.known()]
    assert numbers == sorted(numbers)
    assert desk.staff.number == ADMINISTRATOR
    desk.lock(CLERK, True)
    assert [one.staff.number for one in desk.known() if one.locked] == [CLERK]
    desk.lock(CLERK, False)
    assert not [one for one in desk.known() if one.locked]


def test_an_invitation_has_a_code(desk: StaffDesk) -> None:
    invited = desk.invite("1003", Role.CLERK)
    assert (invited.invitation.number, len(invited.code)) == ("1003", 23)


def test_one_person_is_not_two(desk: StaffDesk, clock: HandClock) -> None:
    with pytest.raises(KnownError, match="not_permitted"):
        desk.invite("9002", Role.ADMINISTRATOR)
    for number in (ADMINISTRATOR, CLERK):
        second = SecondPerson(number, PASSWORD, code_now(clock))
        assert PASSWORD not in repr(second)
        with pytest.raises(KnownError, match="not_permitted"):
            desk.invite_again(SUPERVISOR, second)
    with pytest.raises(KnownError, match="login_wrong"):
        desk.invite_again(SUPERVISOR, SecondPerson(ADMINISTRATOR, "wrong", code_now(clock)))


def test_who_is_removed_opens_nothing_and_the_others_do(folder: Path, clock: HandClock) -> None:
    hall = open_hall(folder, clock, ADMINISTRATOR)
    let_go: list[bool] = []
    StaffDesk(hall, lambda: let_go.append(True)).remove(CLERK)
    assert let_go == [True]
    with pytest.raises(KnownError, match="login_wrong"):
        open_hall(folder, clock, CLERK)
    open_hall(folder, clock, SUPERVISOR).close()
