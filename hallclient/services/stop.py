"""A word from another thread that what goes on shall end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock


class Stop:
    """Said once, from any thread, before or while something goes on. One is for one call and not used again."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._said = False
        self._listener: Callable[[], None] | None = None

    @property
    def said(self) -> bool:
        return self._said

    def say(self) -> None:
        """End it. Returns at once; a second call does nothing."""
        with self._lock:
            listener, self._listener = self._listener, None
            self._said = True
        if listener is not None:
            listener()

    @contextmanager
    def heard_by(self, listener: Callable[[], None]) -> Iterator[None]:
        """Inside, `listener` (quick, harmless when late) is called on whatever thread says it; at once if it was said.

        Who hears it is one at a time.
        """
        with self._lock:
            said = self._said
            if not said:
                self._listener = listener
        if said:
            listener()
        try:
            yield
        finally:
            with self._lock:
                self._listener = None
