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

    On one thread, because the kernel ends a practice process when the thread that started it ends.

    Attributes:
        value: what the context gave, or why it could not be entered.
    """

    def __init__(self, name: str, context: Callable[[], AbstractContextManager[T]]) -> None:
        """`context` is called on the thread, too: the libraries that it needs are loaded there."""
        self.value: Future[T] = Future()
        self._context = context
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._hold, name=name, daemon=True)

    def start(self) -> None:
        """Begin to open it; does not wait."""
        self._thread.start()

    def close(self) -> None:
        """Leave the context and wait until it is left; what is still being opened is opened first.

        What leaving it raises is nobody's to catch: it ends the thread, and stands in the log.
        """
        self._closing.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _hold(self) -> None:
        try:
            with self._context() as value:
                self.value.set_result(value)
                self._closing.wait()
        except BaseException as error:
            if self.value.done():
                raise
            self.value.set_exception(error)  # whoever waits for it is told
            if not isinstance(error, KnownError):
                raise
