"""Carries pictures and sound to the recorder process without ever holding up the thread that brings them."""

import time
from collections import deque
from collections.abc import Callable
from threading import Condition, Thread
from typing import BinaryIO

from drivers.framing import Payload, send
from drivers.recorder.wire import Kind, picture_payload, sound_payload
from hallclient.devices import Frame, Sound

_MOST_PICTURES = 50  # two seconds; 46 MB at 640x480
_MOST_SOUNDS = 3000  # a minute of 20 ms blocks: small, and a hole in the sound is worse than one in the pictures


class Feeder(Thread):
    """A thread with a bounded queue in front of a pipe.

    Attributes:
        pictures_dropped: refused because the process was late or gone.
    """

    def __init__(self, pipe: BinaryIO, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`pipe` is unbuffered; the feeder closes it."""
        super().__init__(name="recorder feeder", daemon=True)
        self.pictures_dropped = 0
        self._pipe = pipe
        self._monotonic = monotonic
        self._sending_since_s: float | None = None
        self._changed = Condition()
        self._waiting: deque[tuple[Kind, tuple[Payload, ...]]] = deque()
        self._counts = dict.fromkeys(Kind, 0)
        self._closed = False

    def order(self, kind: Kind, *payload: Payload) -> None:
        """Queue an order. After STOP nothing more is taken."""
        with self._changed:
            if not self._closed:
                self._append(kind, payload)
                self._closed = kind is Kind.STOP

    def picture(self, frame: Frame) -> None:
        """Queue a picture, or drop and count it."""
        with self._changed:
            if self._closed or self._counts[Kind.PICTURE] >= _MOST_PICTURES:
                self.pictures_dropped += 1
            else:
                self._append(Kind.PICTURE, picture_payload(frame))

    def sound(self, block: Sound) -> None:
        """Queue a block of sound, or drop it."""
        with self._changed:
            if not self._closed and self._counts[Kind.SOUND] < _MOST_SOUNDS:
                self._append(Kind.SOUND, sound_payload(block))

    @property
    def blocked_s(self) -> float:
        """For how many seconds the process has not taken the frame that is being handed to it; 0 while none waits."""
        since_s = self._sending_since_s
        return 0.0 if since_s is None else self._monotonic() - since_s

    def give_up(self) -> None:
        """Forget what waits, and end; a write that blocks ends when the process does."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._waiting.append((Kind.STOP, ()))
            self._changed.notify()

    def run(self) -> None:
        kind = Kind.START
        try:
            while kind is not Kind.STOP:
                with self._changed:
                    self._changed.wait_for(lambda: self._waiting)
                    kind, payload = self._waiting.popleft()
                    self._counts[kind] -= 1
                self._sending_since_s = self._monotonic()
                send(self._pipe, kind, *payload)
                self._sending_since_s = None
        except OSError:  # the process is gone (EPIPE; EINVAL on Windows); whoever waits for its answers learns why
            with self._changed:
                self._closed = True
                self._waiting.clear()
        finally:
            self._pipe.close()

    def _append(self, kind: Kind, payload: tuple[Payload, ...]) -> None:
        self._waiting.append((kind, payload))
        self._counts[kind] += 1
        self._changed.notify()
