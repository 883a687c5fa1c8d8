"""This side of the virtual reader's process: starts it, gives it orders, ends it.

Where it dies meanwhile, another one is started, with the same card on it: nobody has taken the card away.
"""

import logging
import os
import select
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from pathlib import Path

from drivers.practice.idcard import orders
from drivers.practice.idcard.card_process import Dialect
from drivers.practice.idcard.practice_card import PracticeCard
from drivers.practice.idcard.virtual_sam import Trouble
from hallclient.domain.failures import FailureCode, KnownError

_CODE_ROOT = Path(__file__).parents[3]
_LAUNCH_PATIENCE_S = 60.0
_ORDER_PATIENCE_S = 20.0  # far more than a busy counter needs, and another process' start
_RESTART_PAUSES_S = (0.2, 1.0, 5.0)  # and 5 s each time after that
_STEADY_S = 10.0  # who lived so long is started again as quickly as the first time
_BLOCK_BYTES = 4096
_UNDONE_BY = {orders.REMOVE: orders.INSERT, orders.PLUG: orders.UNPLUG}

_log = logging.getLogger(__name__)


class _DiedError(Exception):
    """The process ended before it had answered."""


class _Life:
    """One process, from its start to its end, and what is said to it."""

    def __init__(self, command: tuple[str, ...]) -> None:
        """Raises OSError."""
        # A session of its own: Ctrl-C in a terminal is for whoever orders it about, and ends its stdin.
        self.process = subprocess.Popen(
            command,
            cwd=_CODE_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
        self._talking = threading.Lock()
        self._awaited = orders.LISTENING  # the answer that is still to come

    def await_listening(self) -> None:
        """Raises _DiedError, KnownError: reader_failed."""
        with self._talking:
            self._await_answer(_LAUNCH_PATIENCE_S)

    def order(self, name: str, line: str, patience_s: float) -> None:
        """Raises _DiedError, KnownError: reader_failed."""
        with self._talking:
            # An answer that was given up comes before ours. And only one order at a time fits into the pipe for sure.
            self._await_answer(patience_s)
            stdin = self.process.stdin
            if stdin is None or stdin.closed:
                raise _DiedError
            try:
                stdin.write(f"{line}\n".encode())
            except OSError:
                raise _DiedError from None
            self._awaited = name
            self._await_answer(patience_s)

    def bury(self) -> int:
        """Wait for its end and return its code; let go of what it leaves."""
        code = self.process.wait()
        with self._talking:  # whoever talks to it hears of its end first
            for pipe in (self.process.stdin, self.process.stdout):
                if pipe is not None:
                    pipe.close()
        return code

    def _await_answer(self, patience_s: float) -> None:
        if not self._awaited:
            return
        if self._line(patience_s) != self._awaited.encode():
            raise _DiedError
        self._awaited = ""

    def _line(self, patience_s: float) -> bytes:
        """What the process says next, without the end of line; empty when it has died."""
        if self.process.stdout is None or self.process.stdout.closed:
            return b""
        stdout, line = self.process.stdout.fileno(), b""
        given_up_s = time.monotonic() + patience_s
        while not line.endswith(b"\n"):
            if not select.select([stdout], [], [], max(0.0, given_up_s - time.monotonic()))[0]:
                raise KnownError(FailureCode.READER_FAILED, "the virtual reader does not answer")
            block = os.read(stdout, _BLOCK_BYTES)
            if not block:
                return b""
            line += block
        return line.strip()


class _Process:
    """A virtual reader's process that takes orders and ends with this one.

    One that ends in order was pulled, and stays away; one that dies is replaced.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()  # guards what follows
        self._life: _Life | None = None  # the newest, which may not listen yet
        self._listening: _Life | None = None
        self._standing: dict[str, str] = {}  # orders by name that a new process is to be given, too
        self._keeper: threading.Thread | None = None
        self._kept = False
        self._ending = threading.Event()
        self._order_patience_s = _ORDER_PATIENCE_S

    @property
    def running(self) -> bool:
        """It was started, and neither stopped nor pulled: it runs, or is being started again."""
        return self._kept

    @property
    def pid(self) -> int | None:
        """The process id, for diagnosis."""
        life = self._life
        return None if life is None else life.process.pid

    def insert(self, card: PracticeCard, trouble: Trouble | None = None) -> None:
        """Put `card` down; `trouble` lasts until it is removed.

        Raises KnownError, as every order: reader_missing when it does not run, reader_failed when it does not answer.
        """
        self._order(orders.INSERT, orders.insertion(card, trouble))

    def remove(self) -> None:
        """Take the card away."""
        self._order(orders.REMOVE, orders.plain(orders.REMOVE))

    def _launch(self, module: str, *arguments: str) -> None:
        """Start `module`, with no card, and wait until it listens."""
        started: Future[None] = Future()
        self._ending.clear()
        self._standing.clear()
        self._kept = True
        self._keeper = threading.Thread(
            target=self._keep,
            args=((sys.executable, "-m", module, *arguments), started),
            name="virtual-reader-keeper",
            daemon=True,
        )
        self._keeper.start()
        started.result()

    def _kill(self) -> None:
        if self._keeper is None:
            return
        with self._changed:
            self._ending.set()
            if self._life is not None:
                self._life.process.kill()
        self._keeper.join()
        self._keeper = self._life = None

    def _order(self, name: str, line: str) -> None:
        given_up_s = time.monotonic() + self._order_patience_s
        with self._changed:
            if self.running:
                self._standing.pop(_UNDONE_BY.get(name, ""), None)
                if name not in _UNDONE_BY:
                    self._standing[name] = line
        while True:
            life = self._listening_one(given_up_s)
            try:
                life.order(name, line, self._order_patience_s)
            except _DiedError:
                self._lost(life)
            else:
                return

    def _listening_one(self, given_up_s: float) -> _Life:
        with self._changed:
            self._changed.wait_for(
                lambda: self._listening is not None or not self.running, max(0.0, given_up_s - time.monotonic())
            )
            if self._listening is not None:
                return self._listening
        raise KnownError(FailureCode.READER_MISSING, "the virtual reader does not run")

    def _lost(self, life: _Life) -> None:
        with self._changed:
            if self._listening is life:
                self._listening = None

    # ---- on the keeper's thread ----

    def _keep(self, command: tuple[str, ...], started: Future[None]) -> None:
        try:
            self._live_again_and_again(command, started)
        finally:
            with self._changed:
                self._kept = False
                self._changed.notify_all()

    def _live_again_and_again(self, command: tuple[str, ...], started: Future[None]) -> None:
        in_a_row = 0
        while True:
            begun_s = time.monotonic()
            try:
                code = self._live(command, started)
            except (KnownError, OSError) as error:
                if not started.done():
                    started.set_exception(error)
                if self._ending.is_set() or started.exception() is not None:
                    return
                _log.warning("the practice reader's process did not start again: %s", error)
            else:
                if self._ending.is_set() or code == 0:
                    return
                _log.warning("the practice reader's process ended with %s and is started again", code)
            in_a_row = 0 if time.monotonic() - begun_s >= _STEADY_S else in_a_row
            if self._ending.wait(_RESTART_PAUSES_S[min(in_a_row, len(_RESTART_PAUSES_S) - 1)]):
                return
            in_a_row += 1

    def _live(self, command: tuple[str, ...], started: Future[None]) -> int:
        """One process from its start to its end: its code. Raises KnownError, OSError when it does not come so far."""
        life = _Life(command)
        with self._changed:
            self._life = life
            if self._ending.is_set():  # it was to end between the pause and now
                life.process.kill()
        try:
            life.await_listening()
            with self._changed:
                standing = tuple(self._standing.items())
            for name, line in standing:
                life.order(name, line, self._order_patience_s)
        except _DiedError:
            life.bury()
            raise KnownError(FailureCode.READER_MISSING, "the virtual reader died") from None
        except KnownError:
            life.process.kill()
            life.bury()
            raise
        with self._changed:
            self._listening = life
            self._changed.notify_all()
        if not started.done():
            started.set_result(None)
        code = life.bury()
        self._lost(life)
        return code


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
