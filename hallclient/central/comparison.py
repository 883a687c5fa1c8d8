"""The centre's own comparison of the two pictures: who does it is a port, how long anybody waits for it stands here."""

import logging
from collections.abc import Callable
from threading import BoundedSemaphore, Lock
from typing import Protocol

from hallclient.domain.comparison import Comparison
from hallclient.domain.failures import KnownError

# Packages whose pictures wait for their turn, a tenth of a second each: fewer than half of the threads that answer
# requests, so that who only uploads goes on.
MOST_WAITING = 16
PATIENCE_S = 10.0  # for a turn: who asked for a receipt waits meanwhile
_PAUSE_S = 60.0  # an engine that failed is left alone for so long: each try may take half a minute

_log = logging.getLogger(__name__)


class PictureEngine(Protocol):
    """Compares a chip's portrait with a live photo; see `hallclient.wiring.centre_faces`. Asked by one at a time."""

    def prewarm(self) -> None:
        """Somebody will ask soon. Waits for nothing, raises nothing."""
        ...

    def compare(self, portrait: bytes, photo: bytes) -> Comparison:
        """By the centre's thresholds. Raises KnownError where it cannot be done."""
        ...


class Comparisons:
    """A queue before one engine. It never keeps a receipt for long: who does not get a turn in time, meets a full queue
    or an engine that failed is told that the pictures were not compared, and the package waits for a person.

    Why not try again later instead: a receipt lets the counter destroy its key and be done, and the evidence is whole;
    only the verdict is missing, which somebody at the centre can give with the same pictures before them.
    """

    def __init__(self, engine: PictureEngine, monotonic: Callable[[], float]) -> None:
        self._engine = engine
        self._monotonic = monotonic
        self._room = BoundedSemaphore(MOST_WAITING)
        self._turn = Lock()
        self._not_before_s = float("-inf")

    def prewarm(self) -> None:
        """Pictures will come soon."""
        if self._monotonic() >= self._not_before_s:
            self._engine.prewarm()

    def compare(self, portrait: bytes, photo: bytes) -> Comparison | None:
        """None where it cannot be done now."""
        if not self._room.acquire(blocking=False):
            _log.warning("pictures were not compared: the queue is full")
            return None
        try:
            if not self._turn.acquire(timeout=PATIENCE_S):
                _log.warning("pictures were not compared: no turn in %s s", PATIENCE_S)
                return None
            try:
                return self._asked(portrait, photo)
            finally:
                self._turn.release()
        finally:
            self._room.release()

    def _asked(self, portrait: bytes, photo: bytes) -> Comparison | None:
        if self._monotonic() < self._not_before_s:
            return None
        try:
            return self._engine.compare(portrait, photo)
        except KnownError as error:
            _log.warning("pictures were not compared: %s", error.code)
            if not error.code.value.endswith("_unreadable"):  # that is this package's own picture
                self._not_before_s = self._monotonic() + _PAUSE_S
        except Exception as error:  # noqa: BLE001  # an engine's mistake must not cost anybody the receipt
            _log.error("unforeseen while pictures were compared: %s", type(error).__name__)
            self._not_before_s = self._monotonic() + _PAUSE_S
        return None
