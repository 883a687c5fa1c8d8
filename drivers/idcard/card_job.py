"""What a reader's thread does for who waits for a card, and what becomes of the card, the reader and the request."""

import math

from drivers.idcard.presence import Presence
from drivers.idcard.reader_context import PRESENCE_LAG_S, ReaderContext
from drivers.idcard.reader_registry import ReaderRegistry, Request
from drivers.idcard.service_monitor import REPOLL_INTERVAL_S
from drivers.idcard.session import ChipContents, Session
from hallclient.devices import Clock
from hallclient.domain.card import CardReading
from hallclient.domain.failures import PASSING, BugError, FailureCode, KnownError

# A module cannot always tell a card that has left from one that is broken, nor that the reader left with it; the
# service can, a little later.
_AMBIGUOUS = frozenset({FailureCode.CARD_REMOVED, FailureCode.CARD_UNREADABLE, FailureCode.READER_FAILED})

# How often a reader that tells no presence is asked for a card, while somebody waits for one.
SEARCH_INTERVAL_S = 0.2
# So long after a good read, a serial reader that finds nothing is taken to have the same card still on it.
_SAME_CARD_S = 30.0
_LATE_EVENT_S = 3.0  # of the service, on a busy computer


class CardJob:
    """One request at one reader, or none: is it a reader? Fulfils `drivers.idcard.reader_thread.Job`."""

    def __init__(self, registry: ReaderRegistry, request: Request | None, context: ReaderContext, clock: Clock) -> None:
        """Made with the lock of `registry` held."""
        self.profile = context.profile
        self._registry = registry
        self._request = request
        self._context = context
        self._clock = clock

    def do(self, session: Session) -> None:
        if self._request is not None and self._context.tells_presence:
            self._read(self._request, session)
        else:
            self._search(session)

    def failed(self, error: KnownError, *, opened: bool) -> None:
        context, request = self._context, self._request
        with self._registry.lock:
            context.reading = False
            if request is None or request.taken_by is not context:
                self._found_nothing(error)
            elif request.outcome.done():
                pass  # closed meanwhile
            elif not self._may_still_be_read(error, opened):
                context.failure, context.number = (error.code, error.number) if context.has_card else (None, None)
                request.outcome.set_exception(error)
            elif self._registry.ended:
                request.outcome.set_exception(KnownError(FailureCode.READER_MISSING, "closed"))
            else:
                request.taken_by = None

    def let_go(self) -> None:
        with self._registry.lock:
            self._context.busy = False
            self._registry.changed()
        self._registry.notifier.deliver()

    def broken(self) -> None:
        if self._request is not None and not self._request.outcome.done():
            self._request.outcome.set_exception(BugError("a reader's thread has ended"))

    def _read(self, request: Request, session: Session) -> None:
        """The service has told that a card lies there."""
        context = self._context
        self._begin()
        # On a busy computer the service may tell of a card later than it is read: it is no other card for that.
        just_read = context.was_read_within(_LATE_EVENT_S, self._clock.monotonic())
        try:
            session.find(perhaps_read=context.perhaps_read or just_read)
            contents = session.read()
        except KnownError as error:
            if error.code in _AMBIGUOUS:
                raise KnownError(self._what_left() or error.code, error.detail) from error
            raise
        self._done(request, contents)

    def _search(self, session: Session) -> None:
        """A module has answered: perhaps there is a card."""
        context, request = self._context, self._request
        with self._registry.lock:
            context.see(Presence(available=True), self._clock.monotonic())
            self._registry.changed()
        self._registry.notifier.deliver()
        if request is None:
            return
        session.find(perhaps_read=False)
        with self._registry.lock:
            if self._registry.request is not request or request.taken_by is not None:
                return  # another reader was quicker, or nobody waits any more
            if context.empty_at_s < request.since_s:
                raise KnownError(FailureCode.CARD_NEEDS_LIFTING)
            request.taken_by = context
            found = Presence(available=True, has_card=True, moves=context.presence.moves + 1)
            context.see(found, self._clock.monotonic())
        self._begin()
        self._done(request, session.read())

    def _begin(self) -> None:
        with self._registry.lock:
            self._context.reading = True
            self._registry.tell()  # nobody else can be served by that
        self._registry.notifier.deliver()

    def _what_left(self) -> FailureCode | None:
        """What the service says a little later: did the card leave, or its reader?"""
        with self._registry.lock:
            self._registry.lock.wait_for(lambda: not self._there(), PRESENCE_LAG_S)
            if self._there():
                return None
            return FailureCode.CARD_REMOVED if self._context.available else FailureCode.READER_MISSING

    def _there(self) -> bool:
        managed = self._registry.by_name.get(self._context.name)
        return managed is not None and managed.context is self._context and self._context.has_card

    def _done(self, request: Request, contents: ChipContents) -> None:
        reading = CardReading(
            contents.record,
            contents.portrait,
            contents.sam_number,
            self._context.identity,
            contents.new_address,
            contents.new_address_unreadable,
        )
        with self._registry.lock:
            self._context.reading = False
            self._context.was_read(self._clock.monotonic())
            if not request.outcome.done():  # closed meanwhile
                request.outcome.set_result(reading)

    def _may_still_be_read(self, error: KnownError, opened: bool) -> bool:
        context = self._context
        if error.code is FailureCode.READER_WITHOUT_SAM:
            return context.try_next_profile()
        if error.code not in PASSING or opened:
            return False
        if error.code is FailureCode.READER_BUSY:
            context.failure = error.code
        context.rests_until_s = self._clock.monotonic() + REPOLL_INTERVAL_S
        return True

    def _found_nothing(self, error: KnownError) -> None:
        """A reader that tells no presence was asked for a card, or whether it is a reader at all."""
        context, now_s = self._context, self._clock.monotonic()
        if error.code is FailureCode.CARD_MISSING:
            context.empty_at_s = now_s
            context.see(Presence(available=True), now_s)
            context.failure = FailureCode.CARD_NEEDS_LIFTING if context.was_read_within(_SAME_CARD_S, now_s) else None
            context.rests_until_s = now_s + SEARCH_INTERVAL_S
        elif context.available or context.is_surely_reader:
            context.see(Presence(available=True), now_s)
            context.failure, context.number = error.code, error.number
            lies = error.code is FailureCode.CARD_NEEDS_LIFTING  # ask again before a hand can have lifted and put it
            context.rests_until_s = now_s + (SEARCH_INTERVAL_S if lies else REPOLL_INTERVAL_S)
        else:
            context.rests_until_s = math.inf  # something else is behind this port: it is asked at the next `read`
