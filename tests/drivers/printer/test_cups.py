from pathlib import Path

import pytest

from drivers.printer.cups import CupsPrinter
from hallclient.domain.failures import FailureCode, KnownError

PDF = b"%PDF-1.7 a customer's copy"


@pytest.fixture
def lp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A simulated `lp` that keeps what it is given next to itself."""
    command = tmp_path / "lp"
    command.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\ncat > {tmp_path}/document\n', encoding="utf-8")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return command


def test_the_document_goes_to_lp_over_its_stdin(lp: Path) -> None:
    CupsPrinter("counter-3").print_pdf(PDF)
    assert (lp.parent / "document").read_bytes() == PDF
    assert (lp.parent / "arguments").read_text() == "-s -t hallclient -d counter-3\n"


def test_the_systems_printer_is_the_default(lp: Path) -> None:
    CupsPrinter().print_pdf(PDF)
    assert (lp.parent / "arguments").read_text() == "-s -t hallclient\n"


def test_a_printer_that_refuses_has_failed(lp: Path) -> None:
    lp.write_text("#!/bin/sh\necho 'no such printer: ZHANG SAN' >&2\nexit 3\n", encoding="utf-8")
    with pytest.raises(KnownError) as caught:
        CupsPrinter().print_pdf(PDF * 10_000)
    assert (caught.value.code, caught.value.detail) == (FailureCode.PRINTER_FAILED, "lp ended with 3")


def test_without_lp_printing_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(KnownError) as caught:
        CupsPrinter().print_pdf(PDF)
    assert caught.value.code is FailureCode.PRINTER_FAILED


def test_a_spooler_that_hangs_has_failed(lp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.printer.cups._PATIENCE_S", 0.2)
    lp.write_text("#!/bin/sh\nexec sleep 30\n", encoding="utf-8")
    with pytest.raises(KnownError) as caught:
        CupsPrinter().print_pdf(PDF)
    assert caught.value.code is FailureCode.PRINTER_FAILED
