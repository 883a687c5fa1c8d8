"""The hall's card readers as one device that heals itself."""

import logging
import math
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from drivers.idcard.lines import Line, PcscLine, SerialLine
from drivers.idcard.news import ReaderNews
from drivers.idcard.port_monitor import PortMonitor
from drivers.idcard.presence import Presence
from drivers.idcard.profiles import ReaderProfile
from drivers.idcard.reader_thread import ReaderThread
from drivers.idcard.service_monitor import REPOLL_INTERVAL_S, ServiceMonitor
from drivers.idcard.session import ChipContents, Session
from drivers.idcard.slot import PRESENCE_LAG_S, Slot
from drivers.idcard.transports.pcsc import PcscService
from drivers.idcard.transports.serial_port import SerialPort, serial_ports
from hallclient.devices import Clock, ReaderState, ReaderStatus
from hallclient.domain.card import CardReading
from hallclient.domain.failures import PASSING, BugError, FailureCode, KnownError

# A module cannot always tell a card that has left from one that is broken, nor that the reader left with it; the
# service can, a little later.
_AMBIGUOUS = frozenset({FailureCode.CARD_REMOVED, FailureCode.CARD_UNREADABLE, FailureCode.READER_FAILED})

# How long a card that is being read keeps the monitor from looking at the other readers.
_HUSH_S = 0.02

# How often a reader that tells no presence is asked for a card, while somebody waits for one.
_SEARCH_INTERVAL_S = 0.2
# So long closing waits for threads that a service or a driver does not let go of; most end at once.
CLOSING_LIMIT_S = 2.0
# So long after a good read, a serial reader that finds nothing is taken to have the same card still on it.
_SAME_CARD_S = 30.0
_LATE_NEWS_S = 3.0  # of the service, on a busy computer


_log = logging.getLogger(__name__)


def _log_bug(error: BaseException) -> str:
    """For whoever keeps no numbers."""
    _log.error("unforeseen", exc_info=error)
    return ""


@dataclass(slots=True)
class _Request:
    """Somebody waits for a card, on the reader called `reader` or on any, that comes after `since_s` (monotonic).

    `taken_by`: a reader is at it.
    """

    reader: str | None
    since_s: float
    taken_by: Slot | None = None
    outcome: Future[CardReading] = field(default_factory=Future)


