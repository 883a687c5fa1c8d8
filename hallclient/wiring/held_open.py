"""What takes long to open is opened behind the login window, and held until the application ends."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import Generic, TypeVar

from hallclient.domain.failures import KnownError

T = TypeVar("T")


class HeldOpen(Generic[T]):
    """A context that is entered, held and left on one thread of its own.

    On one thread, because the kernel ends a practice process when the thread that started it ends. What the environment
    did not let be entered is tried again by whoever asks after that: somebody may have made room on a full disk.
    """

    def __init__(self, name: str, context: Callable[[], AbstractContextManager[T]]) -> None:
        """`context` is called on the thread, too: the libraries that it needs are loaded there."""
        self._name = name
        self._context = context
        self._closing = threading.Event()
        self._changing = threading.Lock()  # which try it is
        self._value: Future[T] = Future()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to open it; does not wait."""
        with self._changing:
            self._begin()

    def result(self, timeout_s: float | None = None) -> T:
        """What the context gave, as soon as it is there; waits for that, and for `start`.

        Raises why it could not be entered: a KnownError of the try that was under way, or of a new one where that had
        ended before, and the same mistake of ours each time. TimeoutError after `timeout_s`.
        """
        with self._changing:
            failed = self._value.done() and isinstance(self._value.exception(), KnownError)
            if failed and not self._closing.is_set():
                self._value = Future()
                self._begin()
            value = self._value
        try:
            return value.result(timeout_s)
        except KnownError as error:
            raise error.again() from None  # each who asks has a traceback of their own

    def close(self) -> None:
        """Leave the context and wait until it is left; what is still being opened is opened first.

        What leaving it raises is nobody's to catch: it ends the thread, and stands in the log.
        """
        self._closing.set()
        with self._changing:
            thread = self._thread
        if thread is not None:
            thread.join()

    def _begin(self) -> None:
        self._thread = threading.Thread(target=self._hold, args=(self._value,), name=self._name, daemon=True)
        self._thread.start()

    def _hold(self, opened: Future[T]) -> None:
        try:
            with self._context() as value:
                opened.set_result(value)
                self._closing.wait()
        except BaseException as error:
            if opened.done():
                raise
            opened.set_exception(error)  # whoever waits for it is told
            if not isinstance(error, KnownError):
                raise
