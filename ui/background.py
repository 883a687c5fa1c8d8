"""Blocking calls, one after another on a thread of their own; results come back to the screen's thread."""

import logging
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from PySide6.QtCore import QMetaMethod, QObject, Qt, Signal, Slot

from hallclient.domain.failures import KnownError

_log = logging.getLogger(__name__)


class Task(QObject):
    """One call on its way. Connect in the same turn that started it.

    Signals:
        done(object): what the call returned.
        failed(KnownError): the environment did not let it. Who does not connect it leaves it to `Background.unheard`.
        crashed(object): our own mistake; already handed to sys.excepthook.
    """

    done = Signal(object)
    failed = Signal(object)
    crashed = Signal(object)


class Background(QObject):
    """Runs calls in the order they were given, on one thread. The screen's thread never waits for it.

    Signals:
        bug(object): an exception that nobody foresaw, after sys.excepthook has seen it.
        unheard(KnownError): a call failed and nobody had connected its `failed`; it is in the log.
    """

    bug = Signal(object)
    unheard = Signal(object)
    _given = Signal(object)
    _ended = Signal(object, object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._closed = False
        self._unrun: Task | None = None  # whoever asked too late connects it yet
        self._tasks: set[Task] = set()  # a task that nobody keeps must live until it has spoken
        self._unheard: set[Task] = set()
        self._given.connect(self._note_unheard, Qt.ConnectionType.QueuedConnection)
        self._ended.connect(self._report, Qt.ConnectionType.QueuedConnection)

    def run(self, call: Callable[[], object]) -> Task:
        """Queue `call`; its end is told by the task's signals on the screen's thread.

        After `close` nothing runs and nothing is told: a page that is going may still ask.
        """
        task = Task()
        if self._closed:
            self._unrun = task
            return task
        self._tasks.add(task)
        self._given.emit(task)  # before its end: both are queued
        self._executor.submit(call).add_done_callback(lambda future: self._ended.emit(task, future))
        return task

    def idle(self) -> bool:
        """Nothing runs and nothing waits."""
        return not self._tasks

    def close(self) -> None:
        """Take no more calls; those already given are still done. Does not wait."""
        self._closed = True
        self._executor.shutdown(wait=False)

    @Slot(object)
    def _note_unheard(self, task: Task) -> None:
        """The turn is over. Whoever has connected and is gone before the end was heard: that page asks no more."""
        if not task.isSignalConnected(QMetaMethod.fromSignal(task.failed)):
            self._unheard.add(task)

    @Slot(object, object)
    def _report(self, task: Task, future: "Future[object]") -> None:
        self._tasks.discard(task)
        unheard = task in self._unheard
        self._unheard.discard(task)
        error = future.exception()
        if isinstance(error, KnownError):
            _forget_frames(error)
        if error is None:
            task.done.emit(future.result())
        elif isinstance(error, KnownError):
            task.failed.emit(error)
            if unheard:
                _log.warning("nobody heard that a call failed: %s", error.code)
                self.unheard.emit(error)
        else:
            sys.excepthook(type(error), error, error.__traceback__)
            task.crashed.emit(error)
            self.bug.emit(error)


def _forget_frames(error: BaseException) -> None:
    """An error that a screen keeps to show it keeps nothing of the call: its frames hold what somebody typed."""
    seen: list[BaseException | None] = [error]
    while seen:
        one = seen.pop()
        if one is not None and (one.__traceback__, one.__cause__, one.__context__) != (None, None, None):
            seen += [one.__cause__, one.__context__]
            one.__traceback__ = one.__cause__ = one.__context__ = None
