"""The operating system's printers through CUPS.

Never tried on hardware: the machine it was written on has no printer. Its tests run it on a simulated `lp`.
"""

import subprocess
from pathlib import Path

from hallclient.domain.failures import FailureCode, KnownError

_PATIENCE_S = 30.0


class CupsPrinter:
    """Fulfils `Printer` with the command `lp`, which takes the document over its stdin.

    This side writes no file. What the spooler keeps is the operator's to set (`PreserveJobFiles No` in cupsd.conf, and
    a spool folder on an encrypted disk).
    """

    practice = False

    def __init__(self, name: str | None = None) -> None:
        """Print on the printer called `name` in CUPS, by default on the system's."""
        self._command = ["lp", "-s", "-t", "hallclient"] + (["-d", name] if name else [])

    def print_pdf(self, pdf: bytes) -> Path | None:
        """Hand `pdf` to the spooler, which prints it later. Raises printer_failed when it is not taken in 30 s."""
        try:
            done = subprocess.run(self._command, input=pdf, capture_output=True, timeout=_PATIENCE_S, check=False)
        except OSError as error:
            raise KnownError(FailureCode.PRINTER_FAILED, "lp cannot be run") from error
        except subprocess.TimeoutExpired:
            raise KnownError(FailureCode.PRINTER_FAILED, "the spooler does not answer") from None
        if done.returncode != 0:
            raise KnownError(FailureCode.PRINTER_FAILED, f"lp ended with {done.returncode}")
        return None
