"""A simulated ID-card reader on a real PC/SC stack, as one thing to start and stop."""

from pathlib import Path
from types import TracebackType
from typing import Self

from drivers.practice.idcard.daemon import PcscDaemon, daemon_folder
from drivers.practice.idcard.handler_build import built_handler
from drivers.practice.idcard.practice_card import PracticeCard
from drivers.practice.idcard.reader_process import ReaderProcess
from drivers.practice.idcard.virtual_sam import Trouble

READER_NAME = "Hallclient Practice Reader"  # assets/readers/simulated.toml recognises it by this


class VirtualReader:
    """pcscd with one virtual reader. At most one at a time in a process, any number one after the other.

    Start it before the first PC/SC call of the process (see `PcscDaemon`).

    Attributes:
        daemon: the private pcscd, to stop, kill and start again.
        process: the reader's process, likewise; each is started again by itself where it dies.
    """

    def __init__(self, cache: Path) -> None:
        """Start with no card. `cache` keeps the compiled handler. Raises KnownError: practice_tool_missing."""
        handler = built_handler(cache)
        path = daemon_folder() / "reader.sock"
        self.process = ReaderProcess(path)
        self.daemon = PcscDaemon(handler, {READER_NAME: path})
        try:
            self.process.start()
            self.daemon.start()
        except BaseException:
            self.close()
            raise

    def insert(self, card: PracticeCard, trouble: Trouble | None = None) -> None:
        """Put `card` onto the reader and wait until pcscd has seen it; `trouble` lasts until it is removed.

        Remove another card first: pcscd does not notice that one took the place of the other.
        """
        self.process.insert(card, trouble)

    def remove(self) -> None:
        """Take the card away and wait until pcscd has seen that; harmless when there is none."""
        self.process.remove()

    def close(self) -> None:
        """End both processes and remove what they left; harmless to repeat."""
        try:
            self.daemon.close()
        finally:
            self.process.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
