"""The practice printer: the customer's copy as it would leave the printer, in a file."""

import os
from contextlib import suppress
from pathlib import Path

from hallclient.domain.failures import FailureCode, KnownError

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class FilePrinter:
    """Fulfils `Printer`. The file can be read by whoever has it, because that is what printing is for.

    Therefore it is for practice only, where every person is invented (`Counter.print_copy` sees to it); it lies outside
    the hall's folder, under one name that says nothing of the customer; only the user who runs the program may read it;
    and there is never more than one: each document replaces the one before, whole or not at all.
    """

    practice = True

    def __init__(self, path: Path) -> None:
        """Each document replaces the one at `path`."""
        self._path = path

    def print_pdf(self, pdf: bytes) -> Path | None:
        """Write `pdf`; the answer is where. Raises printer_failed."""
        half = self._path.with_name(f"{self._path.name}.part")
        try:
            half.unlink(missing_ok=True)  # what another left has another's rights
            with os.fdopen(os.open(half, _NEW, 0o600), "wb") as file:
                file.write(pdf)
            half.replace(self._path)
        except OSError as error:
            with suppress(OSError):
                half.unlink(missing_ok=True)
            raise KnownError(FailureCode.PRINTER_FAILED, "the practice printer's file cannot be written") from error
        return self._path.resolve()
