"""The hall's PC/SC card readers as one device that heals itself."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import SimpleQueue

from smartcard import scard

from drivers.idcard.opening import open_session
from drivers.idcard.profiles import ReaderProfile
from drivers.idcard.session import ChipContents
from drivers.idcard.transports.pcsc import PcscService
from hallclient.devices import Clock, ReaderState, ReaderStatus
from hallclient.domain.card import CardReading, ReaderIdentity
from hallclient.domain.failures import BugError, FailureCode, KnownError

# How often a service that has gone and a reader that others use are tried again: neither announces its return.
REPOLL_INTERVAL_S = 1.0
# A reader plugged in between two waits is announced to nobody; it is found at the latest after this.
RELIST_INTERVAL_S = 5.0
# The service looks at a card every 0.4 s (pcsc-lite): only after this is it certain that a card has not moved.
PRESENCE_LAG_S = 0.5

_RING_INTERVAL_S = 0.01


class PcscCardReader:
    """Fulfils `hallclient.devices.CardReader` for every PC/SC reader that a profile knows.

    One thread of its own watches the readers and reads cards, and heals what it can: a service that stops, starts and
    is killed, a reader that is unplugged and comes back. A card is read only while somebody waits in `read`, and then
    as soon as it is put down. Where several readers have a card, the first in the order of the profiles is used.
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
        self._readers: dict[str, _Reader] = {}
        self._without_reader = FailureCode.READER_MISSING
        self._status = ReaderStatus(ReaderState.TROUBLE, None, self._without_reader)
        self._listeners: list[Callable[[ReaderStatus], None]] = []
        self._new_listeners: SimpleQueue[Callable[[ReaderStatus], None]] = SimpleQueue()
        self._request: Future[CardReading] | None = None
        self._service: PcscService | None = None
        self._closing = False
        self._line = threading.Lock()  # nobody cancels a conversation that has ended, or after the bell was answered
        self._bell = threading.Event()
        self._answered = threading.Event()
        self._thread = threading.Thread(target=self._run, name="card-reader", daemon=True)
        self._thread.start()

    def watch(self, listener: Callable[[ReaderStatus], None]) -> None:
        """Call `listener` with the state now and then at each change, on the reader's own thread."""
        self._new_listeners.put(listener)
        self._ring(REPOLL_INTERVAL_S)

    def read(self, timeout_s: float) -> CardReading:
        """Wait up to `timeout_s` for a card and read it once.

        A service that is down, a missing reader and a busy one may recover meanwhile; they are raised at the end of the
        time. What goes wrong with a card is raised at once. A card that lies there already is read, unless it was read
        before and has not left: card_needs_lifting.

        Raises KnownError: see `CardReader.read`.
        """
        deadline = self._clock.monotonic() + timeout_s
        if self._request is not None:
            raise BugError("two reads at the same time")
        request = self._request = Future()
        try:
            self._ring(timeout_s)
            if not self._thread.is_alive() and not request.done():
                raise KnownError(FailureCode.READER_MISSING, "closed")
            return request.result(max(0.0, deadline - self._clock.monotonic()))
        except TimeoutError:
            raise self._why_not() from None
        finally:
            self._request = None

    def close(self) -> None:
        """Stop watching and let go of the reader. A `read` that is waiting ends with reader_missing."""
        self._closing = True
        while self._thread.is_alive():
            self._ring(REPOLL_INTERVAL_S)
            self._thread.join(_RING_INTERVAL_S)

    # ---- any thread ----

    def _ring(self, timeout_s: float) -> None:
        """Make the thread look at what is asked of it.

        A cancel reaches only a wait that has begun, so it is repeated until the thread has answered.
        """
        with self._line:
            self._answered.clear()
            self._bell.set()
        deadline = self._clock.monotonic() + timeout_s
        while self._thread.is_alive():
            with self._line:
                if self._service is not None and self._bell.is_set():
                    self._service.cancel()
            if self._answered.wait(_RING_INTERVAL_S) or self._clock.monotonic() >= deadline:
                return

    def _why_not(self) -> KnownError:
        status = self._status
        if status.failure is not None:
            return KnownError(status.failure)
        if status.state is ReaderState.READING:
            return KnownError(FailureCode.READER_FAILED, "no answer in time")
        return KnownError(FailureCode.CARD_MISSING)

    # ---- the reader's own thread ----

    def _run(self) -> None:
        try:
            while not self._closing:
                self._converse()
        finally:
            request = self._request
            if request is not None and not request.done():
                closed = KnownError(FailureCode.READER_MISSING, "closed")
                request.set_exception(closed if self._closing else BugError("the reader's thread has ended"))

    def _converse(self) -> None:
        """Use the service until it fails or somebody rings; after a failure, wait a little."""
        try:
            with PcscService() as service:
                self._without_reader = FailureCode.READER_MISSING
                rung = self._answer_bell()
                with self._line:
                    self._service = service
                try:
                    self._attend(service, rung)
                finally:
                    with self._line:
                        self._service = None
        except KnownError as error:
            self._readers.clear()
            self._without_reader = error.code
            self._tell()
            self._bell.wait(REPOLL_INTERVAL_S)
            if self._bell.is_set():
                self._answer_bell()
                self._tell()

    def _attend(self, service: PcscService, rung: bool) -> None:
        """Watch and serve until somebody rings.

        A ring spoils the conversation: pcsc-lite may send "cancelled" and a reader's news one after the other, and
        take the second for the answer to whatever is asked next. So the bell is answered in a new one.
        """
        while not self._bell.is_set():
            self._list(service)
            known = {reader.identity.name: reader.state for reader in self._readers.values()}
            states = service.wait(known, 0.0 if rung else self._patience_s())
            rung = False
            if states is None or self._bell.is_set():
                return
            for name, state in states.items():
                self._readers[name].see(state, self._clock.monotonic())
            self._tell()
            self._serve(service)

    def _answer_bell(self) -> bool:
        with self._line:
            rung = self._bell.is_set()
            self._bell.clear()
            self._answered.set()
        return rung

    def _patience_s(self) -> float:
        busy = self._status.failure is FailureCode.READER_BUSY and self._request is not None
        return REPOLL_INTERVAL_S if busy else RELIST_INTERVAL_S

    def _list(self, service: PcscService) -> None:
        unclaimed = service.reader_names()
        readers: dict[str, _Reader] = {}
        for profile in self._profiles:
            claimed = [name for name in unclaimed if profile.claims_reader(name)]
            unclaimed = [name for name in unclaimed if name not in claimed]
            if profile.practice is self._practice:
                readers |= {name: self._readers.get(name) or _Reader(name, profile) for name in claimed}
        self._readers = readers

    def _chosen(self) -> "_Reader | None":
        available = [reader for reader in self._readers.values() if reader.available]
        with_card = [reader for reader in available if reader.has_card]
        return next(iter(with_card + available), None)

    def _tell(self) -> None:
        reader = self._chosen()
        if reader is None:
            self._show(ReaderStatus(ReaderState.TROUBLE, None, self._without_reader))
        else:
            self._show(reader.status())

    def _show(self, status: ReaderStatus) -> None:
        if status != self._status:
            self._status = status
            for listener in self._listeners:
                listener(status)
        while not self._new_listeners.empty():
            listener = self._new_listeners.get()
            listener(status)
            self._listeners.append(listener)

    def _serve(self, service: PcscService) -> None:
        request, reader = self._request, self._chosen()
        if request is None or request.done() or reader is None or not reader.has_card:
            return
        try:
            contents = self._read_card(service, reader)
        except KnownError as error:
            self._fail(request, reader, error)
        else:
            reader.was_read(self._clock.monotonic())
            self._tell()
            request.set_result(CardReading(contents.record, contents.portrait, contents.sam_number, reader.identity))

    def _fail(self, request: Future[CardReading], reader: "_Reader", error: KnownError) -> None:
        spoken_to = self._status.state is ReaderState.READING
        if not spoken_to and error.code is FailureCode.CARD_REMOVED:
            return  # it left just before; the next wait shows that, and who asked goes on waiting
        reader.failure = error.code if reader.has_card else None
        self._tell()
        if spoken_to or error.code is not FailureCode.READER_BUSY:
            request.set_exception(error)

    def _read_card(self, service: PcscService, reader: "_Reader") -> ChipContents:
        try:
            with open_session(reader.profile, reader.identity.name, self._clock, service) as session:
                self._show(ReaderStatus(ReaderState.READING, reader.identity, None))
                perhaps_read = reader.card_read or reader.arrival_missed
                return session.read(perhaps_read=perhaps_read)
        except KnownError as error:
            # A module cannot tell a card that has left from one that is broken; the service can, a little later.
            ambiguous = error.code in (FailureCode.CARD_UNREADABLE, FailureCode.READER_FAILED)
            if ambiguous and self._card_left(service, reader):
                raise KnownError(FailureCode.CARD_REMOVED, error.detail) from error
            raise

    def _card_left(self, service: PcscService, reader: "_Reader") -> bool:
        name = reader.identity.name
        while reader.has_card:
            before = reader.state
            states = service.wait({name: before}, PRESENCE_LAG_S)
            if states is None or states[name] == before:
                return False
            reader.see(states[name], self._clock.monotonic())
        return True


