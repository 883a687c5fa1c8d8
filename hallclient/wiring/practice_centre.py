"""The centre of a practice hall: started when it is needed, in a process of its own, and stopped afterwards.

Where its process ends meanwhile, another one is started on the same data and the same port: who knew its address still
does.
"""

import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as WaitedTooLong
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from hallclient.domain.exhaustion import exhaustion
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.services.bug_log import report_bug
from hallclient.storage.hall_file import CentreEnrolment

_START_TIMEOUT_S = 120.0  # a busy counter loads the libraries of a centre in less
_STOP_TIMEOUT_S = 20.0
_RESTART_PAUSES_S = (0.2, 1.0, 5.0, 15.0)  # and 15 s each time after that
_STEADY_S = 10.0  # who lived so long is started again as quickly as the first time

_PROGRAM = ("hallclient",)  # and its first arguments

_log = logging.getLogger(__name__)


@contextmanager
def centre_address(centre: CentreEnrolment) -> Iterator[str]:
    """Where `centre` answers. A practice centre is started for the time of the block."""
    if centre.practice_data is None:
        yield centre.url
        return
    with running_practice_centre(Path(centre.practice_data)) as url:
        yield url


@contextmanager
def running_practice_centre(data: Path) -> Iterator[str]:
    """`hallclient central serve` on a free port. Raises practice_tool_missing when it does not come up.

    And store_unreadable where `data` cannot be a folder, internal_error.
    """
    centre = _PracticeCentre(data)
    try:
        yield centre.address(_START_TIMEOUT_S)
    finally:
        centre.close()


class _PracticeCentre:
    """Keeps a centre's process running. One thread starts it again and again: the kernel ends such a process together
    with the thread that started it (setpriv is in util-linux, like everything of practice on Linux).

    Attributes:
        url: where it answers, or why it did not come up the first time.
    """

    def __init__(self, data: Path) -> None:
        self.url: Future[str] = Future()
        self._data = data
        self._stopping = threading.Event()
        self._process: subprocess.Popen[str] | None = None
        self._starting = threading.Lock()
        self._thread = threading.Thread(target=self._keep_running, name="practice centre", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the process; waits for it, but not for ever."""
        self._stopping.set()
        with self._starting:
            process = self._process
            if process is not None:
                process.terminate()
        self._thread.join(_STOP_TIMEOUT_S)
        if self._thread.is_alive() and process is not None:  # one that is stopped never hears of it
            process.kill()
            self._thread.join(_STOP_TIMEOUT_S)  # one that the kernel does not let go ends without us

    def address(self, timeout_s: float) -> str:
        """Where it answers, once it does. Raises what it did not come up for; practice_tool_missing in time."""
        try:
            return self.url.result(timeout_s)
        except WaitedTooLong:
            raise KnownError(FailureCode.PRACTICE_TOOL_MISSING, "the practice centre does not answer") from None

    def _keep_running(self) -> None:
        port, in_a_row = 0, 0
        while not self._stopping.is_set():
            begun_s = time.monotonic()
            failure: KnownError | None = None
            try:
                port = self._run_once(port)
            except KnownError as error:
                failure = error
            except Exception as error:  # noqa: BLE001  # whatever it is: somebody waits for the address
                failure = KnownError(FailureCode.INTERNAL_ERROR, number=report_bug(error))
            if failure is not None and not self.url.done():
                self.url.set_exception(failure)
                return
            if self._stopping.is_set():
                return
            if failure is None and self._process is not None:
                _log.warning("the practice centre ended with %s and is started again", self._process.returncode)
            else:
                _log.warning("the practice centre did not start again")
            in_a_row = 0 if time.monotonic() - begun_s >= _STEADY_S else in_a_row
            self._pause(_RESTART_PAUSES_S[min(in_a_row, len(_RESTART_PAUSES_S) - 1)])
            in_a_row += 1

    def _pause(self, for_s: float) -> None:
        self._stopping.wait(for_s)

    def _run_once(self, port: int) -> int:
        """Start it and wait until it ends; the port on which it was. Raises practice_tool_missing."""
        with self._starting:
            if self._stopping.is_set():
                return port
            try:
                self._process = self._started(port)
            except OSError as error:  # setpriv is not there, or the operating system has no room just now
                raise exhaustion(error) or KnownError(FailureCode.PRACTICE_TOOL_MISSING, str(error.strerror)) from error
            except ValueError:  # no argument of a program can be that
                raise KnownError(FailureCode.STORE_UNREADABLE, "the practice centre's folder") from None
        try:
            url = _address(self._process)
            if not self.url.done():
                self.url.set_result(url)
            self._process.wait()  # `close` ends it
        finally:
            _end(self._process)
        return urlsplit(url).port or 0

    def _started(self, port: int) -> "subprocess.Popen[str]":
        serve = ("central", "serve", "--practice", "--data", str(self._data), "--port", str(port), "--json")
        command = ("setpriv", "--pdeathsig", "TERM", sys.executable, "-m", *_PROGRAM, *serve)
        # A session of its own: Ctrl-C in a terminal is for us, who end it.
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)


def _end(process: "subprocess.Popen[str]") -> None:
    process.terminate()  # harmless when it has ended
    try:
        process.wait(_STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _address(process: "subprocess.Popen[str]") -> str:
    """What `central serve --json` prints once it listens. Raises practice_tool_missing."""
    document = ""
    for line in process.stdout or ():
        document += line
        if line.rstrip() == "}":
            try:
                return str(json.loads(document)["url"])
            except (ValueError, KeyError):
                break
    raise KnownError(FailureCode.PRACTICE_TOOL_MISSING, "the practice centre did not start")
