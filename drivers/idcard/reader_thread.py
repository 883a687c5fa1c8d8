"""The thread that talks to one reader, so that a slow or stuck reader keeps nobody else waiting."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from drivers.idcard.session import ChipContents, Session
from drivers.idcard.transports.pcsc import PcscService
from hallclient.domain.failures import FailureCode, KnownError

# What may be gone again in a moment. While nothing was said to the card, whoever asked goes on waiting.
PASSING = frozenset(
    {
        FailureCode.CARD_REMOVED,
        FailureCode.READER_BUSY,
        FailureCode.READER_MISSING,
        FailureCode.READER_SERVICE_DOWN,
    }
)


class Job(Protocol):
    """One card to read, and who hears how it went. Called on the reader's thread."""

    def talk(self, session: Session) -> ChipContents:
        """The reader is open: tell that it is being read, and read it."""
        ...

    def done(self, contents: ChipContents) -> None:
        """It was read; the reader is still open."""
        ...

    def let_go(self) -> None:
        """The reader is closed and the thread free for another job; comes after `done` and `failed`."""
        ...

    def failed(self, error: KnownError, *, spoken_to: bool) -> None:
        """It was not read; `spoken_to` says whether the conversation with the card had begun."""
        ...

    def broken(self) -> None:
        """The thread ends by a mistake of ours."""
        ...


class ReaderThread:
    """Reads the cards of one reader, one `Job` at a time, with a conversation of its own with the service."""

    def __init__(
        self,
        name: str,
        connect: Callable[[], PcscService],
        open_reader: Callable[[PcscService], AbstractContextManager[Session]],
    ) -> None:
        """`name` is the reader's.

        Args:
            connect: begins a conversation with the service; raises KnownError.
            open_reader: opens the reader in that conversation; raises KnownError.
        """
        self._connect = connect
        self._open_reader = open_reader
        self._service: PcscService | None = None
        self._bell = threading.Condition()
        self._job: Job | None = None
        self._closing = False
        self._thread = threading.Thread(target=self._run, name=f"card-reader {name}", daemon=True)
        self._thread.start()

    def give(self, job: Job) -> None:
        """Read a card; never called while another job is not done."""
        with self._bell:
            self._job = job
            self._bell.notify()

    def end(self) -> None:
        """End after the job at hand, if any; does not wait."""
        with self._bell:
            self._closing = True
            self._bell.notify()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def join(self) -> None:
        """Wait for the end: as long as the driver keeps the thread, if it is in the middle of a command."""
        self._thread.join()

    def _run(self) -> None:
        try:
            self._begin()
            while (job := self._next()) is not None:
                self._do(job)
        finally:
            self._let_go()
            with self._bell:
                job, self._job = self._job, None
            if job is not None:
                job.broken()

    def _next(self) -> Job | None:
        with self._bell:
            self._bell.wait_for(lambda: self._job is not None or self._closing)
            return self._job

    def _do(self, job: Job) -> None:
        spoken_to = False
        try:
            with self._opened() as session:
                spoken_to = True
                job.done(job.talk(session))
        except KnownError as error:
            if error.code is FailureCode.READER_SERVICE_DOWN:
                self._let_go()
            job.failed(error, spoken_to=spoken_to)
        self._job = None
        job.let_go()

    def _opened(self) -> AbstractContextManager[Session]:
        self._begin()
        if self._service is None:
            raise KnownError(FailureCode.READER_SERVICE_DOWN)
        return self._open_reader(self._service)

    def _begin(self) -> None:
        """Have a conversation with the service, ahead of the first card: it costs a card's time otherwise."""
        if self._service is None:
            try:
                self._service = self._connect()
            except KnownError:
                self._service = None  # the monitor tells whoever is interested, and the next job tries again

    def _let_go(self) -> None:
        service, self._service = self._service, None
        if service is not None:
            service.close()
