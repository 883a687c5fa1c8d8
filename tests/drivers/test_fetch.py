import dataclasses
import hashlib
import io
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from drivers.face.models import LANDMARK_FILE, LANDMARK_SHA256, landmark_folder
from drivers.fetch import LANDMARK_MODEL, PRACTICE_PICTURES, Archive, fetch, files_in, main
from drivers.practice.pictures import PICTURE_SHA256
from hallclient.domain.failures import FailureCode, KnownError

# A pip that copies the archive named in its own arguments to where it is told to download.
COPYING_PIP = "import shutil, sys; shutil.copy(sys.argv[1], sys.argv[sys.argv.index('--dest') + 1])"
WANTED = {"a.bin": b"first", "b.bin": b"second"}


def archive(folder: Path) -> Archive:
    sha256 = {name: hashlib.sha256(content).hexdigest() for name, content in WANTED.items()}
    return Archive("package==1", (), "package/data", sha256, folder, FailureCode.MODEL_CHANGED)


def sdist(path: Path, contents: dict[str, bytes], folder: str = "package/data") -> Path:
    with tarfile.open(path, "w:gz") as written:
        for name, content in {**contents, "../evil.py": b"print()", "other.jpg": b"x"}.items():
            member = tarfile.TarInfo(f"{folder}/{name}")
            member.size = len(content)
            written.addfile(member, io.BytesIO(content))
    return path


def wheel(path: Path, contents: dict[str, bytes], folder: str = "package/data") -> Path:
    with zipfile.ZipFile(path, "w") as written:
        for name, content in {**contents, "../evil.py": b"print()"}.items():
            written.writestr(f"{folder}/{name}", content)
    return path


def make(kind: str, path: Path, contents: dict[str, bytes], folder: str = "package/data") -> Path:
    return (wheel if kind == ".whl" else sdist)(path.with_suffix(kind), contents, folder)


@pytest.mark.parametrize("kind", [".whl", ".gz"])
def test_exactly_the_wanted_files_are_installed_and_a_second_call_runs_no_pip(tmp_path: Path, kind: str) -> None:
    source = make(kind, tmp_path / "package", WANTED)
    wanted = archive(tmp_path / "share" / "models")
    assert fetch([sys.executable, "-c", COPYING_PIP, str(source)], wanted)
    assert {path.name: path.read_bytes() for path in wanted.folder.iterdir()} == WANTED
    assert not fetch(["/no/such/pip"], wanted)


def test_a_damaged_file_is_fetched_again(tmp_path: Path) -> None:
    source = sdist(tmp_path / "package.gz", WANTED)
    wanted = archive(tmp_path / "there")
    wanted.folder.mkdir()
    (wanted.folder / "a.bin").write_bytes(WANTED["a.bin"])
    (wanted.folder / "b.bin").write_bytes(b"torn")
    assert fetch([sys.executable, "-c", COPYING_PIP, str(source)], wanted)
    assert (wanted.folder / "b.bin").read_bytes() == WANTED["b.bin"]


@pytest.mark.parametrize("kind", [".whl", ".gz"])
def test_other_files_are_refused(tmp_path: Path, kind: str) -> None:
    swapped = make(kind, tmp_path / "a", WANTED | {"a.bin": b"other"})
    elsewhere = make(kind, tmp_path / "b", WANTED, folder="elsewhere")
    torn = tmp_path / f"c{kind}"
    torn.write_bytes(swapped.read_bytes()[:100])
    for path in (swapped, elsewhere, torn, tmp_path / f"absent{kind}"):
        with pytest.raises(KnownError) as caught:
            files_in(path, archive(tmp_path))
        assert caught.value.code is FailureCode.MODEL_CHANGED


@pytest.mark.parametrize("pip", [["/no/such/pip"], ["false"], ["true"]])
def test_a_pip_that_brings_nothing_is_told(tmp_path: Path, pip: list[str]) -> None:
    with pytest.raises(KnownError) as caught:
        fetch(pip, archive(tmp_path / "models"))
    assert caught.value.code is FailureCode.MODEL_CHANGED


def test_every_archive_and_file_is_pinned() -> None:
    assert LANDMARK_MODEL.files == {LANDMARK_FILE: LANDMARK_SHA256}
    assert PRACTICE_PICTURES.files == PICTURE_SHA256
    for wanted in (LANDMARK_MODEL, PRACTICE_PICTURES):
        assert "==" in wanted.requirement
        assert "--hash=sha256:" in wanted.requirement


def test_the_command_ends_with_zero_when_all_is_there(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert landmark_folder().is_dir()
    assert main([]) == 0
    elsewhere = dataclasses.replace(PRACTICE_PICTURES, folder=tmp_path)
    assert main(["--pip", "/no/such/pip"], (elsewhere,)) == 1
    assert capsys.readouterr().err.startswith("practice_input_missing")
