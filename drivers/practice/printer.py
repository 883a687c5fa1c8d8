"""The practice printer: the customer's copy as it would leave the printer, in a file."""

from pathlib import Path

from hallclient.domain.failures import FailureCode, KnownError


class FilePrinter:
    """Fulfils `Printer`. In the clear, on the disk: for practice only, where no real person's data is printed."""

    def __init__(self, path: Path) -> None:
        """Each document replaces the one at `path`."""
        self._path = path

    def print_pdf(self, pdf: bytes) -> None:
        """Write `pdf`. Raises printer_failed."""
        try:
            self._path.write_bytes(pdf)
        except OSError as error:
            raise KnownError(FailureCode.PRINTER_FAILED, "the practice printer's file cannot be written") from error
