import io
import sys
import tarfile
from pathlib import Path

import pytest

from drivers.practice.fetch import fetch, main, pictures_in
from drivers.practice.pictures import PICTURE_SHA256, picture_folder
from hallclient.domain.failures import FailureCode, KnownError

# A pip that copies the sdist named in its own arguments to where it is told to download.
COPYING_PIP = "import shutil, sys; shutil.copy(sys.argv[1], sys.argv[sys.argv.index('--dest') + 1])"


def sdist(path: Path, pictures: dict[str, bytes], folder: str = "face_recognition-1.3.0/tests/test_images") -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in {**pictures, "../evil.py": b"print()", "other.jpg": b"x"}.items():
            member = tarfile.TarInfo(f"{folder}/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


@pytest.fixture
def pictures() -> dict[str, bytes]:
    return {name: (picture_folder() / name).read_bytes() for name in PICTURE_SHA256}


def test_exactly_four_pictures_are_installed_and_a_second_call_runs_no_pip(
    tmp_path: Path, pictures: dict[str, bytes]
) -> None:
    archive = sdist(tmp_path / "face_recognition-1.3.0.tar.gz", pictures)
    folder = tmp_path / "share" / "practice"
    assert fetch([sys.executable, "-c", COPYING_PIP, str(archive)], folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == pictures
    assert not fetch(["/no/such/pip"], folder)


def test_a_damaged_picture_is_fetched_again(tmp_path: Path, pictures: dict[str, bytes]) -> None:
    archive = sdist(tmp_path / "face_recognition-1.3.0.tar.gz", pictures)
    for name, content in pictures.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "biden.jpg").write_bytes(b"torn")
    assert fetch([sys.executable, "-c", COPYING_PIP, str(archive)], tmp_path)
    assert (tmp_path / "biden.jpg").read_bytes() == pictures["biden.jpg"]


def test_other_pictures_are_refused(tmp_path: Path, pictures: dict[str, bytes]) -> None:
    swapped = sdist(tmp_path / "a.tar.gz", pictures | {"obama.jpg": pictures["biden.jpg"]})
    elsewhere = sdist(tmp_path / "b.tar.gz", pictures, folder="elsewhere")
    torn = tmp_path / "c.tar.gz"
    torn.write_bytes(swapped.read_bytes()[:5000])
    for archive in (swapped, elsewhere, torn, tmp_path / "absent.tar.gz"):
        with pytest.raises(KnownError) as caught:
            pictures_in(archive)
        assert caught.value.code is FailureCode.PRACTICE_INPUT_MISSING


@pytest.mark.parametrize("pip", [["/no/such/pip"], ["false"], ["true"]])
def test_a_pip_that_brings_nothing_is_told(tmp_path: Path, pip: list[str]) -> None:
    with pytest.raises(KnownError) as caught:
        fetch(pip, tmp_path / "pictures")
    assert caught.value.code is FailureCode.PRACTICE_INPUT_MISSING


def test_the_command_ends_with_zero_when_all_is_there(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main([]) == 0
    assert main(["--pip", "/no/such/pip", "--folder", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("practice_input_missing")
