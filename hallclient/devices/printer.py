"""What puts a document on paper."""

from pathlib import Path
from typing import Protocol


class Printer(Protocol):
    """Prints a finished PDF.

    Attributes:
        practice: it puts no ink on paper but a file on the disk, and prints documents of practice halls only.
    """

    @property
    def practice(self) -> bool: ...

    def print_pdf(self, pdf: bytes) -> Path | None:
        """Hand the document to the printer. Raises printer_failed.

        A real one's document never touches the disk in the clear, and the answer is None; a practice one answers with
        the file that stands for the paper.
        """
        ...
