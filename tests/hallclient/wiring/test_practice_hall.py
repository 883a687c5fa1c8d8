"""The practice hall after a first start that was broken off, and beside another first start."""

from pathlib import Path

import pytest

from hallclient.central.centre import Centre
from hallclient.cli.instance import hold_hall
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.services.set_up import create_hall
from hallclient.storage import hall_file
from hallclient.system import SystemClock, SystemEntropy
from hallclient.wiring import practice_hall as module
from hallclient.wiring.practice_hall import practice_hall, practice_hall_folder
from tests.command_line import hallclient
from tests.halls import FIRST_ADMINISTRATOR, PLACE


def made(folder: Path) -> Path:
    return practice_hall(folder, SystemClock(), SystemEntropy())


def test_it_is_enrolled_from_its_first_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[bool] = []
    put = hall_file.put

    def noted(folder: Path, hall: hall_file.HallFile) -> None:
        written.append(hall.centre is not None)
        put(folder, hall)

    monkeypatch.setattr(hall_file, "put", noted)
    hall = made(tmp_path)
    assert written == [True]
    assert {path.name for path in tmp_path.iterdir()} == {"hall", "central"}
    assert made(tmp_path) == hall
    assert len(written) == 1


def test_a_centre_that_cannot_be_made_leaves_no_hall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> Centre:
        raise KnownError(FailureCode.DISK_FULL)

    with monkeypatch.context() as patches:
        patches.setattr(module, "_centre", full)
        with pytest.raises(KnownError, match="disk_full"):
            made(tmp_path)
    assert not list((tmp_path / "hall").iterdir())
    assert hall_file.read(made(tmp_path)).centre is not None


def test_drafts_of_a_centre_go_and_what_only_looks_like_one_stays(tmp_path: Path) -> None:
    for name in (".central.0123456789abcdef", ".central.mine", ".centrale.0123456789abcdef"):
        (tmp_path / name / "keys").mkdir(parents=True)
    made(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "hall",
        "central",
        ".central.mine",
        ".centrale.0123456789abcdef",
    }


def test_a_real_hall_is_left_alone(tmp_path: Path) -> None:
    hall = practice_hall_folder(tmp_path)
    create_hall(hall, PLACE, "device-1", False, FIRST_ADMINISTRATOR, SystemClock(), SystemEntropy())
    before = {path.name: path.read_bytes() for path in hall.iterdir()}
    with pytest.raises(KnownError, match="hall_exists"):
        made(tmp_path)
    assert {path.name: path.read_bytes() for path in hall.iterdir()} == before


def test_a_second_first_start_says_that_the_first_runs(tmp_path: Path) -> None:
    with hold_hall(practice_hall_folder(tmp_path)):  # the first has made nothing yet
        done = hallclient("rehearse", "--out", str(tmp_path))
        assert (done.returncode, done.stderr.split(":")[0]) == (2, "already_running")
        assert not hall_file.exists(practice_hall_folder(tmp_path))