@dataclass(frozen=True, slots=True)
class _Desk:
    """A reader and the thread that talks to it."""

    slot: Slot
    thread: ReaderThread


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
        self._practice = practice
        self._lock = threading.Condition()  # guards everything below; notified when a slot has changed
        self._desks: dict[str, _Desk] = {}
        self._retired: list[ReaderThread] = []
        self._report_bug = report_bug
        self._without_reader = KnownError(FailureCode.READER_MISSING)
        self._request: _Request | None = None
        self._service_looked = False
        self._ports_looked = False
        self._ended = False
        self._changes = 0
        self._news = ReaderNews(report_bug)
        self._service_monitor = ServiceMonitor(
            PcscService, self._see_readers, self._lose_service, self._end, report_bug
        )
        self._port_monitor = PortMonitor(ports, self._see_ports, self._end, self._miss_ports)

    # ---- for everybody ----

    def watch(self, listener: Callable[[ReaderStatus], None]) -> None:
        """Call `listener` with the most interesting reader's state now and then at each change.

        It is called on one thread at a time: now on the caller's, later on any of ours. It must not block.
        """
        with self._lock:
            self._news.add(listener)
        self._news.deliver()

    def watch_each(self, listener: Callable[[ReaderStatus], None]) -> None:
        """Like `watch`, for every reader by itself; one that was unplugged is told once, as reader_missing."""
        with self._lock:
            self._news.add_for_each(listener)
        self._news.deliver()

    def readers(self, timeout_s: float = 0.0) -> tuple[ReaderStatus, ...]:
        """Every reader's state, after waiting at most `timeout_s` for the first look at them.

        Raises KnownError: reader_service_down when the service is down and there is no serial reader either,
        reader_service_hung when it does not answer; internal_error when we are the reason.
        """
        with self._lock:
            self._lock.wait_for(lambda: self._settled() or self._ended, timeout_s)
            found = tuple(desk.slot.status() for desk in self._desks.values() if desk.slot.available)
            if not found and self._without_reader.code is not FailureCode.READER_MISSING:
                without = self._without_reader
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
        with self._lock:
            if self._request is not None:
                raise BugError("two reads at the same time")
            if self._ended:
                raise KnownError(FailureCode.READER_MISSING, "closed")
            request = self._request = _Request(reader, -math.inf if put_down_since_s is None else put_down_since_s)
            for desk in self._desks.values():
                desk.slot.rests_until_s = 0.0
            self._tell()
            self._assign()
        self._news.deliver()
        try:
            return self._outcome(request, deadline)
        finally:
            self._request = None  # without the lock: whoever has just delivered still holds it

    def close(self) -> None:
        """Stop watching and let go of the readers. A `read` that is waiting ends with reader_missing.

        A thread that a service or a driver keeps is waited for no longer than `CLOSING_LIMIT_S`, all of them together.
        It is left behind, and ends with the process if it must.
        """
        with self._lock:
            self._ended = True
            self._drop(lambda _: True)
            if self._request is not None and self._request.taken_by is None:
                self._request.outcome.set_exception(KnownError(FailureCode.READER_MISSING, "closed"))
            self._lock.notify_all()
        self._service_monitor.end()
        self._port_monitor.end()
        closed_at_s = self._clock.monotonic() + CLOSING_LIMIT_S
        threads: list[ServiceMonitor | PortMonitor | ReaderThread]
        threads = [self._service_monitor, self._port_monitor, *self._retired]
        for thread in threads:
            if not thread.join(max(0.0, closed_at_s - self._clock.monotonic())):
                _log.warning("%s does not end and is left behind", thread.name)
        with self._lock:
            if self._request is not None and not self._request.outcome.done():  # the one who reads for it hangs
                self._request.outcome.set_exception(KnownError(FailureCode.READER_MISSING, "closed"))

    def _settled(self) -> bool:
        asking = any(desk.slot.busy and not desk.slot.available for desk in self._desks.values())
        return self._service_looked and self._ports_looked and not asking

    def _outcome(self, request: _Request, deadline: float) -> CardReading:
        while True:
            left_s = max(0.0, deadline - self._clock.monotonic())
            asks = any(not desk.slot.tells_presence for desk in tuple(self._desks.values()))
            try:
                return request.outcome.result(min(left_s, _SEARCH_INTERVAL_S if asks else REPOLL_INTERVAL_S))
            except TimeoutError:
                with self._lock:
                    if request.outcome.done():  # in the last moment: a card that was read is not thrown away
                        continue
                    if self._clock.monotonic() >= deadline:
                        raise self._why_not(request.reader) from None
                    self._assign()  # a reader that others use does not always announce that it is free

    def _why_not(self, reader: str | None) -> KnownError:
        status = self._summary()
        if reader is not None:
            desk = self._desks.get(reader)
            status = desk.slot.status() if desk is not None else self._nothing()
        if status.failure is not None:
            return KnownError(status.failure, status.detail, number=status.number)
        if status.state is ReaderState.READING:
            return KnownError(FailureCode.READER_FAILED, "no answer in time")
        return KnownError(FailureCode.CARD_MISSING)

    # ---- on the monitors' threads ----

    def _see_readers(self, presences: Mapping[str, Presence]) -> None:
        now_s = self._clock.monotonic()
        with self._lock:
            if self._ended:
                return
            self._service_looked = True
            self._without_reader = KnownError(FailureCode.READER_MISSING)
            new = presences.keys() - self._desks.keys()
            self._drop(lambda slot: slot.tells_presence and slot.name not in presences)
            self._add({name: [p for p in self._profiles if p.claims_reader(name)] for name in new}, PcscLine)
            for name, desk in self._desks.items():
                if desk.slot.tells_presence:
                    desk.slot.see(presences[name], now_s)
            self._changed()
        self._news.deliver()
        with self._lock:
            # What the service announces next is our own opening and closing. Reading is quicker without it.
            self._lock.wait_for(lambda: not self._reading_from_service(), _HUSH_S)

    def _see_ports(self, ports: list[SerialPort]) -> None:
        with self._lock:
            if self._ended:
                return
            self._ports_looked = True
            there = {port.name: port.usb_id for port in ports}
            new = there.keys() - self._desks.keys()
            claims = {name: [p for p in self._profiles if p.claims_port(name, there[name])] for name in new}
            self._drop(lambda slot: not slot.tells_presence and slot.name not in there)
            for desk in self._add(claims, lambda name: SerialLine(name, self._clock)):
                self._give(desk, None)
            self._changed()
        self._news.deliver()

    def _miss_ports(self, error: BaseException) -> str:
        """They could not be listed: the readers of the service are told of all the same."""
        number = self._report_bug(error)
        with self._lock:
            self._ports_looked = True
            self._tell()
            self._lock.notify_all()
        self._news.deliver()
        return number

    def _add(self, claims: Mapping[str, Sequence[ReaderProfile]], line: Callable[[str], Line]) -> list[_Desk]:
        """Desks for new readers, each with the profiles that claim it.

        The first of them says whether it is a practice reader: a general profile may claim it as well.
        """
        new = {
            name: _Desk(Slot(name, usable), ReaderThread(name, line(name), self._report_bug))
            for name, profiles in claims.items()
            if profiles
            and profiles[0].practice is self._practice
            and (usable := [profile for profile in profiles if profile.practice is self._practice])
        }
        if new:
            self._desks = dict(sorted({**self._desks, **new}.items(), key=lambda item: item[1].slot.rank))
        return list(new.values())

    def _drop(self, goes: Callable[[Slot], bool]) -> None:
        going = [name for name, desk in self._desks.items() if goes(desk.slot)]
        for name in going:
            thread = self._desks.pop(name).thread
            thread.end()
            self._retired = [*(retired for retired in self._retired if retired.running), thread]

    def _lose_service(self, why: KnownError) -> None:
        with self._lock:
            self._service_looked = True
            self._without_reader = why
            self._drop(lambda slot: slot.tells_presence)
            self._changed()
        self._news.deliver()

    def _end(self) -> None:
        with self._lock:
            by_mistake, self._ended = not self._ended, True
            self._drop(lambda _: True)
            if by_mistake and self._request is not None and not self._request.outcome.done():
                self._request.outcome.set_exception(BugError("a monitor's thread has ended"))

    # ---- on a reader's thread ----

    def _read(self, slot: Slot, request: _Request, session: Session) -> None:
        """The service has told that a card lies there."""
        self._begin(slot)
        # On a busy computer news of a card's coming may be later than its reading: it is no other card for that.
        just_read = slot.was_read_within(_LATE_NEWS_S, self._clock.monotonic())
        try:
            session.find(perhaps_read=slot.perhaps_read or just_read)
            contents = session.read()
        except KnownError as error:
            if error.code in _AMBIGUOUS:
                raise KnownError(self._what_left(slot) or error.code, error.detail) from error
            raise
        self._done(slot, request, contents)

    def _search(self, slot: Slot, request: _Request | None, session: Session) -> None:
        """A module has answered: perhaps there is a card."""
        with self._lock:
            slot.see(Presence(available=True), self._clock.monotonic())
            self._changed()
        self._news.deliver()
        if request is None:
            return
        session.find(perhaps_read=False)
        with self._lock:
            if self._request is not request or request.taken_by is not None:
                return  # another reader was quicker, or nobody waits any more
            if slot.empty_at_s < request.since_s:
                raise KnownError(FailureCode.CARD_NEEDS_LIFTING)
            request.taken_by = slot
            found = Presence(available=True, has_card=True, moves=slot.presence.moves + 1)
            slot.see(found, self._clock.monotonic())
        self._begin(slot)
        self._done(slot, request, session.read())

    def _begin(self, slot: Slot) -> None:
        with self._lock:
            slot.reading = True
            self._tell()  # nobody else can be served by that
        self._news.deliver()

    def _what_left(self, slot: Slot) -> FailureCode | None:
        """What the service says a little later: did the card leave, or its reader?"""
        with self._lock:
            self._lock.wait_for(lambda: not self._there(slot), PRESENCE_LAG_S)
            if self._there(slot):
                return None
            return FailureCode.CARD_REMOVED if slot.available else FailureCode.READER_MISSING

    def _there(self, slot: Slot) -> bool:
        desk = self._desks.get(slot.name)
        return desk is not None and desk.slot is slot and slot.has_card

    def _done(self, slot: Slot, request: _Request, contents: ChipContents) -> None:
        reading = CardReading(
            contents.record,
            contents.portrait,
            contents.sam_number,
            slot.identity,
            contents.new_address,
            contents.new_address_unreadable,
        )
        with self._lock:
            slot.reading = False
            slot.was_read(self._clock.monotonic())
            if not request.outcome.done():  # closed meanwhile
                request.outcome.set_result(reading)

    def _failed(self, slot: Slot, request: _Request | None, error: KnownError, opened: bool) -> None:
        with self._lock:
            slot.reading = False
            if request is None or request.taken_by is not slot:
                self._found_nothing(slot, error)
            elif request.outcome.done():
                pass  # closed meanwhile
            elif not self._may_still_be_read(slot, error, opened):
                slot.failure, slot.number = (error.code, error.number) if slot.has_card else (None, None)
                request.outcome.set_exception(error)
            elif self._ended:
                request.outcome.set_exception(KnownError(FailureCode.READER_MISSING, "closed"))
            else:
                request.taken_by = None

    def _may_still_be_read(self, slot: Slot, error: KnownError, opened: bool) -> bool:
        if error.code is FailureCode.READER_WITHOUT_SAM:
            return slot.try_next_profile()
        if error.code not in PASSING or opened:
            return False
        if error.code is FailureCode.READER_BUSY:
            slot.failure = error.code
        slot.rests_until_s = self._clock.monotonic() + REPOLL_INTERVAL_S
        return True

    def _found_nothing(self, slot: Slot, error: KnownError) -> None:
        """A reader that tells no presence was asked for a card, or whether it is a reader at all."""
        now_s = self._clock.monotonic()
        if error.code is FailureCode.CARD_MISSING:
            slot.empty_at_s = now_s
            slot.see(Presence(available=True), now_s)
            slot.failure = FailureCode.CARD_NEEDS_LIFTING if slot.was_read_within(_SAME_CARD_S, now_s) else None
            slot.rests_until_s = now_s + _SEARCH_INTERVAL_S
        elif slot.available or slot.is_surely_reader:
            slot.see(Presence(available=True), now_s)
            slot.failure, slot.number = error.code, error.number
            lies = error.code is FailureCode.CARD_NEEDS_LIFTING  # ask again before a hand can have lifted and put it
            slot.rests_until_s = now_s + (_SEARCH_INTERVAL_S if lies else REPOLL_INTERVAL_S)
        else:
            slot.rests_until_s = math.inf  # something else is behind this port: not asked again until the next `read`

    def _let_go(self, slot: Slot) -> None:
        with self._lock:
            slot.busy = False
            self._changed()
        self._news.deliver()

    def _broken(self, request: _Request | None) -> None:
        if request is not None and not request.outcome.done():
            request.outcome.set_exception(BugError("a reader's thread has ended"))

    # ---- with the lock held ----

    def _assign(self) -> None:
        """Give the request to the best reader that has a card, and ask those that tell no presence for one."""
        request = self._request
        if request is None or request.taken_by is not None or request.outcome.done():
            return
        now_s = self._clock.monotonic()
        free = [
            desk
            for name, desk in self._desks.items()
            if not desk.slot.busy and desk.slot.rests_until_s <= now_s and request.reader in (None, name)
        ]
        with_card = [desk for desk in free if desk.slot.has_card_since(request.since_s)]
        if with_card:
            desk = min(with_card, key=lambda desk: not desk.slot.card_is_new)  # the first of the best
            request.taken_by = desk.slot
            self._give(desk, request)
            return
        for desk in free:
            if not desk.slot.tells_presence:
                self._give(desk, request)

    def _give(self, desk: _Desk, request: _Request | None) -> None:
        desk.slot.busy = True
        desk.thread.give(_Job(self, request, desk.slot))

    def _reading_from_service(self) -> bool:
        return any(desk.slot.busy and desk.slot.tells_presence for desk in self._desks.values())

    def _summary(self) -> ReaderStatus:
        slots = [desk.slot for desk in self._desks.values() if desk.slot.available]
        if not slots:
            return self._nothing()
        return max(slots, key=lambda slot: (slot.reading, slot.has_card, slot.changed)).status()

    def _nothing(self) -> ReaderStatus:
        without = self._without_reader
        return ReaderStatus(ReaderState.TROUBLE, None, without.code, without.detail, without.number)

    def _changed(self) -> None:
        """Note what is new for the listeners, and see whether somebody can be served."""
        self._tell()
        self._lock.notify_all()
        self._assign()

    def _tell(self) -> None:
        if self._request is not None and not self._request.outcome.done():
            for name, desk in self._desks.items():
                if self._request.reader in (None, name):
                    desk.slot.refuse_card_before(self._request.since_s)
        each = {name: desk.slot.status() for name, desk in self._desks.items() if desk.slot.available}
        for name in self._news.changed(each):
            if name in self._desks:
                self._changes += 1
                self._desks[name].slot.changed = self._changes
        if self._service_looked and self._ports_looked:  # before that, a missing reader is no news
            self._news.sum_up(self._summary())


class _Job:
    """One request at one reader, or none: is it a reader? Fulfils `drivers.idcard.reader_thread.Job`."""

    def __init__(self, hub: ReaderHub, request: _Request | None, slot: Slot) -> None:
        self.profile = slot.profile
        self._hub = hub
        self._request = request
        self._slot = slot

    def do(self, session: Session) -> None:
        if self._request is not None and self._slot.tells_presence:
            self._hub._read(self._slot, self._request, session)
        else:
            self._hub._search(self._slot, self._request, session)

    def let_go(self) -> None:
        self._hub._let_go(self._slot)

    def failed(self, error: KnownError, *, opened: bool) -> None:
        self._hub._failed(self._slot, self._request, error, opened)

    def broken(self) -> None:
        self._hub._broken(self._request)
