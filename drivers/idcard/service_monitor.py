"""Watches the smart-card service: which readers there are, and what lies on them. It outlives the service."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

from drivers.idcard.presence import Presence
from drivers.idcard.transports.pcsc import ReaderLook
from hallclient.domain.failures import FailureCode, KnownError

# How often a service that has gone is tried again: it does not announce its return.
REPOLL_INTERVAL_S = 1.0
# A reader plugged in between two waits is announced to nobody; it is found at the latest after this. And a service that
# hangs is noticed no sooner: it is asked nothing else meanwhile.
RELIST_INTERVAL_S = 1.0
# The service answers within milliseconds, whatever its readers do. Beside a busy computer's other work it may take this
# much longer than it was asked to wait; then it hangs.
ANSWER_PATIENCE_S = 1.5

_RING_INTERVAL_S = 0.01


class Service(Protocol):
    """A conversation with the smart-card service, as `drivers.idcard.transports.pcsc.PcscService`."""

    def reader_names(self) -> list[str]: ...

    def wait(self, known: Mapping[str, ReaderLook], timeout_s: float) -> dict[str, ReaderLook] | None: ...

    def cancel(self) -> None: ...

    def close(self) -> None: ...


class _Call:
    """Something that the service was asked and has not answered yet; it may take `own_s` by itself."""

    def __init__(self, own_s: float) -> None:
        self.own_s = own_s


class ServiceMonitor:
    """Watches the service, begins anew when it stops, and tells what it sees, and when it does not answer.

    Built on the bare status call, because pyscard's own monitors die for good with the service (Windows stops it when
    the last reader goes). A service that hangs never returns from a call, whatever timeout it was given, so there are
    two threads: one asks, the other sees to it that there is an answer.
    """

    def __init__(
        self,
        connect: Callable[[], Service],
        seen: Callable[[Mapping[str, Presence]], None],
        lost: Callable[[KnownError], None],
        ended: Callable[[], None],
        report_bug: Callable[[BaseException], str],
    ) -> None:
        """Start watching; everything is called on the monitor's threads, one at a time.

        Args:
            connect: begins a conversation; raises KnownError when there is no service.
            seen: takes how every reader stands, at first and at each change.
            lost: takes why there is no service, called again at each attempt; or reader_service_hung, once, when it
                does not answer. Where it goes on, `seen` is called.
            ended: the thread ends, because it was closed.
            report_bug: keeps an error that nobody foresaw, and returns its number in the log. The thread begins anew.
        """
        self._connect = connect
        self._seen = seen
        self._lost = lost
        self._ended = ended
        self._report_bug = report_bug
        self._service: Service | None = None
        self._line = threading.Lock()  # nobody cancels a conversation that has ended
        self._call: _Call | None = None
        self._bell = threading.Condition()  # guards `_call`
        self._telling = threading.Lock()  # an answer is not told before its delay has been told to the end
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="card-reader-monitor", daemon=True)
        self._watch = threading.Thread(target=self._see_to_answers, name="card-reader-watch", daemon=True)
        self._thread.start()
        self._watch.start()

    @property
    def name(self) -> str:
        return self._thread.name

    def end(self) -> None:
        """Stop watching; does not wait."""
        self._closing.set()
        with self._bell:
            self._bell.notify_all()

    def join(self, within_s: float) -> bool:
        """Whether the threads end in time: not while the service does not answer."""
        self._thread.join(within_s)
        if self._thread.is_alive():
            return False
        self._watch.join(within_s)  # it has nothing left to wait for
        return not self._watch.is_alive()

    # ---- on the thread that asks ----

    def _run(self) -> None:
        try:
            while not self._closing.is_set():
                try:
                    self._converse()
                except KnownError as error:
                    self._lose(error)
                    self._closing.wait(REPOLL_INTERVAL_S)
                except Exception as error:  # noqa: BLE001  # without this thread no card is ever seen again
                    self._lose(KnownError(FailureCode.INTERNAL_ERROR, number=self._report_bug(error)))
                    self._closing.wait(REPOLL_INTERVAL_S)
        finally:
            self._ended()

    def _lose(self, error: KnownError) -> None:
        try:
            self._lost(error)
        except Exception as bug:  # noqa: BLE001  # whoever was told must not end the watching
            self._report_bug(bug)

    def _converse(self) -> None:
        with self._to_be_answered():
            service = self._connect()
        try:
            with self._line:
                self._service = service
            self._attend(service)
        finally:
            with self._line:
                self._service = None
            with self._to_be_answered():
                service.close()

    def _attend(self, service: Service) -> None:
        """Watch until closed. Readers are listed only when no card has moved: that is what the news was, then."""
        names = self._listed(service)
        known: dict[str, ReaderLook] = {}
        while not self._closing.is_set():
            known = {name: known.get(name, ReaderLook()) for name in names}
            try:
                with self._to_be_answered(RELIST_INTERVAL_S):
                    states = service.wait(known, RELIST_INTERVAL_S)
            except KnownError as error:
                if error.code is not FailureCode.READER_MISSING:
                    raise
                states = dict(known)  # one was unplugged since the list was made
            if states is None:
                return
            if states == known:
                names = self._listed(service)
                states = {name: look for name, look in known.items() if name in names}
            known = states
            self._seen({name: look.presence() for name, look in known.items()})

    def _listed(self, service: Service) -> list[str]:
        with self._to_be_answered():
            return service.reader_names()

    @contextmanager
    def _to_be_answered(self, own_s: float = 0.0) -> Iterator[None]:
        """The service is asked something in the block that takes `own_s` by itself."""
        with self._bell:
            self._call = _Call(own_s)
            self._bell.notify_all()
        try:
            yield
        finally:
            with self._telling, self._bell:
                self._call = None
                self._bell.notify_all()

    # ---- on the thread that sees to answers ----

    def _see_to_answers(self) -> None:
        while not self._closing.is_set():
            with self._bell:
                self._bell.wait_for(lambda: self._call is not None or self._closing.is_set())
                call = self._call
            # One after the other: who slept through the first, with the whole computer, still has the second.
            if call is not None and not (self._is_over(call, call.own_s) or self._is_over(call, ANSWER_PATIENCE_S)):
                self._miss(call)
        while self._thread.is_alive():  # a cancel reaches only a wait that has begun, so it is repeated
            with self._line:
                if self._service is not None:
                    self._service.cancel()
            self._thread.join(_RING_INTERVAL_S)

    def _is_over(self, call: _Call, within_s: float | None = None) -> bool:
        """Whether it is answered in time, or nobody wants to know any more."""
        with self._bell:
            return self._bell.wait_for(lambda: self._call is not call or self._closing.is_set(), within_s)

    def _miss(self, call: _Call) -> None:
        with self._telling:
            if self._is_over(call, 0.0):  # at the last moment
                return
            self._lose(KnownError(FailureCode.READER_SERVICE_HUNG))
        self._is_over(call)
