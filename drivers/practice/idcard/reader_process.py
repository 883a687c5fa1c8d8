"""This side of the virtual reader's process: starts it, gives it orders, ends it."""

import os
import select
import subprocess
import sys
import time
from pathlib import Path

from drivers.practice.idcard import orders
from drivers.practice.idcard.card_process import Dialect
from drivers.practice.idcard.practice_card import PracticeCard
from drivers.practice.idcard.virtual_sam import Trouble
from hallclient.domain.failures import FailureCode, KnownError

_CODE_ROOT = Path(__file__).parents[3]
_LAUNCH_PATIENCE_S = 60.0
_ORDER_PATIENCE_S = 20.0  # far more than a busy counter needs
_BLOCK_BYTES = 4096


class _Process:
    """A virtual reader's process that takes orders and ends with this one."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._awaited = ""  # the answer that is still to come
        self._order_patience_s = _ORDER_PATIENCE_S

    @property
    def running(self) -> bool:
        """It was started, and neither stopped nor died."""
        return self._process is not None and self._process.poll() is None

    def insert(self, card: PracticeCard, trouble: Trouble | None = None) -> None:
        """Put `card` down; `trouble` lasts until it is removed.

        Raises KnownError, as every order: reader_missing when it has died, reader_failed when it does not answer.
        """
        self._order(orders.INSERT, orders.insertion(card, trouble))

    def remove(self) -> None:
        """Take the card away."""
        self._order(orders.REMOVE, orders.plain(orders.REMOVE))

    def _launch(self, module: str, *arguments: str) -> None:
        """Start `module`, with no card, and wait until it listens."""
        # A session of its own: Ctrl-C in a terminal is for whoever orders it about, and ends its stdin.
        self._process = subprocess.Popen(
            (sys.executable, "-m", module, *arguments),
            cwd=_CODE_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
        self._awaited = orders.LISTENING
        self._await_answer(_LAUNCH_PATIENCE_S)

    def _kill(self) -> None:
        if self._process is None:
            return
        with self._process as process:
            process.kill()
        self._process = None

    def _order(self, name: str, line: str) -> None:
        if self._process is None or self._process.stdin is None:
            raise KnownError(FailureCode.READER_MISSING, "the virtual reader does not run")
        # An answer that was given up comes before ours. And only one order at a time fits into the pipe for certain.
        self._await_answer(self._order_patience_s)
        try:
            self._process.stdin.write(f"{line}\n".encode())
        except OSError:
            raise KnownError(FailureCode.READER_MISSING, "the virtual reader died") from None
        self._awaited = name
        self._await_answer(self._order_patience_s)

    def _await_answer(self, patience_s: float) -> None:
        if not self._awaited:
            return
        if self._line(patience_s) != self._awaited.encode():
            raise KnownError(FailureCode.READER_MISSING, "the virtual reader died")
        self._awaited = ""

    def _line(self, patience_s: float) -> bytes:
        """What the process says next, without the end of line; empty when it has died."""
        if self._process is None or self._process.stdout is None:
            return b""
        stdout, line = self._process.stdout.fileno(), b""
        given_up_s = time.monotonic() + patience_s
        while not line.endswith(b"\n"):
            if not select.select([stdout], [], [], max(0.0, given_up_s - time.monotonic()))[0]:
                raise KnownError(FailureCode.READER_FAILED, "the virtual reader does not answer")
            block = os.read(stdout, _BLOCK_BYTES)
            if not block:
                return b""
            line += block
        return line.strip()


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
        """Pull the reader's cable; what lies on it stays there."""
        self._order(orders.UNPLUG, orders.plain(orders.UNPLUG))

    def plug(self) -> None:
        """Put the cable back."""
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
