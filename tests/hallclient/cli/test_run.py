"""What the application says at a practice hall, and does at its end, and when its hall could not be opened."""

import threading
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from hallclient.cli import run
from hallclient.cli.login import PRACTICE_STAFF, practice_password
from hallclient.cli.run import _close_together, _practice_logins
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.staff import Role
from hallclient.services.preparation import Preparation
from hallclient.storage.vault import Vault
from hallclient.wiring.held_open import HeldOpen
from tests.clock import HandClock
from tests.halls import CLERK, PASSWORD, make_hall
from ui import app


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


def test_a_hall_on_a_disk_that_was_full_opens_at_the_login_after_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp: QApplication
) -> None:
    """It failed at each login until the application was started again."""
    folder = tmp_path / "hall"
    make_hall(folder, HandClock())
    room = False
    clear = Vault.clear_unfinished

    def clears(vault: Vault) -> None:
        if not room:
            raise KnownError(FailureCode.DISK_FULL)
        clear(vault)

    monkeypatch.setattr(Vault, "clear_unfinished", clears)
    made: list[app.App] = []

    def starts(self: app.App) -> None:
        made.append(self)

    monkeypatch.setattr(app.App, "start", starts)
    monkeypatch.setattr(QApplication, "exec", lambda _=None: 0)
    hall = HeldOpen("hall", lambda: run._hall(folder, False))
    nothing = Preparation(lambda: pytest.fail("nobody needs the devices"))
    run._show(folder, hall, HeldOpen("devices", lambda: pytest.fail("never started")), nothing, None)
    hall.start()
    login = made[0].login._login
    for _ in range(2):
        with pytest.raises(KnownError, match="disk_full"):
            login(CLERK, PASSWORD)
    room = True
    services = login(CLERK, PASSWORD)
    for one in services.closing:
        one.close()
    hall.close()
    made[0].ended.emit()


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
