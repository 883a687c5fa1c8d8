"""The thread of one reader outlives the mistakes of whoever gives it something to do."""

from contextlib import AbstractContextManager, nullcontext
from threading import Event

import pytest

from drivers.idcard.profiles import ReaderProfile, load_profiles
from drivers.idcard.reader_thread import ReaderThread
from drivers.idcard.session import Session
from hallclient.domain.failures import FailureCode, KnownError
from tests.pcsc_daemon import PROFILES

PATIENCE_S = 60.0


class ReaderChannel:
    """A reader that opens at once."""

    def __init__(self) -> None:
        self.closed = Event()

    def prepare(self) -> None:
        """Nothing takes time."""

    def session(self, profile: ReaderProfile) -> AbstractContextManager[Session]:
        assert profile is Job.profile
        return nullcontext()  # type: ignore[return-value]  # the jobs here say nothing to the reader

    def close(self) -> None:
        self.closed.set()


class Job:
    """Notes what it hears, and breaks at one of the calls."""

    profile = load_profiles(PROFILES)[0]

    def __init__(self, breaks_at: str = "") -> None:
        self.breaks_at = breaks_at
        self.heard: list[str] = []
        self.over = Event()

    def do(self, session: Session) -> None:
        self._hear("do")

    def failed(self, error: KnownError, *, opened: bool) -> None:
        assert (error.code, opened) == (FailureCode.INTERNAL_ERROR, True)
        self._hear("failed")

    def let_go(self) -> None:
        self.over.set()
        self._hear("let_go")

    def broken(self) -> None:
        self._hear("broken")

    def _hear(self, call: str) -> None:
        self.heard.append(call)
        if call == self.breaks_at:
            raise ZeroDivisionError


@pytest.mark.parametrize(
    ("breaks_at", "heard"), [("do", ["do", "failed", "let_go"]), ("let_go", ["do", "let_go"]), ("", ["do", "let_go"])]
)
def test_after_a_job_that_breaks_the_next_one_is_done(breaks_at: str, heard: list[str]) -> None:
    mistakes: list[BaseException] = []
    reported = Event()

    def report(error: BaseException) -> str:
        mistakes.append(error)
        reported.set()
        return "7K2M9Q"

    channel, first, second = ReaderChannel(), Job(breaks_at), Job()
    thread = ReaderThread("a reader", channel, report)
    thread.give(first)
    assert first.over.wait(PATIENCE_S)
    assert reported.wait(PATIENCE_S if breaks_at else 0) is bool(breaks_at)
    thread.give(second)
    assert second.over.wait(PATIENCE_S)
    thread.end()
    thread.join(60.0)
    assert (first.heard, second.heard) == (heard, ["do", "let_go"])
    assert [type(error) for error in mistakes] == [ZeroDivisionError] * bool(breaks_at)
    assert channel.closed.is_set()
