"""The hall's PC/SC card readers as one device that heals itself."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from drivers.idcard.monitor import REPOLL_INTERVAL_S, ServiceMonitor
from drivers.idcard.news import ReaderNews
from drivers.idcard.opening import open_session
from drivers.idcard.profiles import ReaderProfile
from drivers.idcard.reader_thread import PASSING, ReaderThread
from drivers.idcard.session import ChipContents, Session
from drivers.idcard.slot import PRESENCE_LAG_S, Slot
from drivers.idcard.transports.pcsc import PcscService
from hallclient.devices import Clock, ReaderState, ReaderStatus
from hallclient.domain.card import CardReading
from hallclient.domain.failures import BugError, FailureCode, KnownError

# A module cannot tell a card that has left from one that is broken; the service can, a little later.
_AMBIGUOUS = frozenset({FailureCode.CARD_UNREADABLE, FailureCode.READER_FAILED})

# How long a card that is being read keeps the monitor from looking at the other readers.
_HUSH_S = 0.02


@dataclass(slots=True)
class _Request:
    """Somebody waits for a card, on the reader called `reader` or on any. `taken`: a reader's thread is at it."""

    reader: str | None
    taken: bool = False
    outcome: Future[CardReading] = field(default_factory=Future)


@dataclass(frozen=True, slots=True)
class _Desk:
    """A reader and the thread that talks to it."""

    slot: Slot
    thread: ReaderThread


