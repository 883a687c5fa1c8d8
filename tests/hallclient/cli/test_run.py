"""What the application says at a practice hall, and does at its end."""

import threading

import pytest

from hallclient.cli import run
from hallclient.cli.login import PRACTICE_STAFF, practice_password
from hallclient.cli.run import _close_together, _practice_logins
from hallclient.domain.staff import Role


def test_the_practice_logins_are_of_those_who_have_a_window() -> None:
    said = _practice_logins()
    for role, number in PRACTICE_STAFF.items():
        has_window = role in (Role.CLERK, Role.SUPERVISOR)
        assert (practice_password(number) in said) is has_window


class Part:
    """Says that it is told to end, and ends when the other was told, too."""

    def __init__(self) -> None:
        self.told = threading.Event()
        self.other: Part | None = None

    def close(self) -> None:
        self.told.set()
        assert self.other is None or self.other.told.wait(60)


class Broken:
    def close(self) -> None:
        raise RuntimeError("a mistake")


def test_no_part_is_waited_for_before_the_others_are_told_to_end() -> None:
    """The preparation waits for faces as long as nobody closes the devices."""
    one, other = Part(), Part()
    one.other, other.other = other, one
    _close_together(one, other)
    assert one.told.is_set()
    assert other.told.is_set()


def test_a_mistake_of_one_is_told_when_all_have_ended() -> None:
    part = Part()
    with pytest.raises(RuntimeError, match="a mistake"):
        _close_together(Broken(), part)
    assert part.told.is_set()


@pytest.mark.may_log("1 of 2 parts of the application do not end and are left behind")
def test_what_hangs_is_left_behind_and_a_mistake_of_another_is_still_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "_CLOSING_LIMIT_S", 0.5)
    hanging = Part()
    hanging.other = Part()
    with pytest.raises(RuntimeError, match="a mistake"):
        _close_together(hanging, Broken())
    assert hanging.told.is_set()
    assert not hanging.other.told.is_set()
    hanging.other.told.set()
