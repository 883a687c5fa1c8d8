"""The files of one evidence package in one folder, whoever filled it."""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.storage.store_failures import of_os_error, store_failures

PART_SUFFIX = ".part"  # a file that is still being written, and no member of the package
_MOST_NAMES = 10_000  # a package has some twenty
# Nothing that is opened leads elsewhere or makes us wait, also where it became another thing since it was named.
_OPEN = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY", "O_NOCTTY"))


class PackageFolder:
    """`hallclient.domain.inspection.PackageFiles` over a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        """Everything that lies there; what is no regular file has a "/" behind it: no member of a package is called so.

        Raises evidence_damaged for more names than any package has, which says that foreign files are the cause, not
        the evidence; store_read_only, store_unreadable.
        """
        names: list[str] = []
        with store_failures(self.folder), os.scandir(self.folder) as entries:
            for entry in entries:
                names.append(entry.name if entry.is_file(follow_symlinks=False) else f"{entry.name}/")
                if len(names) > _MOST_NAMES:
                    cause = f"more than {_MOST_NAMES} files: foreign ones, to be taken out; nothing was looked at"
                    raise KnownError(FailureCode.EVIDENCE_DAMAGED, cause)
        return sorted(names)

    def open(self, name: str) -> BinaryIO:
        """Raises evidence_damaged for what is not there any more, store_read_only, store_unreadable."""
        path = self.folder / name
        try:
            descriptor = os.open(path, _OPEN)
            try:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise OSError(errno.EINVAL, "not a regular file")
                return os.fdopen(descriptor, "rb")
            except BaseException:
                os.close(descriptor)
                raise
        except FileNotFoundError:
            raise KnownError(FailureCode.EVIDENCE_DAMAGED, name) from None
        except OSError as error:
            raise of_os_error(error, path) from error
