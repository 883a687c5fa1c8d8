"""Watches the smart-card service: which readers there are, and what lies on them. It outlives the service."""

import threading
from collections.abc import Callable, Mapping
from typing import Protocol

from drivers.idcard.presence import Presence
from drivers.idcard.transports.pcsc import ReaderLook
from hallclient.domain.failures import FailureCode, KnownError

# How often a service that has gone is tried again: it does not announce its return.
REPOLL_INTERVAL_S = 1.0
# A reader plugged in between two waits is announced to nobody; it is found at the latest after this.
RELIST_INTERVAL_S = 5.0

_RING_INTERVAL_S = 0.01


class Service(Protocol):
    """A conversation with the smart-card service, as `drivers.idcard.transports.pcsc.PcscService`."""

    def reader_names(self) -> list[str]: ...

    def wait(self, known: Mapping[str, ReaderLook], timeout_s: float) -> dict[str, ReaderLook] | None: ...

    def cancel(self) -> None: ...

    def close(self) -> None: ...


class ServiceMonitor:
    """One thread that watches the service, begins anew when it stops, and tells what it sees.

    Built on the bare status call, because pyscard's own monitors die for good with the service (Windows stops it when
    the last reader goes).
    """

    def __init__(
        self,
        connect: Callable[[], Service],
        seen: Callable[[Mapping[str, Presence]], None],
        lost: Callable[[KnownError], None],
        ended: Callable[[], None],
        report_bug: Callable[[BaseException], str],
    ) -> None:
        """Start watching; everything is called on the monitor's thread.

        Args:
            connect: begins a conversation; raises KnownError when there is no service.
            seen: takes how every reader stands, at first and at each change.
            lost: takes why there is no service; called again at each attempt.
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
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="card-reader-monitor", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop watching and wait for the thread. A cancel reaches only a wait that has begun, so it is repeated."""
        self._closing.set()
        while self._thread.is_alive():
            with self._line:
                if self._service is not None:
                    self._service.cancel()
            self._thread.join(_RING_INTERVAL_S)

    def _run(self) -> None:
        try:
            while not self._closing.is_set():
                try:
                    self._converse()
                except KnownError as error:
                    self._lose(error)
                except Exception as error:  # noqa: BLE001  # without this thread no card is ever seen again
                    self._lose(KnownError(FailureCode.INTERNAL_ERROR, number=self._report_bug(error)))
        finally:
            self._ended()

    def _lose(self, error: KnownError) -> None:
        try:
            self._lost(error)
        except Exception as bug:  # noqa: BLE001  # whoever was told must not end the watching
            self._report_bug(bug)
        self._closing.wait(REPOLL_INTERVAL_S)

    def _converse(self) -> None:
        service = self._connect()
        try:
            with self._line:
                self._service = service
            self._attend(service)
        finally:
            with self._line:
                self._service = None
            service.close()

    def _attend(self, service: Service) -> None:
        """Watch until closed. Readers are listed only when no card has moved: that is what the news was, then."""
        names = service.reader_names()
        known: dict[str, ReaderLook] = {}
        while not self._closing.is_set():
            known = {name: known.get(name, ReaderLook()) for name in names}
            try:
                states = service.wait(known, RELIST_INTERVAL_S)
            except KnownError as error:
                if error.code is not FailureCode.READER_MISSING:
                    raise
                states = dict(known)  # one was unplugged since the list was made
            if states is None:
                return
            if states == known:
                names = service.reader_names()
                states = {name: look for name, look in known.items() if name in names}
            known = states
            self._seen({name: look.presence() for name, look in known.items()})
