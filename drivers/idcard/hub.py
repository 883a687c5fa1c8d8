"""The hall's card readers as one device that heals itself."""

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from drivers.idcard.card_job import SEARCH_INTERVAL_S, CardJob
from drivers.idcard.channels import PcscChannel, SerialChannel
from drivers.idcard.port_monitor import PortMonitor
from drivers.idcard.presence import Presence
from drivers.idcard.profiles import ReaderProfile
from drivers.idcard.reader_registry import ReaderRegistry, Request
from drivers.idcard.reader_thread import ReaderThread
from drivers.idcard.service_monitor import REPOLL_INTERVAL_S, ServiceMonitor
from drivers.idcard.transports.pcsc import PcscService
from drivers.idcard.transports.serial_port import SerialPort, serial_ports
from hallclient.devices import Clock, ReaderState, ReaderStatus
from hallclient.domain.card import CardReading
from hallclient.domain.failures import BugError, FailureCode, KnownError

# How long a card that is being read keeps the monitor from looking at the other readers.
_HUSH_S = 0.02

# So long closing waits for threads that a service or a driver does not let go of; most end at once.
CLOSING_LIMIT_S = 2.0


_log = logging.getLogger(__name__)


def _log_bug(error: BaseException) -> str:
    """For whoever keeps no numbers."""
    _log.error("unforeseen", exc_info=error)
    return ""


