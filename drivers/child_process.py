"""The application's half of a process of its own: starts it, feeds it, listens to it and ends it.

What crosses the pipes is `drivers.framing`'s. The process ends when its stdin does, so it never outlives us.
"""

import io
import logging
import subprocess
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Condition, Thread
from typing import BinaryIO, cast

from drivers.framing import Payload, Said, receive, send
from hallclient.domain.failures import FailureCode, KnownError

_KILLED_S = 2.0  # a kill takes milliseconds; whoever ends a process may have a person waiting
_LAST_BREATH_S = 1.0  # between the end of what it says and its exit code

_log = logging.getLogger(__name__)


class LostError(KnownError):
    """The process died, hangs, or does not talk as agreed; another one may do better."""


class ChildProcess:
    """One process, the thread that carries frames to it, and the thread that listens: nobody waits longer than he says.

    From any thread.

    Attributes:
        pid: the process id.
        ready: it has said that it is ready.
    """

    def __init__(
        self,
        command: Sequence[str],
        lost: FailureCode,
        *,
        most_bytes: int,
        keeps: int | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start it; waits for nothing.

        Args:
            lost: the code of every `LostError`.
            most_bytes: of one thing that it says; who announces more does not talk as agreed.
            keeps: so many of the newest results wait to be taken; all when None.
            monotonic: seconds, for `blocked_s`.

        Raises LostError when the operating system starts no process.
        """
        self._lost = lost
        self._most_bytes = most_bytes
        self._monotonic = monotonic
        # A session of its own: Ctrl-C in a terminal must not reach it before the application has stopped it.
        try:
            self._popen = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            raise LostError(lost, "no process can be started") from error
        self.pid = self._popen.pid
        self.ready = False
        self._stdin = cast("BinaryIO", self._popen.stdin)
        self._stdout = io.BufferedReader(cast("io.FileIO", self._popen.stdout))
        self._changed = Condition()
        self._waiting: deque[tuple[int, tuple[Payload, ...]]] = deque()
        self._counts: Counter[int] = Counter()
        self._deaf = False  # it takes no more
        self._sending_since_s: float | None = None
        self._said: deque[bytes | KnownError] = deque(maxlen=keeps)
        self._failure: KnownError | None = None
        self._threads = [
            Thread(target=work, name=f"process {self.pid} {name}", daemon=True)
            for name, work in (("feeder", self._carry), ("listener", self._listen))
        ]
        for thread in self._threads:
            thread.start()

    @property
    def failure(self) -> KnownError | None:
        """Why it will say no more: what it named last, if nobody took that, or a LostError. None while it may.

        It never changes again.
        """
        return self._failure

    @property
    def blocked_s(self) -> float:
        """For how many seconds it has not taken the frame that is being handed to it; 0 while none is."""
        since_s = self._sending_since_s
        return 0.0 if since_s is None else self._monotonic() - since_s

    def feed(self, kind: int, *parts: Payload, most: int | None = None) -> bool:
        """Hand over a frame without waiting; False when it takes no more, or `most` of this kind wait already."""
        with self._changed:
            if self._deaf or (most is not None and self._counts[kind] >= most):
                return False
            self._waiting.append((kind, parts))
            self._counts[kind] += 1
            self._changed.notify_all()
            return True

    def await_ready(self, patience_s: float) -> None:
        """Raises LostError, and what the process named as the reason why it never will be."""
        with self._changed:
            self._changed.wait_for(lambda: self.ready or self._failure, patience_s)
            if not self.ready:
                raise self._why(patience_s)

    def take(self, patience_s: float) -> bytes:
        """The next result that was not taken yet, the oldest first.

        Raises LostError, and in its turn what the process named as KnownError in place of a result.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._said or self._failure, patience_s)
            if not self._said:
                raise self._why(patience_s)
            said = self._said.popleft()
        if isinstance(said, KnownError):
            raise said
        return said

    def give_up(self, why: str) -> None:
        """Count it as lost from now on, whatever it still does. Nothing when there is a failure already."""
        with self._changed:
            self._failure = self._failure or LostError(self._lost, why)
            self._stop_feeding()

    def end(self) -> None:
        """Kill it, if it runs, and end all that belongs to it. A second call does nothing.

        One that the kernel does not let go (it sleeps for a disk, or for a device) is waited for only so long: it is
        gone as soon as it wakes, and a thread that lives as long as it does ends the rest then.
        """
        with self._changed:
            self._stop_feeding()
        self._popen.kill()
        try:
            self._popen.wait(_KILLED_S)
        except subprocess.TimeoutExpired:
            _log.warning("process %s was killed and does not end", self.pid)
            Thread(target=self._end_rest, name=f"process {self.pid} end", daemon=True).start()
        else:
            self._end_rest()

    def _end_rest(self) -> None:
        self._popen.wait()
        for thread in self._threads:
            thread.join()  # the pipes are broken now: neither can be waiting any more
        self._stdin.close()
        self._stdout.close()

    def _why(self, patience_s: float) -> KnownError:
        failure = self._failure
        if failure is None:
            return LostError(self._lost, f"no answer in {patience_s:g} s")
        return failure.again()

    def _stop_feeding(self) -> None:
        self._deaf = True
        self._waiting.clear()
        self._changed.notify_all()

    def _carry(self) -> None:
        with suppress(OSError):  # it is gone (EPIPE; EINVAL on Windows): the other thread says why
            while True:
                with self._changed:
                    self._changed.wait_for(lambda: self._waiting or self._deaf)
                    if self._deaf:
                        break
                    kind, parts = self._waiting.popleft()
                    self._counts[kind] -= 1
                self._sending_since_s = self._monotonic()
                send(self._stdin, kind, *parts)
                self._sending_since_s = None
        self._sending_since_s = None
        with self._changed:
            self._stop_feeding()

    def _listen(self) -> None:
        try:
            why = self._heard_out()
        except (OSError, EOFError):
            why = LostError(self._lost, self._last_words())
        except ValueError:
            why = LostError(self._lost, "does not talk as agreed")
        with self._changed:
            last = self._said[-1] if self._said else None
            self._failure = self._failure or (last if isinstance(last, KnownError) else why)
            self._stop_feeding()

    def _heard_out(self) -> KnownError:
        """Listen until it names why it ends. Raises EOFError, OSError, ValueError when it names nothing."""
        while True:
            kind, payload = receive(self._stdout, self._most_bytes)
            said = Said(kind)
            if said is Said.CRASHED:
                name = payload.decode(errors="replace")
                return LostError(self._lost, name if name.isidentifier() else "crashed")
            if (said is Said.READY) is self.ready:
                if said is Said.FAILED:
                    return _named(payload)
                raise ValueError("ready twice, or never")
            with self._changed:
                if said is Said.READY:
                    self.ready = True
                else:
                    self._said.append(payload if said is Said.RESULT else _named(payload))
                self._changed.notify_all()

    def _last_words(self) -> str:
        try:
            return f"exit {self._popen.wait(_LAST_BREATH_S)}"
        except subprocess.TimeoutExpired:
            return "says no more"


def _named(payload: bytes) -> KnownError:
    """What the process named. Raises ValueError when there is no such failure."""
    code, _, detail = payload.decode(errors="replace").partition(" ")
    return KnownError(FailureCode(code), detail)
