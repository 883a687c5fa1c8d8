"""The thread that talks to one reader, so that a slow or stuck reader keeps nobody else waiting."""

import threading
from collections.abc import Callable
from typing import Protocol

from drivers.idcard.channels import ReaderChannel
from drivers.idcard.profiles import ReaderProfile
from drivers.idcard.session import Session
from hallclient.domain.failures import FailureCode, KnownError


class Job(Protocol):
    """Something to do at an open reader, and who hears how it went. Called on the reader's thread.

    Attributes:
        profile: how to speak to the reader.
    """

    profile: ReaderProfile

    def do(self, session: Session) -> None:
        """The reader is open. Raises KnownError."""
        ...

    def failed(self, error: KnownError, *, opened: bool) -> None:
        """It could not be opened, or what was done there failed."""
        ...

    def let_go(self) -> None:
        """The thread is free for another job; comes after `do` and `failed`."""
        ...

    def broken(self) -> None:
        """The thread ends by a mistake of ours."""
        ...


class ReaderThread:
    """Does one `Job` at a time at one reader."""

    def __init__(self, name: str, channel: ReaderChannel, report_bug: Callable[[BaseException], str]) -> None:
        """`name` is the reader's, `channel` the way to it, which is the thread's from now on.

        `report_bug` keeps an error that nobody foresaw, and returns its number in the log; the thread goes on.
        """
        self._channel = channel
        self._report_bug = report_bug
        self._bell = threading.Condition()
        self._job: Job | None = None
        self._closing = False
        self._thread = threading.Thread(target=self._run, name=f"card-reader {name}", daemon=True)
        self._thread.start()

    def give(self, job: Job) -> None:
        """Do a job; never called while another is not done."""
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

    @property
    def name(self) -> str:
        return self._thread.name

    def join(self, within_s: float) -> bool:
        """Whether it ends in time: not while the driver keeps it in the middle of a command."""
        self._thread.join(within_s)
        return not self.running

    def _run(self) -> None:
        try:
            self._prepare()
            while (job := self._next()) is not None:
                self._do(job)
        finally:
            with self._bell:
                job, self._job = self._job, None
            if job is not None:
                job.broken()
            self._channel.close()

    def _prepare(self) -> None:
        try:
            self._channel.prepare()
        except Exception as error:  # noqa: BLE001  # the first card tries again, and says it
            self._report_bug(error)

    def _next(self) -> Job | None:
        with self._bell:
            self._bell.wait_for(lambda: self._job is not None or self._closing)
            return self._job

    def _do(self, job: Job) -> None:
        opened = False
        try:
            with self._channel.session(job.profile) as session:
                opened = True
                job.do(session)
        except KnownError as error:
            job.failed(error, opened=opened)
        except Exception as error:  # noqa: BLE001  # the next card is to be read all the same
            job.failed(KnownError(FailureCode.INTERNAL_ERROR, number=self._report_bug(error)), opened=opened)
        self._job = None
        try:
            job.let_go()
        except Exception as error:  # noqa: BLE001  # it may have given the next job already
            self._report_bug(error)
