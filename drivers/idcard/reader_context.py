"""One reader as it is seen, and what became of the card on it. No I/O, no threads."""

import math
from collections.abc import Sequence

from drivers.idcard.presence import Presence
from drivers.idcard.profiles import ReaderProfile, Transport
from hallclient.devices import ReaderState, ReaderStatus
from hallclient.domain.card import ReaderIdentity
from hallclient.domain.failures import FailureCode

# The service looks at a card every 0.4 s (pcsc-lite): only after this is it certain that a card has not moved.
PRESENCE_LAG_S = 0.5


class ReaderContext:
    """What is known of one reader. Whoever changes it holds the hub's lock.

    Attributes:
        name: as the operating system calls it.
        profile: how it is spoken to.
        presence: as last seen.
        busy: its thread is at work.
        reading: it is talking to a card just now.
        card_read: the card was read and has not left.
        arrival_missed: the card lay there at the first look, or when the reader came back, so it may have been read
            before, by whomever.
        came_at_s: monotonic time at which the card that lies there was seen to come; -inf where that was missed.
        empty_at_s: monotonic time at which the reader was last asked for a card and had none.
        failure: why the card could not be read.
        number: of an internal_error, in the log.
        rests_until_s: monotonic time before which it need not be tried again, because nothing has changed.
        changed: the number of the last change that a person would see; the newest is the most interesting.
    """

    def __init__(self, name: str, profiles: Sequence[ReaderProfile]) -> None:
        """`profiles` are the ones that may fit, in the order in which they are tried; at least one."""
        self.name = name
        self.profile = profiles[0]
        self.presence = Presence()
        self.busy = False
        self.reading = False
        self.card_read = False
        self.arrival_missed = False
        self.came_at_s = -math.inf
        self.empty_at_s = -math.inf
        self.failure: FailureCode | None = None
        self.number: str | None = None
        self.rests_until_s = 0.0
        self.changed = 0
        self._profiles = tuple(profiles)
        self._untried = tuple(profiles)
        self._read_at_s = -math.inf

    def see(self, presence: Presence, now_s: float) -> None:
        """Take note of a new look at it."""
        if self.failure is FailureCode.READER_BUSY and not presence.in_use_alone:
            # pcsc-lite announces neither that another program begins nor that it ends: forget it until the next try.
            self.failure = self.failure if now_s < self.rests_until_s else None
        if presence == self.presence:
            return
        first_look = not self.available
        moved = presence.moves != self.presence.moves
        self.presence = presence
        self.rests_until_s = 0.0
        # The service is late: a card that was swapped and read at once is announced only after it was read.
        outdated = self.has_card and self.card_read and now_s - self._read_at_s < PRESENCE_LAG_S
        if not self.has_card or first_look or (moved and not outdated):
            self.card_read = False
            self.failure = None
            self.arrival_missed = first_look and self.has_card
            self.came_at_s = now_s if self.has_card and not first_look else -math.inf
            self._choose_profile()

    def was_read(self, now_s: float) -> None:
        """Its card was read well: its profile is the right one."""
        self.failure = None
        self.card_read = True
        self._read_at_s = now_s

    def was_read_within(self, seconds: float, now_s: float) -> bool:
        """Whether its last good read is less than `seconds` ago."""
        return now_s - self._read_at_s < seconds

    def try_next_profile(self) -> bool:
        """Its profile is not the right one: take the next that fits. False when there is none; then begin anew."""
        self._untried = tuple(profile for profile in self._untried if profile is not self.profile)
        none_left = not self._untried
        if none_left:
            self._choose_profile()
        self.profile = self._untried[0]
        return not none_left

    def _choose_profile(self) -> None:
        """Those that know the card that lies there; the one that served last comes first, if it does."""
        fitting = [profile for profile in self._profiles if not self.has_card or profile.knows_card(self.presence.atr)]
        self._untried = tuple(fitting) or self._profiles
        if self.profile not in self._untried:
            self.profile = self._untried[0]

    @property
    def identity(self) -> ReaderIdentity:
        """Which reader it is; the profile may change until one has answered."""
        return ReaderIdentity(self.name, self.profile.name, self.profile.transport, self.profile.practice)

    @property
    def tells_presence(self) -> bool:
        """Whether somebody tells when a card comes; otherwise the reader has to be asked again and again."""
        return self.profile.transport is not Transport.SERIAL

    @property
    def is_surely_reader(self) -> bool:
        """Its profile names the very device, so that it is one even while it does not answer."""
        return self.profile.usb_id is not None

    @property
    def rank(self) -> int:
        """Readers of a smaller rank are preferred."""
        return self._profiles[0].order

    @property
    def available(self) -> bool:
        return self.presence.available

    @property
    def has_card(self) -> bool:
        return self.presence.has_card

    @property
    def card_is_new(self) -> bool:
        """A card lies there that was neither read nor refused yet."""
        return self.has_card and not self.card_read and not self.arrival_missed and self.failure is None

    def has_card_since(self, since_s: float) -> bool:
        """Whether a card lies there that somebody told of, and told to come no earlier (monotonic)."""
        return self.tells_presence and self.has_card and self.came_at_s >= since_s

    def refuse_card_before(self, since_s: float) -> None:
        """A card that lay there before has to be lifted."""
        if self.tells_presence and self.has_card and self.came_at_s < since_s and not self.reading:
            self.failure = FailureCode.CARD_NEEDS_LIFTING

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
            number = self.number if self.failure is FailureCode.INTERNAL_ERROR else None
            return ReaderStatus(ReaderState.TROUBLE, self.identity, self.failure, number=number)
        return ReaderStatus(ReaderState.CARD_READ if self.card_read else ReaderState.READY, self.identity, None)
