"""Which hall commands work with."""

from pathlib import Path

import pytest

from hallclient import settings


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("HALLCLIENT_DATA", raising=False)
    monkeypatch.setattr(settings, "user_data_path", lambda *_, **__: tmp_path)
    return tmp_path


def test_the_last_rehearsal_is_remembered_while_there_is_no_own_hall(user: Path) -> None:
    assert settings.hall_folder() == user / "hall"
    settings.remember_rehearsal(user / "practice")
    assert settings.hall_folder() == (user / "practice").resolve()
    (user / "hall").mkdir()
    (user / "hall" / "hall.json").touch()
    assert settings.hall_folder() == user / "hall"


def test_a_pointer_that_never_ends_is_none(user: Path) -> None:
    with (user / "last_rehearsal").open("wb") as file:
        file.truncate(1 << 40)  # takes no room on the disk
    assert settings.hall_folder() == user / "hall"
