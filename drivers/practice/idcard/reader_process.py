"""This side of the virtual reader's process: starts it, gives it orders, ends it."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

from drivers.practice.idcard.card_process import LISTENING
from drivers.practice.idcard.practice_card import PracticeCard
from drivers.practice.idcard.virtual_sam import Trouble
from hallclient.domain.failures import FailureCode, KnownError

_CODE_ROOT = Path(__file__).parents[3]
_STOP_TIMEOUT_S = 5.0


class ReaderProcess:
    """A virtual reader and the card on it, in a process of their own that ends with this one."""

    def __init__(self, path: Path) -> None:
        """`path` is the Unix socket on which pcscd's handler finds it."""
        self._path = path
        self._process: subprocess.Popen[str] | None = None

    @property
    def running(self) -> bool:
        """It was started, and neither stopped nor died."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, with no card, and wait until it listens."""
        self._path.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            (sys.executable, "-m", "drivers.practice.idcard.card_process", os.fspath(self._path)),
            cwd=_CODE_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._await(LISTENING)

    def insert(self, card: PracticeCard, trouble: Trouble | None = None) -> None:
        """Put `card` down; `trouble` lasts until it is removed. Raises KnownError: reader_missing when it has died."""
        text, portrait = (base64.b64encode(part).decode("ascii") for part in (card.text, card.portrait))
        self._order("insert", text=text, portrait=portrait, trouble=trouble)

    def remove(self) -> None:
        """Take the card away. Raises KnownError: reader_missing when it has died."""
        self._order("remove")

    def unplug(self) -> None:
        """Pull the reader's cable; what lies on it stays there. Raises KnownError: reader_missing when it has died."""
        self._order("unplug")

    def plug(self) -> None:
        """Put the cable back. Raises KnownError: reader_missing when it has died."""
        self._order("plug")

    def stop(self) -> None:
        """End it, as unplugging the reader would; harmless when it does not run."""
        if self._process is None:
            return
        with self._process as process:
            process.kill()
        self._process = None
        self._path.unlink(missing_ok=True)

    def _order(self, name: str, **details: str | None) -> None:
        if self._process is None or self._process.stdin is None:
            raise KnownError(FailureCode.READER_MISSING, "the virtual reader does not run")
        try:
            self._process.stdin.write(json.dumps({"order": name, **details}) + "\n")
            self._process.stdin.flush()
        except OSError:
            raise KnownError(FailureCode.READER_MISSING, "the virtual reader died") from None
        self._await(name)

    def _await(self, answer: str) -> None:
        if self._process is None or self._process.stdout is None or self._process.stdout.readline().strip() != answer:
            raise KnownError(FailureCode.READER_MISSING, "the virtual reader died")
