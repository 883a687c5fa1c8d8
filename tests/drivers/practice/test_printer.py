import os
from pathlib import Path

import pytest

from drivers.practice.printer import FilePrinter
from hallclient.domain.failures import FailureCode, KnownError


def test_the_newest_document_lies_in_the_file(tmp_path: Path) -> None:
    printer = FilePrinter(tmp_path / "copy.pdf")
    printer.print_pdf(b"%PDF first, and longer")
    assert printer.print_pdf(b"%PDF second") == tmp_path / "copy.pdf"
    assert (tmp_path / "copy.pdf").read_bytes() == b"%PDF second"


def test_a_folder_that_is_not_there_is_a_failed_printer(tmp_path: Path) -> None:
    with pytest.raises(KnownError) as caught:
        FilePrinter(tmp_path / "gone" / "copy.pdf").print_pdf(b"%PDF")
    assert caught.value.code is FailureCode.PRINTER_FAILED


@pytest.mark.skipif(os.name != "posix", reason="Windows has no mode bits: the user's folder protects what is in it")
def test_nobody_else_may_read_it_whatever_lay_there_before(tmp_path: Path) -> None:
    path = tmp_path / "copy.pdf"
    for left in (path, tmp_path / "copy.pdf.part"):
        left.write_bytes(b"left")
        left.chmod(0o666)
    mask = os.umask(0)
    try:
        FilePrinter(path).print_pdf(b"%PDF")
    finally:
        os.umask(mask)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["copy.pdf"]


def test_a_document_that_cannot_be_written_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printer = FilePrinter(tmp_path / "copy.pdf")
    printer.print_pdf(b"%PDF first")

    def full(*_: object) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(KnownError, match="printer_failed"):
        printer.print_pdf(b"%PDF second")
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {"copy.pdf": b"%PDF first"}
