"""Tells listeners how the readers are: only changes, in order, one at a time."""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial

from hallclient.devices import ReaderState, ReaderStatus
from hallclient.domain.failures import FailureCode

Listener = Callable[[ReaderStatus], None]


class StatusNotifier:
    """What was told last, and to whom.

    Everything but `deliver` belongs under the lock that guards the readers, `deliver` outside of it: a listener may
    ask the readers something.

    Attributes:
        summary: the last state of the readers as one device; None before the first look at them, when nothing is told.
    """

    def __init__(self, report_bug: Callable[[BaseException], str]) -> None:
        """`report_bug` keeps an error that nobody foresaw, and returns its number in the log."""
        self._report_bug = report_bug
        self.summary: ReaderStatus | None = None
        self._each: dict[str, ReaderStatus] = {}
        self._listeners: list[Listener] = []
        self._each_listeners: list[Listener] = []
        self._waiting: deque[Callable[[], None]] = deque()
        self._delivery = threading.RLock()

    def add(self, listener: Listener) -> None:
        """Tell `listener` the summary, now and at each change."""
        self._listeners.append(listener)
        if self.summary is not None:
            self._waiting.append(partial(listener, self.summary))

    def add_for_each(self, listener: Listener) -> None:
        """Tell `listener` each reader's state, now and at each change."""
        self._each_listeners.append(listener)
        self._waiting.extend(partial(listener, status) for status in self._each.values())

    def changed(self, each: Mapping[str, ReaderStatus]) -> list[str]:
        """The readers of `each` whose state is new, which is told; one that is not in `each` any more is missing."""
        gone = {
            name: ReaderStatus(ReaderState.TROUBLE, status.reader, FailureCode.READER_MISSING)
            for name, status in self._each.items()
            if name not in each and status.failure is not FailureCode.READER_MISSING
        }
        now = {**each, **gone}
        new = [name for name, status in now.items() if status != self._each.get(name)]
        for name in new:
            self._tell(self._each_listeners, now[name])
        self._each = now
        return new

    def sum_up(self, summary: ReaderStatus) -> None:
        """Tell the state of the readers as one device, if it is new."""
        if summary != self.summary:
            self.summary = summary
            self._tell(self._listeners, summary)

    def deliver(self) -> None:
        """Call the listeners with what is waiting for them; one that breaks keeps nothing from the others."""
        with self._delivery:
            while self._waiting:
                tell = self._waiting.popleft()
                try:
                    tell()
                except Exception as error:  # noqa: BLE001  # a window that is going must not take a reader with it
                    self._report_bug(error)

    def _tell(self, listeners: list[Listener], status: ReaderStatus) -> None:
        self._waiting.extend(partial(listener, status) for listener in listeners)
