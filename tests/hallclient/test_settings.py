"""Which hall commands work with."""

import hashlib
import os
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


@pytest.fixture
def administrators(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where an administrator of this computer puts what weighs; root here is whoever runs the tests."""
    folder = tmp_path / "etc"
    (folder / "face").mkdir(parents=True, mode=0o755)
    monkeypatch.setattr(settings, "ADMINISTRATORS_FOLDER", folder)
    monkeypatch.setattr(settings, "_ROOT_UID", os.getuid())
    return folder


def test_what_weighs_lies_where_no_variable_of_a_user_leads() -> None:
    assert Path("/etc/hallclient") == settings.ADMINISTRATORS_FOLDER
    assert settings._ROOT_UID == 0


@pytest.mark.attack(
    "T6", "HALLCLIENT_WLT_LIBRARY names a library of one's own", answer="no thresholds and no library of the user's"
)
def test_a_users_variables_bring_no_thresholds_and_no_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """T6: with $XDG_CONFIG_DIRS a threshold of -0.99 turned a stranger into the holder."""
    own = tmp_path / "hallclient" / "face"
    own.mkdir(parents=True)
    (own / "sface.toml").write_text("engine = 'sface'")
    (tmp_path / "wlt.so").touch()
    for name in ("XDG_CONFIG_DIRS", "XDG_CONFIG_HOME", "HOME", "ALLUSERSPROFILE", "PROGRAMDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("HALLCLIENT_WLT_LIBRARY", str(tmp_path / "wlt.so"))
    monkeypatch.setattr(settings, "ADMINISTRATORS_FOLDER", tmp_path / "nothing here")
    assert settings.face_thresholds("sface") is None
    assert settings.portrait_library() is None


@pytest.mark.attack("T6", "thresholds in the administrator's place that others may write")
def test_an_administrators_thresholds_count_unless_others_may_write_them(administrators: Path) -> None:
    assert settings.face_thresholds("sface") is None
    file = administrators / "face" / "sface.toml"
    file.touch(mode=0o644)
    assert settings.face_thresholds("sface") == file
    for path, mode in ((file, 0o666), (administrators / "face", 0o775), (administrators, 0o777)):
        good = path.stat().st_mode
        path.chmod(mode)
        with pytest.raises(KnownError, match="thresholds_invalid"):
            settings.face_thresholds("sface")
        path.chmod(good)
    assert settings.face_thresholds("sface") == file


def test_a_file_that_is_not_roots_is_no_administrators(administrators: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (administrators / "face" / "sface.toml").touch(mode=0o644)
    monkeypatch.setattr(settings, "_ROOT_UID", os.getuid() + 1)
    with pytest.raises(KnownError, match="thresholds_invalid"):
        settings.face_thresholds("sface")


@pytest.mark.attack("T6", "another library in the administrator's place")
def test_the_library_is_the_one_that_the_enrolment_names(administrators: Path) -> None:
    library = administrators / "portrait_library.so"
    library.write_bytes(b"a vendor's")
    library.chmod(0o755)
    assert settings.portrait_library() == library
    assert settings.portrait_library(hashlib.sha256(b"a vendor's").hexdigest()) == library
    with pytest.raises(KnownError, match="portrait_unreadable"):
        settings.portrait_library(hashlib.sha256(b"another").hexdigest())
