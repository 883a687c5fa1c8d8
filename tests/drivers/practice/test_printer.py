from pathlib import Path

import pytest

from drivers.practice.printer import FilePrinter
from hallclient.domain.failures import FailureCode, KnownError


def test_the_newest_document_lies_in_the_file(tmp_path: Path) -> None:
    printer = FilePrinter(tmp_path / "copy.pdf")
    printer.print_pdf(b"%PDF first, and longer")
    printer.print_pdf(b"%PDF second")
    assert (tmp_path / "copy.pdf").read_bytes() == b"%PDF second"


def test_a_folder_that_is_not_there_is_a_failed_printer(tmp_path: Path) -> None:
    with pytest.raises(KnownError) as caught:
        FilePrinter(tmp_path / "gone" / "copy.pdf").print_pdf(b"%PDF")
    assert caught.value.code is FailureCode.PRINTER_FAILED
