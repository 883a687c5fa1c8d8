"""The files of one evidence package in one folder."""

import stat
from pathlib import Path
from typing import BinaryIO

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.storage.store_failures import of_os_error, store_failures

PART_SUFFIX = ".part"  # a file that is still being written, and no member of the package


class PackageFolder:
    """`hallclient.domain.inspection.PackageFiles` over a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        """Regular files by their names. Everything else has a "/" behind it: no member of a package is called so.

        Raises store_read_only, store_unreadable.
        """
        with store_failures(self.folder):
            return sorted(
                path.name if stat.S_ISREG(path.lstat().st_mode) else f"{path.name}/"
                for path in self.folder.iterdir()
                if path.suffix != PART_SUFFIX
            )

    def open(self, name: str) -> BinaryIO:
        """Raises evidence_damaged for what is not there any more, store_read_only, store_unreadable."""
        path = self.folder / name
        try:
            return path.open("rb")
        except FileNotFoundError:
            raise KnownError(FailureCode.EVIDENCE_DAMAGED, name) from None
        except OSError as error:
            raise of_os_error(error, path) from error
