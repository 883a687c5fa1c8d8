"""Which hall commands work with."""

from pathlib import Path

import pytest

from hallclient import settings
from hallclient.domain.failures import KnownError


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


def test_an_empty_variable_names_nothing(user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALLCLIENT_DATA", "")
    assert settings.named_hall() is None
    assert settings.hall_folder() == settings.new_hall_folder() == user / "hall"
    monkeypatch.setenv("HALLCLIENT_DATA", "elsewhere")
    assert settings.named_hall() == settings.hall_folder() == settings.new_hall_folder() == Path("elsewhere")
    assert settings.named_hall(user) == settings.hall_folder(user) == settings.new_hall_folder(user) == user


def test_a_new_hall_is_never_made_where_somebody_rehearsed(user: Path) -> None:
    settings.remember_rehearsal(user / "rehearsed")
    assert settings.new_hall_folder() == user / "hall"
    assert settings.practice_folder() == user / "practice"


def test_whose_roots_are_missing_is_said(user: Path) -> None:
    def said(roots: Path | None, data: Path | None) -> str:
        with pytest.raises(KnownError) as caught:
            settings.trust_roots(roots, data)
        return str(caught.value)

    (user / "empty").mkdir()
    assert said(user / "no.pem", None) == "file_missing: no.pem: No such file or directory"
    assert said(user, None) == f"trust_roots_missing: {user.name}: Is a directory"
    assert said(None, user / "nowhere") == "hall_missing: no hall.json in nowhere"
    assert said(None, user / "empty") == "hall_missing: no hall.json in empty"
    assert said(None, None).startswith("trust_roots_missing: roots.pem")  # an auditor's computer has no hall


def test_a_pointer_that_never_ends_is_none(user: Path) -> None:
    with (user / "last_rehearsal").open("wb") as file:
        file.truncate(1 << 40)  # takes no room on the disk
    assert settings.hall_folder() == user / "hall"
