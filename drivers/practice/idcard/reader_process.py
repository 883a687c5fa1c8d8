"""This side of the virtual reader's process: starts it, gives it orders, ends it."""

import os
import subprocess
import sys
from pathlib import Path

from drivers.practice.idcard import orders
from drivers.practice.idcard.card_process import Dialect
from drivers.practice.idcard.practice_card import PracticeCard
from drivers.practice.idcard.virtual_sam import Trouble
from hallclient.domain.failures import FailureCode, KnownError

_CODE_ROOT = Path(__file__).parents[3]
_STOP_TIMEOUT_S = 5.0


class _Process:
    """A virtual reader's process that takes orders and ends with this one."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    @property
    def running(self) -> bool:
        """It was started, and neither stopped nor died."""
        return self._process is not None and self._process.poll() is None

    def insert(self, card: PracticeCard, trouble: Trouble | None = None) -> None:
        """Put `card` down; `trouble` lasts until it is removed. Raises KnownError: reader_missing when it has died."""
        self._order(orders.INSERT, orders.insertion(card, trouble))

    def remove(self) -> None:
        """Take the card away. Raises KnownError: reader_missing when it has died."""
        self._order(orders.REMOVE, orders.plain(orders.REMOVE))

    def _launch(self, module: str, *arguments: str) -> None:
        """Start `module`, with no card, and wait until it listens."""
        self._process = subprocess.Popen(
            (sys.executable, "-m", module, *arguments),
            cwd=_CODE_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._await(orders.LISTENING)

    def _kill(self) -> None:
        if self._process is None:
            return
        with self._process as process:
            process.kill()
        self._process = None

    def _order(self, name: str, line: str) -> None:
        if self._process is None or self._process.stdin is None:
            raise KnownError(FailureCode.READER_MISSING, "the virtual reader does not run")
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        except OSError:
            raise KnownError(FailureCode.READER_MISSING, "the virtual reader died") from None
        self._await(name)

    def _await(self, answer: str) -> None:
        if self._process is None or self._process.stdout is None or self._process.stdout.readline().strip() != answer:
            raise KnownError(FailureCode.READER_MISSING, "the virtual reader died")


class ReaderProcess(_Process):
    """A virtual PC/SC reader and the card on it."""

    def __init__(self, path: Path) -> None:
        """`path` is the Unix socket on which pcscd's handler finds it."""
        super().__init__()
        self._path = path

    def start(self, dialect: Dialect = Dialect.ESCAPE) -> None:
        """Start it, with no card, and wait until it listens."""
        self._path.unlink(missing_ok=True)
        self._launch("drivers.practice.idcard.card_process", os.fspath(self._path), dialect)

    def unplug(self) -> None:
        """Pull the reader's cable; what lies on it stays there. Raises KnownError: reader_missing when it has died."""
        self._order(orders.UNPLUG, orders.plain(orders.UNPLUG))

    def plug(self) -> None:
        """Put the cable back. Raises KnownError: reader_missing when it has died."""
        self._order(orders.PLUG, orders.plain(orders.PLUG))

    def stop(self) -> None:
        """End it, as unplugging the reader would; harmless when it does not run."""
        self._kill()
        self._path.unlink(missing_ok=True)


class SerialReaderProcess(_Process):
    """A virtual serial reader and the card on it."""

    def __init__(self, path: Path) -> None:
        """`path` becomes a link to its serial port."""
        super().__init__()
        self.path = path

    def start(self, baud_rate: int = 115_200) -> None:
        """Start it, with no card, and wait until the port is there."""
        self.path.unlink(missing_ok=True)
        self._launch("drivers.practice.idcard.serial_reader", os.fspath(self.path), str(baud_rate))

    def stop(self) -> None:
        """End it, as unplugging the reader would; harmless when it does not run."""
        self._kill()
        self.path.unlink(missing_ok=True)
