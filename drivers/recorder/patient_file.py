"""A file on a disk that may take its time: whoever writes goes on, and waits only where he says so."""

import io
import os
import time
from collections.abc import Callable
from pathlib import Path
from threading import Condition, Thread

_STILL_INTERVAL_S = 1.0
_PATIENCE_S = 10.0  # a disk that wakes up, a virus scanner; a recording makes 1.3 MB in that time

# Without the file's times, where the system knows the difference: Windows and macOS do not.
_sync_data: Callable[[int], None] = getattr(os, "fdatasync", os.fsync)


class WholeFile(io.FileIO):
    """A new file, unbuffered, mode 0600, that writes all of what it is given: a crash loses nothing held back here."""

    def __init__(self, path: Path) -> None:
        """Create `path`. Raises FileExistsError when there is something already."""
        super().__init__(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600))

    def write(self, data) -> int:  # type: ignore[no-untyped-def]  # the buffer protocol has no name before 3.12
        rest = memoryview(data)
        while rest:
            rest = rest[super().write(rest) :]
        return memoryview(data).nbytes

    def sync(self) -> None:
        _sync_data(self.fileno())


class PatientFile(io.RawIOBase):
    """Hands what is written to a thread that brings it to `file`, in its order and at the disk's pace.

    For one thread. What is written meanwhile waits in memory, which `patience_s` bounds: a disk that is at one piece of
    work for longer hangs. An error of the disk is raised by the next call.
    """

    def __init__(
        self, file: WholeFile, patience_s: float = _PATIENCE_S, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """Begin; `file` is this one's to close."""
        self._file = file
        self._patience_s = patience_s
        self._monotonic = monotonic
        self._changed = Condition()
        self._owed: list[bytes] = []
        self._sync_owed = False
        self._owing_since_s: float | None = None  # that the disk is at, or that it has not begun
        self._busy = False
        self._ending = False
        self._failure: Exception | None = None
        self._thread = Thread(target=self._run, name="disk", daemon=True)
        self._thread.start()

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:  # type: ignore[no-untyped-def]  # the buffer protocol has no name before 3.12
        """Take all of `data`, without waiting. Raises what `sync` raises."""
        piece = bytes(data)
        with self._changed:
            self._owed.append(piece)
            self._hand_over()
        return len(piece)

    def sync(self) -> None:
        """Make durable what was written, without waiting.

        Raises the disk's error of before, and TimeoutError when the disk hangs.
        """
        with self._changed:
            self._sync_owed = True
            self._hand_over()

    def settle(self, still: Callable[[], None] = lambda: None) -> None:
        """Wait until all that was written is durable; `still` is called about each second meanwhile.

        Raises what `sync` raises, and what `still` raises.
        """
        with self._changed:
            self._sync_owed = True
            self._hand_over()
            while not self._changed.wait_for(self._is_settled, _STILL_INTERVAL_S):
                self._hand_over()
                still()
            self._raise_failure()

    def close(self) -> None:
        """Write what is owed, as far as the disk lets, and close the file. Raises nothing: `settle` does."""
        if not self.closed:
            with self._changed:
                self._ending = True
                self._changed.notify_all()
            self._thread.join()
            self._file.close()
        super().close()

    def _is_settled(self) -> bool:
        return self._failure is not None or not (self._busy or self._owed or self._sync_owed)

    def _hand_over(self) -> None:
        self._raise_failure()
        now_s = self._monotonic()
        if self._owing_since_s is None:
            self._owing_since_s = now_s
        if now_s - self._owing_since_s > self._patience_s:
            raise TimeoutError("the disk hangs")
        self._changed.notify_all()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._owed or self._sync_owed or self._ending)
                if not (self._owed or self._sync_owed):
                    return
                pieces, self._owed = self._owed, []
                sync, self._sync_owed = self._sync_owed, False  # one for all that were asked for meanwhile
                self._busy, self._owing_since_s = True, self._monotonic()
            failure = self._brought(pieces, sync)
            with self._changed:
                self._busy = False
                self._failure = failure
                self._owing_since_s = self._monotonic() if self._owed or self._sync_owed else None
                self._changed.notify_all()
                if failure is not None:
                    return

    def _brought(self, pieces: list[bytes], sync: bool) -> Exception | None:
        try:
            self._file.write(b"".join(pieces))
            if sync:
                self._file.sync()
        except Exception as error:  # noqa: BLE001  # whatever it is, the thread that writes raises it
            return error
        return None
