"""The readers of this computer for commands that need no counter: real ones, or the practice reader with its card."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

from platformdirs import user_cache_path

from drivers.idcard.hub import ReaderHub
from drivers.idcard.profiles import shipped_profiles
from drivers.practice.idcard.practice_card import PracticeCard
from drivers.practice.idcard.virtual_reader import VirtualReader
from drivers.practice.pictures import portrait
from hallclient.devices import Clock
from hallclient.services.bug_log import report_bug


def reader_hub(clock: Clock, *, practice: bool) -> ReaderHub:
    """All readers that the shipped profiles know: those for practice, or the others. Whoever asks closes it."""
    return ReaderHub(shipped_profiles(), clock, practice=practice, report_bug=report_bug)


@contextmanager
def opened_readers(clock: Clock, *, practice: bool) -> Iterator[ReaderHub]:
    """The readers of this computer, or the practice reader with a card on it. Raises practice_tool_missing."""
    with ExitStack() as stack:
        if practice:
            virtual = stack.enter_context(VirtualReader(user_cache_path("hallclient", appauthor=False)))
            virtual.insert(PracticeCard.resident(portrait()))
        yield stack.enter_context(closing(reader_hub(clock, practice=practice)))
