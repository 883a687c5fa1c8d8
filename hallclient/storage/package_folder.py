"""The files of one evidence package in one folder."""

import stat
from pathlib import Path
from typing import BinaryIO

from hallclient.domain.evidence import CLERK_SIGNATURE, MANIFEST, MANIFEST_TIMESTAMP, RECEIPT, REVIEW
from hallclient.domain.evidence.files import SEALED_SUFFIX
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.storage.store_failures import of_os_error, store_failures

PART_SUFFIX = ".part"  # a file that is still being written, and no member of the package
_SIGNED = frozenset(f"{stem}.{ending}" for stem in (MANIFEST, REVIEW, RECEIPT) for ending in ("json", "sig"))
_DOCUMENTS = _SIGNED | {CLERK_SIGNATURE, MANIFEST_TIMESTAMP}


class PackageFolder:
    """`hallclient.domain.inspection.PackageFiles` over a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        """Regular files by their names, without what the hall itself is still writing.

        Everything else has a "/" behind it: no member of a package is called so.

        Raises store_read_only, store_unreadable.
        """
        with store_failures(self.folder):
            return sorted(
                path.name if stat.S_ISREG(path.lstat().st_mode) else f"{path.name}/"
                for path in self.folder.iterdir()
                if not _is_unfinished(path.name)
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


def _is_unfinished(name: str) -> bool:
    whole = name.removesuffix(PART_SUFFIX)
    return whole != name and (whole in _DOCUMENTS or whole.endswith(SEALED_SUFFIX))
