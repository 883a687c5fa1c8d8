"""One reader as the service shows it, and what became of the card on it. No I/O, no threads."""

from smartcard import scard

from drivers.idcard.profiles import ReaderProfile
from hallclient.devices import ReaderState, ReaderStatus
from hallclient.domain.card import ReaderIdentity
from hallclient.domain.failures import FailureCode

# The service looks at a card every 0.4 s (pcsc-lite): only after this is it certain that a card has not moved.
PRESENCE_LAG_S = 0.5


class Slot:
    """What is known of one reader. Whoever changes it holds the hub's lock.

    Attributes:
        identity: which one.
        state: SCARD_STATE_* as last seen, 0 before the first look.
        busy: its thread is at work.
        reading: it is talking to a card just now.
        card_read: the card was read and has not left.
        arrival_missed: the card lay there at the first look, or when the reader came back, so it may have been read
            before, by whomever.
        failure: why the card could not be read.
        rests_until_s: monotonic time before which it need not be tried again, because nothing has changed.
        changed: the number of the last change that a person would see; the newest is the most interesting.
    """

    def __init__(self, name: str, profile: ReaderProfile) -> None:
        self.identity = ReaderIdentity(name, profile.name, profile.transport, profile.practice)
        self.state: int = scard.SCARD_STATE_UNAWARE
        self.busy = False
        self.reading = False
        self.card_read = False
        self.arrival_missed = False
        self.failure: FailureCode | None = None
        self.rests_until_s = 0.0
        self.changed = 0
        self._read_at_s = 0.0

    def see(self, state: int, now_s: float) -> None:
        """Take note of a new state. Its upper half counts comings and goings: none between two looks is missed."""
        if self.failure is FailureCode.READER_BUSY and not state & scard.SCARD_STATE_EXCLUSIVE:
            # pcsc-lite announces neither that another program begins nor that it ends: forget it until the next try.
            self.failure = self.failure if now_s < self.rests_until_s else None
        if state == self.state:
            return
        first_look = not self.available
        moved = state >> 16 != self.state >> 16
        self.state = state
        self.rests_until_s = 0.0
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
        return self.state != scard.SCARD_STATE_UNAWARE and not self.state & (
            scard.SCARD_STATE_UNAVAILABLE | scard.SCARD_STATE_UNKNOWN
        )

    @property
    def has_card(self) -> bool:
        return self.available and bool(self.state & scard.SCARD_STATE_PRESENT)

    @property
    def card_is_new(self) -> bool:
        """A card lies there that was neither read nor refused yet."""
        return self.has_card and not self.card_read and not self.arrival_missed and self.failure is None

    @property
    def perhaps_read(self) -> bool:
        """The card may have been read already, so that its module finds it only after it was lifted."""
        return self.card_read or self.arrival_missed

    def status(self) -> ReaderStatus:
        """For this reader alone."""
        if not self.available:
            return ReaderStatus(ReaderState.TROUBLE, self.identity, FailureCode.READER_MISSING)
        if self.reading:
            return ReaderStatus(ReaderState.READING, self.identity, None)
        if self.failure is not None:
            return ReaderStatus(ReaderState.TROUBLE, self.identity, self.failure)
        return ReaderStatus(ReaderState.CARD_READ if self.card_read else ReaderState.READY, self.identity, None)
