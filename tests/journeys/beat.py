"""How long the screen's thread has waited for something else than events: locks, pipes, other threads."""

import threading
import time
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

_BEAT_MS = 10


class Beat:
    """Beats in the event loop of the thread that makes it, and says how long that loop has been blocked at most.

    What a thread has done, and how long it had to wait for a core, is no blocking: the kernel's own books are taken off
    (proc(5), /proc/pid/task/tid/schedstat: nanoseconds run, and ready to run), so that a busy computer is none either.
    What is left of the time between two beats was slept, on purpose or for Python's lock. Where the kernel keeps no
    such books all of it counts.

    Attributes:
        longest_s: the longest sleep between two beats, in seconds, a beat's own interval among them.
    """

    def __init__(self, parent: QObject) -> None:
        """It beats as long as `parent` lives."""
        self.longest_s = 0.0
        self._books = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
        self._last = time.monotonic(), self._awake_s()
        self._timer = QTimer(parent, interval=_BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        now = time.monotonic(), self._awake_s()
        since, self._last = self._last, now
        self.longest_s = max(self.longest_s, (now[0] - since[0]) - (now[1] - since[1]))

    def _awake_s(self) -> float:
        """For how long this thread has run, or was ready to."""
        try:
            ran_ns, ready_ns, _ = self._books.read_text().split()
        except FileNotFoundError:
            return 0.0
        return (int(ran_ns) + int(ready_ns)) / 1e9