class ReaderHub:
    """Fulfils `hallclient.devices.CardReader` for every reader that a profile knows, PC/SC and serial.

    Two threads watch the smart-card service (`ServiceMonitor`) and the serial ports (`PortMonitor`), and each reader
    has one that talks to its cards (`ReaderThread`). It heals what it can: a service that stops, starts and is killed,
    readers that are unplugged and come back. A card is read only while somebody waits in `read`, and then as soon as
    it is put down, on whichever reader. Where several readers have a card, one that was not read yet is preferred,
    then the order of the profiles.

    A reader that several profiles claim is spoken to as the first one says; when it has no security module for that,
    as the next one says that knows the card on it.

    A serial port that a profile claims becomes a reader once a security module has answered there. Nobody tells when a
    card is put on it: it is asked again and again while somebody waits.
    """

    def __init__(
        self,
        profiles: Sequence[ReaderProfile],
        clock: Clock,
        *,
        practice: bool = False,
        ports: Callable[[], list[SerialPort]] = serial_ports,
        report_bug: Callable[[BaseException], str] = _log_bug,
    ) -> None:
        """Start watching.

        Args:
            profiles: all known profiles, in the order in which they are tried (`load_profiles`). Leave none out: a
                practice reader has to be recognised as such before a general profile takes it for a real one.
            clock: for deadlines.
            practice: use practice readers only; otherwise they are ignored.
            ports: lists the serial ports of this computer.
            report_bug: keeps an error that nobody foresaw, and returns its number in the log. All threads survive it.
        """
        self._profiles = tuple(profiles)
        self._clock = clock
        self._report_bug = report_bug
        self._registry = ReaderRegistry(clock, partial(CardJob, clock=clock), practice=practice, report_bug=report_bug)
        self._service_monitor = ServiceMonitor(
            PcscService, self._see_readers, self._lose_service, self._end, report_bug
        )
        self._port_monitor = PortMonitor(ports, self._see_ports, self._end, self._miss_ports)

    # ---- for everybody ----

    def watch(self, listener: Callable[[ReaderStatus], None]) -> None:
        """Call `listener` with the most interesting reader's state now and then at each change.

        It is called on one thread at a time: now on the caller's, later on any of ours. It must not block.
        """
        with self._registry.lock:
            self._registry.notifier.add(listener)
        self._registry.notifier.deliver()

    def watch_each(self, listener: Callable[[ReaderStatus], None]) -> None:
        """Like `watch`, for every reader by itself; one that was unplugged is told once, as reader_missing."""
        with self._registry.lock:
            self._registry.notifier.add_for_each(listener)
        self._registry.notifier.deliver()

    def readers(self, timeout_s: float = 0.0) -> tuple[ReaderStatus, ...]:
        """Every reader's state, after waiting at most `timeout_s` for the first look at them.

        Raises KnownError: reader_service_down when the service is down and there is no serial reader either,
        reader_service_hung when it does not answer; internal_error when we are the reason.
        """
        with self._registry.lock:
            self._registry.lock.wait_for(lambda: self._registry.settled() or self._registry.ended, timeout_s)
            found = tuple(
                managed.context.status() for managed in self._registry.by_name.values() if managed.context.available
            )
            if not found and self._registry.without_reader.code is not FailureCode.READER_MISSING:
                without = self._registry.without_reader
                raise KnownError(without.code, without.detail, number=without.number)
            return found

    def read(
        self, timeout_s: float, reader: str | None = None, *, put_down_since_s: float | None = None
    ) -> CardReading:
        """Wait up to `timeout_s` for a card on the reader called `reader`, or on any, and read it once.

        A service that is down, a missing reader and a busy one may recover meanwhile; they are raised at the end of the
        time. What goes wrong with a card is raised at once. A card that lies there already is read, unless it was read
        before and has not left: card_needs_lifting.

        With `put_down_since_s` (monotonic) a card that lay there before it, or at the first look at its reader, is not
        read until it was lifted: the reader says so at once, and card_needs_lifting is raised at the end of the time,
        because meanwhile a card may come on another reader. A reader that tells no presence must have been found empty
        since then.

        Raises KnownError: see `CardReader.read`.
        """
        deadline = self._clock.monotonic() + timeout_s
        with self._registry.lock:
            if self._registry.request is not None:
                raise BugError("two reads at the same time")
            if self._registry.ended:
                raise KnownError(FailureCode.READER_MISSING, "closed")
            request = self._registry.request = Request(
                reader, -math.inf if put_down_since_s is None else put_down_since_s
            )
            for managed in self._registry.by_name.values():
                managed.context.rests_until_s = 0.0
            self._registry.tell()
            self._registry.assign()
        self._registry.notifier.deliver()
        try:
            return self._outcome(request, deadline)
        finally:
            self._registry.request = None  # without the lock: whoever has just delivered still holds it

    def close(self) -> None:
        """Stop watching and let go of the readers. A `read` that is waiting ends with reader_missing.

        A thread that a service or a driver keeps is waited for no longer than `CLOSING_LIMIT_S`, all of them together.
        It is left behind, and ends with the process if it must.
        """
        with self._registry.lock:
            self._registry.ended = True
            self._registry.drop(lambda _: True)
            if self._registry.request is not None and self._registry.request.taken_by is None:
                self._registry.request.outcome.set_exception(KnownError(FailureCode.READER_MISSING, "closed"))
            self._registry.lock.notify_all()
        self._service_monitor.end()
        self._port_monitor.end()
        closed_at_s = self._clock.monotonic() + CLOSING_LIMIT_S
        threads: list[ServiceMonitor | PortMonitor | ReaderThread]
        threads = [self._service_monitor, self._port_monitor, *self._registry.retired]
        for thread in threads:
            if not thread.join(max(0.0, closed_at_s - self._clock.monotonic())):
                _log.warning("%s does not end and is left behind", thread.name)
        with self._registry.lock:
            self._registry.refuse(KnownError(FailureCode.READER_MISSING, "closed"))  # the one who reads for it hangs

    def _outcome(self, request: Request, deadline: float) -> CardReading:
        while True:
            left_s = max(0.0, deadline - self._clock.monotonic())
            asks = any(not managed.context.tells_presence for managed in tuple(self._registry.by_name.values()))
            try:
                return request.outcome.result(min(left_s, SEARCH_INTERVAL_S if asks else REPOLL_INTERVAL_S))
            except TimeoutError:
                with self._registry.lock:
                    if request.outcome.done():  # in the last moment: a card that was read is not thrown away
                        continue
                    if self._clock.monotonic() >= deadline:
                        raise self._why_not(request.reader) from None
                    self._registry.assign()  # a reader that others use does not always announce that it is free

    def _why_not(self, reader: str | None) -> KnownError:
        status = self._registry.summary()
        if reader is not None:
            managed = self._registry.by_name.get(reader)
            status = managed.context.status() if managed is not None else self._registry.nothing()
        if status.failure is not None:
            return KnownError(status.failure, status.detail, number=status.number)
        if status.state is ReaderState.READING:
            return KnownError(FailureCode.READER_FAILED, "no answer in time")
        return KnownError(FailureCode.CARD_MISSING)

    # ---- on the monitors' threads ----

    def _see_readers(self, presences: Mapping[str, Presence]) -> None:
        now_s = self._clock.monotonic()
        with self._registry.lock:
            if self._registry.ended:
                return
            self._registry.service_looked = True
            self._registry.without_reader = KnownError(FailureCode.READER_MISSING)
            new = presences.keys() - self._registry.by_name.keys()
            self._registry.drop(lambda context: context.tells_presence and context.name not in presences)
            self._registry.add(
                {name: [p for p in self._profiles if p.claims_reader(name)] for name in new}, PcscChannel
            )
            for name, managed in self._registry.by_name.items():
                if managed.context.tells_presence:
                    managed.context.see(presences[name], now_s)
            self._registry.changed()
        self._registry.notifier.deliver()
        with self._registry.lock:
            # What the service announces next is our own opening and closing. Reading is quicker without it.
            self._registry.lock.wait_for(lambda: not self._registry.reading_from_service(), _HUSH_S)

    def _see_ports(self, ports: list[SerialPort]) -> None:
        with self._registry.lock:
            if self._registry.ended:
                return
            self._registry.ports_looked = True
            there = {port.name: port.usb_id for port in ports}
            new = there.keys() - self._registry.by_name.keys()
            claims = {name: [p for p in self._profiles if p.claims_port(name, there[name])] for name in new}
            self._registry.drop(lambda context: not context.tells_presence and context.name not in there)
            for managed in self._registry.add(claims, lambda name: SerialChannel(name, self._clock)):
                self._registry.give(managed, None)
            self._registry.changed()
        self._registry.notifier.deliver()

    def _miss_ports(self, error: BaseException) -> str:
        """They could not be listed: the readers of the service are told of all the same."""
        number = self._report_bug(error)
        with self._registry.lock:
            self._registry.ports_looked = True
            self._registry.tell()
            self._registry.lock.notify_all()
        self._registry.notifier.deliver()
        return number

    def _lose_service(self, why: KnownError) -> None:
        with self._registry.lock:
            self._registry.service_looked = True
            self._registry.without_reader = why
            self._registry.drop(lambda context: context.tells_presence)
            self._registry.changed()
        self._registry.notifier.deliver()

    def _end(self) -> None:
        with self._registry.lock:
            by_mistake, self._registry.ended = not self._registry.ended, True
            self._registry.drop(lambda _: True)
            if by_mistake:
                self._registry.refuse(BugError("a monitor's thread has ended"))
