"""What reads ID cards, and how it is."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from hallclient.domain.card import CardReading, ReaderIdentity
from hallclient.domain.failures import FailureCode


class ReaderState(StrEnum):
    """What a reader is doing, as a clerk would say it."""

    TROUBLE = "trouble"
    READY = "ready"
    READING = "reading"
    CARD_READ = "card_read"


@dataclass(frozen=True, slots=True)
class ReaderStatus:
    """A reader's state now. `failure` says why when `state` is TROUBLE; `reader` is None when there is none.

    `detail` and `number` are the failure's: facts for the operator's IT; the number of an internal_error in the log.
    """

    state: ReaderState
    reader: ReaderIdentity | None
    failure: FailureCode | None
    detail: str = ""
    number: str | None = None


class CardReader(Protocol):
    """The hall's ID-card readers as one device: found, lost and found again while running."""

    def watch(self, listener: Callable[[ReaderStatus], None]) -> None:
        """Call `listener` with the state when it is known, then at each change; on any thread, one at a time."""
        ...

    def read(
        self, timeout_s: float, reader: str | None = None, *, put_down_since_s: float | None = None
    ) -> CardReading:
        """Wait up to `timeout_s` for a card and read it once: on the reader of that name, or on whichever it is put.

        With `put_down_since_s`, of the monotonic clock, a card counts only when it was seen to come after that: one
        that lay there before may be somebody else's. It is told to the watchers at once, and raised at the end of the
        time: card_needs_lifting.

        Raises KnownError: reader_service_down, reader_service_hung, reader_missing, card_missing, card_removed,
        card_unreadable, card_needs_lifting, reader_busy, reader_without_sam, reader_too_old, reader_failed,
        card_kind_unsupported.
        """
        ...

    def close(self) -> None:
        """Stop watching and let go of the reader."""
        ...
