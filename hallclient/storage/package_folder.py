"""The files of one evidence package in one folder."""

from pathlib import Path
from typing import BinaryIO

PART_SUFFIX = ".part"  # a file that is still being written, and no member of the package


class PackageFolder:
    """`hallclient.domain.inspection.PackageFiles` over a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir() if path.suffix != PART_SUFFIX)

    def open(self, name: str) -> BinaryIO:
        return (self.folder / name).open("rb")