class _Reader:
    """One reader as the service shows it, and what became of the card on it.

    Attributes:
        identity: which one.
        profile: how to speak to it.
        state: SCARD_STATE_* as last seen, 0 before the first look.
        card_read: the card was read and has not left.
        arrival_missed: the card lay there at the first look, so it may have been read before, by whomever.
        failure: why the card could not be read.
    """

    def __init__(self, name: str, profile: ReaderProfile) -> None:
        self.profile = profile
        self.identity = ReaderIdentity(name, profile.name, profile.transport, profile.practice)
        self.state: int = scard.SCARD_STATE_UNAWARE
        self.card_read = False
        self.arrival_missed = False
        self.failure: FailureCode | None = None
        self._read_at_s = 0.0

    def see(self, state: int, now_s: float) -> None:
        """Take note of a new state. Its upper half counts comings and goings: none between two looks is missed."""
        first_look = self.state == scard.SCARD_STATE_UNAWARE
        moved = state >> 16 != self.state >> 16
        self.state = state
        # The service is late: a card that was swapped and read at once is announced only after it was read.
        old_news = self.has_card and self.card_read and now_s - self._read_at_s < PRESENCE_LAG_S
        if not self.has_card or first_look or (moved and not old_news):
            self.card_read = False
            self.failure = None
            self.arrival_missed = first_look and self.has_card

    def was_read(self, now_s: float) -> None:
        """Its card was read well."""
        self.failure = None
        self.card_read = True
        self._read_at_s = now_s

    @property
    def available(self) -> bool:
        return not self.state & (scard.SCARD_STATE_UNAVAILABLE | scard.SCARD_STATE_UNKNOWN)

    @property
    def has_card(self) -> bool:
        return bool(self.state & scard.SCARD_STATE_PRESENT)

    def status(self) -> ReaderStatus:
        if self.failure is not None:
            return ReaderStatus(ReaderState.TROUBLE, self.identity, self.failure)
        return ReaderStatus(ReaderState.CARD_READ if self.card_read else ReaderState.READY, self.identity, None)
