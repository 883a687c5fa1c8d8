"""Installs the practice pictures: `python -m drivers.practice.fetch [--pip PATH]`.

pip downloads the sdist of `face_recognition` from the registry it is set up for; exactly four pictures are taken out of
it, by name and SHA-256. A second call finds them and does nothing.
"""

import argparse
import hashlib
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from drivers.practice.pictures import PICTURE_SHA256, picture_folder, picture_is_there
from hallclient.domain.failures import FailureCode, KnownError

# pip runs the sdist's setup.py to learn its metadata, so the whole archive is pinned and not only the pictures.
_REQUIREMENT = (
    "face_recognition==1.3.0 --hash=sha256:5e5efdd1686aa566af0d3cc1313b131e4b197657a8ffd03669e6d3fad92705ec\n"
)
_FOLDER_IN_SDIST = "face_recognition-1.3.0/tests/test_images"
_PATIENCE_S = 300.0


def fetch(pip: list[str], folder: Path) -> bool:
    """Install the pictures into `folder`; False when they were there already.

    Args:
        pip: the command that runs pip.

    Raises KnownError: practice_input_missing when pip fails or the sdist holds other pictures.
    """
    if all(picture_is_there(folder, name) for name in PICTURE_SHA256):
        return False
    with tempfile.TemporaryDirectory() as name:
        pictures = pictures_in(_download(pip, Path(name)))
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in pictures.items():
        part = folder / f"{name}.part"
        part.write_bytes(picture)
        part.replace(folder / name)
    return True


def pictures_in(sdist: Path) -> dict[str, bytes]:
    """The four pictures in the archive `sdist`, checked. Raises practice_input_missing."""
    pictures = {}
    try:
        with tarfile.open(sdist, "r:gz") as archive:
            for name in PICTURE_SHA256:
                member = archive.extractfile(f"{_FOLDER_IN_SDIST}/{name}")
                pictures[name] = b"" if member is None else member.read()
    except (OSError, EOFError, KeyError, tarfile.TarError) as error:
        raise KnownError(FailureCode.PRACTICE_INPUT_MISSING, "the sdist has no such pictures") from error
    for name, picture in pictures.items():
        if hashlib.sha256(picture).hexdigest() != PICTURE_SHA256[name]:
            raise KnownError(FailureCode.PRACTICE_INPUT_MISSING, f"{name} is another picture")
    return pictures


def _download(pip: list[str], folder: Path) -> Path:
    requirements = folder / "requirements.txt"
    requirements.write_text(_REQUIREMENT, encoding="utf-8")
    options = ["--no-deps", "--no-binary", ":all:", "--require-hashes", "--disable-pip-version-check", "--quiet"]
    command = [*pip, "download", *options, "--dest", str(folder), "--requirement", str(requirements)]
    try:
        subprocess.run(command, check=True, timeout=_PATIENCE_S, stdout=subprocess.DEVNULL)
    except (OSError, subprocess.SubprocessError) as error:
        raise KnownError(FailureCode.PRACTICE_INPUT_MISSING, "pip could not download face_recognition") from error
    sdist = next(folder.glob("*.tar.gz"), None)
    if sdist is None:
        raise KnownError(FailureCode.PRACTICE_INPUT_MISSING, "pip downloaded no sdist")
    return sdist


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 when the pictures are installed, else 1 with the failure on stderr."""
    parser = argparse.ArgumentParser(prog="python -m drivers.practice.fetch", description="Install practice pictures.")
    parser.add_argument("--pip", type=Path, help="the pip to use, by default that of this Python")
    parser.add_argument("--folder", type=Path, default=picture_folder(), help="where to, by default %(default)s")
    chosen = parser.parse_args(arguments)
    try:
        fetch([str(chosen.pip)] if chosen.pip else [sys.executable, "-m", "pip"], chosen.folder)
    except KnownError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