class PcscCardReader:
    """Fulfils `hallclient.devices.CardReader` for every PC/SC reader that a profile knows.

    One thread watches the service (`ServiceMonitor`), and each reader has one that talks to its cards (`ReaderThread`).
    It heals what it can: a service that stops, starts and is killed, readers that are unplugged and come back. A card
    is read only while somebody waits in `read`, and then as soon as it is put down, on whichever reader. Where several
    readers have a card, one that was not read yet is preferred, then the order of the profiles.
    """

    def __init__(self, profiles: Sequence[ReaderProfile], clock: Clock, *, practice: bool = False) -> None:
        """Start watching.

        Args:
            profiles: all known profiles, in the order in which they are tried (`load_profiles`). Leave none out: a
                practice reader has to be recognised as such before a general profile takes it for a real one.
            clock: for deadlines.
            practice: use practice readers only; otherwise they are ignored.
        """
        self._profiles = tuple(profiles)
        self._clock = clock
        self._practice = practice
        self._lock = threading.Condition()  # guards everything below; notified when a slot has changed
        self._desks: dict[str, _Desk] = {}
        self._retired: list[ReaderThread] = []
        self._without_reader = FailureCode.READER_MISSING
        self._request: _Request | None = None
        self._looked = False
        self._ended = False
        self._changes = 0
        self._news = ReaderNews()
        self._monitor = ServiceMonitor(PcscService, self._see, self._lose, self._end)

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

        Raises KnownError: reader_service_down.
        """
        with self._lock:
            self._lock.wait_for(lambda: self._looked or self._ended, timeout_s)
            if self._without_reader is FailureCode.READER_SERVICE_DOWN:
                raise KnownError(FailureCode.READER_SERVICE_DOWN)
            return tuple(desk.slot.status() for desk in self._desks.values() if desk.slot.available)

    def read(self, timeout_s: float, reader: str | None = None) -> CardReading:
        """Wait up to `timeout_s` for a card on the reader called `reader`, or on any, and read it once.

        A service that is down, a missing reader and a busy one may recover meanwhile; they are raised at the end of the
        time. What goes wrong with a card is raised at once. A card that lies there already is read, unless it was read
        before and has not left: card_needs_lifting.

        Raises KnownError: see `CardReader.read`.
        """
        deadline = self._clock.monotonic() + timeout_s
        with self._lock:
            if self._request is not None:
                raise BugError("two reads at the same time")
            if self._ended:
                raise KnownError(FailureCode.READER_MISSING, "closed")
            request = self._request = _Request(reader)
            for desk in self._desks.values():
                desk.slot.rests_until_s = 0.0
            self._assign()
        try:
            return self._outcome(request, deadline)
        finally:
            self._request = None  # without the lock: whoever has just delivered still holds it

    def close(self) -> None:
        """Stop watching and let go of the readers. A `read` that is waiting ends with reader_missing."""
        with self._lock:
            self._ended = True
            self._drop_all()
            if self._request is not None and not self._request.taken:
                self._request.outcome.set_exception(KnownError(FailureCode.READER_MISSING, "closed"))
            self._lock.notify_all()
        self._monitor.close()
        for thread in self._retired:
            thread.join()

    def _outcome(self, request: _Request, deadline: float) -> CardReading:
        while True:
            left_s = max(0.0, deadline - self._clock.monotonic())
            try:
                return request.outcome.result(min(left_s, REPOLL_INTERVAL_S))
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
            missing = ReaderStatus(ReaderState.TROUBLE, None, self._without_reader)
            status = desk.slot.status() if desk is not None else missing
        if status.failure is not None:
            return KnownError(status.failure)
        if status.state is ReaderState.READING:
            return KnownError(FailureCode.READER_FAILED, "no answer in time")
        return KnownError(FailureCode.CARD_MISSING)

    # ---- on the monitor's thread ----

    def _see(self, states: Mapping[str, int]) -> None:
        now_s = self._clock.monotonic()
        with self._lock:
            if self._ended:
                return
            self._looked = True
            self._without_reader = FailureCode.READER_MISSING
            for name in self._desks.keys() - states.keys():
                self._retire(self._desks.pop(name))
            desks = dict(self._claimed(list(states)))
            self._desks = desks
            for name, desk in desks.items():
                desk.slot.see(states[name], now_s)
            self._changed()
        self._news.deliver()
        with self._lock:
            # What the service announces next is our own opening and closing. Reading is quicker without it.
            self._lock.wait_for(lambda: not any(desk.slot.busy for desk in self._desks.values()), _HUSH_S)

    def _claimed(self, unclaimed: list[str]) -> list[tuple[str, _Desk]]:
        desks = []
        for profile in self._profiles:
            claimed = [name for name in unclaimed if profile.claims_reader(name)]
            unclaimed = [name for name in unclaimed if name not in claimed]
            if profile.practice is self._practice:
                desks += [(name, self._desks.get(name) or self._new_desk(name, profile)) for name in claimed]
        return desks

    def _new_desk(self, name: str, profile: ReaderProfile) -> _Desk:
        def opened(service: PcscService) -> AbstractContextManager[Session]:
            return open_session(profile, name, self._clock, service)

        return _Desk(Slot(name, profile), ReaderThread(name, PcscService, opened))

    def _lose(self, code: FailureCode) -> None:
        with self._lock:
            self._looked = True
            self._without_reader = code
            self._drop_all()
            self._changed()
        self._news.deliver()

    def _end(self) -> None:
        with self._lock:
            by_mistake, self._ended = not self._ended, True
            self._drop_all()
            if by_mistake and self._request is not None and not self._request.outcome.done():
                self._request.outcome.set_exception(BugError("the monitor's thread has ended"))

    def _drop_all(self) -> None:
        for desk in self._desks.values():
            self._retire(desk)
        self._desks = {}

    def _retire(self, desk: _Desk) -> None:
        desk.thread.end()
        self._retired = [thread for thread in self._retired if thread.running] + [desk.thread]

    # ---- on a reader's thread ----

    def _talk(self, slot: Slot, session: Session) -> ChipContents:
        with self._lock:
            slot.reading = True
            self._changed()
        self._news.deliver()
        try:
            return session.read(perhaps_read=slot.perhaps_read)
        except KnownError as error:
            if error.code in _AMBIGUOUS:
                raise KnownError(self._what_left(slot) or error.code, error.detail) from error
            raise

    def _what_left(self, slot: Slot) -> FailureCode | None:
        """What the service says a little later: did the card leave, or its reader?"""
        with self._lock:
            self._lock.wait_for(lambda: not self._there(slot), PRESENCE_LAG_S)
            if self._there(slot):
                return None
            return FailureCode.CARD_REMOVED if slot.available else FailureCode.READER_MISSING

    def _there(self, slot: Slot) -> bool:
        desk = self._desks.get(slot.identity.name)
        return desk is not None and desk.slot is slot and slot.has_card

    def _done(self, slot: Slot, request: _Request, contents: ChipContents) -> None:
        reading = CardReading(
            contents.record, contents.portrait, contents.sam_number, slot.identity, contents.new_address
        )
        with self._lock:
            slot.reading = False
            slot.was_read(self._clock.monotonic())
            request.outcome.set_result(reading)
            self._changed()
        self._news.deliver()

    def _failed(self, slot: Slot, request: _Request, error: KnownError, spoken_to: bool) -> None:
        passing = error.code in PASSING and not spoken_to
        with self._lock:
            slot.reading = False
            if passing:
                slot.failure = error.code if error.code is FailureCode.READER_BUSY else slot.failure
                slot.rests_until_s = self._clock.monotonic() + REPOLL_INTERVAL_S
                request.taken = False
                if self._ended:
                    error = KnownError(FailureCode.READER_MISSING, "closed")
            else:
                slot.failure = error.code if slot.has_card else None
            if not passing or self._ended:
                request.outcome.set_exception(error)
            self._changed()
        self._news.deliver()

    def _let_go(self, slot: Slot) -> None:
        with self._lock:
            slot.busy = False
            self._assign()
            self._lock.notify_all()

    def _broken(self, request: _Request) -> None:
        if not request.outcome.done():
            request.outcome.set_exception(BugError("a reader's thread has ended"))

    # ---- with the lock held ----

    def _assign(self) -> None:
        """Give the request to the best reader that has a card, if there is one."""
        request = self._request
        if request is None or request.taken or request.outcome.done():
            return
        now_s = self._clock.monotonic()
        able = [
            desk
            for name, desk in self._desks.items()
            if desk.slot.has_card
            and not desk.slot.busy
            and desk.slot.rests_until_s <= now_s
            and request.reader in (None, name)
        ]
        if able:
            desk = min(able, key=lambda desk: not desk.slot.card_is_new)  # the first of the best
            request.taken = True
            desk.slot.busy = True
            desk.thread.give(_Reading(self, request, desk.slot))

    def _summary(self) -> ReaderStatus:
        slots = [desk.slot for desk in self._desks.values() if desk.slot.available]
        if not slots:
            return ReaderStatus(ReaderState.TROUBLE, None, self._without_reader)
        return max(slots, key=lambda slot: (slot.reading, slot.has_card, slot.changed)).status()

    def _changed(self) -> None:
        """Note what is new for the listeners, and see whether somebody can be served."""
        for name in self._news.changed({name: desk.slot.status() for name, desk in self._desks.items()}):
            if name in self._desks:
                self._changes += 1
                self._desks[name].slot.changed = self._changes
        self._news.sum_up(self._summary())
        self._assign()
        self._lock.notify_all()


class _Reading:
    """One request at one reader; fulfils `drivers.idcard.reader_thread.Job`."""

    def __init__(self, hub: PcscCardReader, request: _Request, slot: Slot) -> None:
        self._hub = hub
        self._request = request
        self._slot = slot

    def talk(self, session: Session) -> ChipContents:
        return self._hub._talk(self._slot, session)

    def done(self, contents: ChipContents) -> None:
        self._hub._done(self._slot, self._request, contents)

    def let_go(self) -> None:
        self._hub._let_go(self._slot)

    def failed(self, error: KnownError, *, spoken_to: bool) -> None:
        self._hub._failed(self._slot, self._request, error, spoken_to)

    def broken(self) -> None:
        self._hub._broken(self._request)
