"""What the application says at a practice hall, and does at its end, and when its hall could not be opened."""

import threading
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from hallclient import settings
from hallclient.cli import run
from hallclient.cli.run import _chosen, _close_together, _practice_logins
from hallclient.cli.screen import Screen
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.services.preparation import Preparation
from hallclient.storage.vault import Vault
from hallclient.system import SystemClock, SystemEntropy
from hallclient.wiring.held_open import HeldOpen
from hallclient.wiring.practice_hall import practice_hall
from hallclient.wiring.practice_staff import PRACTICE_STAFF, practice_password
from tests.halls import CLERK, PASSWORD, code_now, make_hall
from ui import app


def test_the_practice_logins_are_of_everybody() -> None:
    said = _practice_logins()
    for number in PRACTICE_STAFF.values():
        assert practice_password(number) in said


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
    clock = SystemClock()
    make_hall(folder, clock)
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
    with closing(Screen()) as screen:
        run._show(screen, folder, hall, HeldOpen("devices", lambda: pytest.fail("never started")), nothing, None)
    hall.start()
    login = made[0].login._login
    for _ in range(2):
        with pytest.raises(KnownError, match="disk_full"):
            login(CLERK, PASSWORD, code_now(clock))
    room = True
    services = login(CLERK, PASSWORD, code_now(clock))
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


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This user's folder, with a rehearsal elsewhere that was the last."""
    monkeypatch.delenv("HALLCLIENT_DATA", raising=False)
    monkeypatch.setattr(settings, "user_data_path", lambda *_, **__: tmp_path / "user")
    (tmp_path / "rehearsed").mkdir()
    settings.remember_rehearsal(practice_hall(tmp_path / "rehearsed", SystemClock(), SystemEntropy()))
    return tmp_path / "user"


def made_hall(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return practice_hall(folder, SystemClock(), SystemEntropy())


def test_a_rehearsal_elsewhere_changes_nothing_of_what_is_opened(user: Path) -> None:
    assert settings.hall_folder().parent.name == "rehearsed"  # commands that only look do work with it
    assert _chosen(None, False) == _chosen(None, True) == (user / "practice" / "hall", True)
    own = made_hall(user)
    assert _chosen(None, False) == (own, False)
    assert _chosen(None, True) == (user / "practice" / "hall", True)


@pytest.mark.parametrize("by_variable", [False, True])
def test_a_hall_that_is_named_is_opened_or_said_to_be_missing(
    by_variable: bool, user: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def chosen(folder: Path) -> tuple[Path, bool]:
        if by_variable:
            monkeypatch.setenv("HALLCLIENT_DATA", str(folder))
        return _chosen(None if by_variable else folder, False)

    named = made_hall(tmp_path / "named")
    assert chosen(named) == (named, False)
    (tmp_path / "file.bin").touch()
    for wrong in (tmp_path / "nowhere", tmp_path, tmp_path / "file.bin", Path("/proc/a")):
        with pytest.raises(KnownError) as caught:
            chosen(wrong)
        assert caught.value.code is FailureCode.HALL_MISSING
        assert wrong.name in caught.value.detail
    assert not (user / "practice").exists()


def test_an_empty_variable_names_no_hall(user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALLCLIENT_DATA", "")
    assert _chosen(None, False) == (user / "practice" / "hall", True)


def test_the_practice_hall_is_none_that_somebody_names(tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="input_invalid: --practice"):
        _chosen(tmp_path, True)
