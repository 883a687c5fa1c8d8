"""Four readers on one pcscd, each pulled and put back many times, with cards of every kind of luck.

`python -m tests.soak.four_readers [ROUNDS]`. A round takes a second: pcscd finds a reader that came back after 0.4 s at
the earliest.
"""

import random
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from queue import SimpleQueue
from typing import Generic, TypeVar

from smartcard import scard

from drivers.idcard.hub import ReaderHub
from drivers.idcard.profiles import load_profiles
from drivers.practice.idcard.daemon import PcscDaemon, daemon_folder
from drivers.practice.idcard.handler_build import built_handler
from drivers.practice.idcard.people import PRACTICE_PERSON
from drivers.practice.idcard.practice_card import PracticeCard
from drivers.practice.idcard.reader_process import ReaderProcess
from drivers.practice.idcard.virtual_reader import READER_NAME
from drivers.practice.idcard.virtual_sam import Trouble
from hallclient.devices import ReaderState, ReaderStatus
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.system import SystemClock
from tests.pcsc_daemon import BUILD_CACHE, PROFILES

READERS = {letter: f"{READER_NAME} {letter} {index:02d} 00" for index, letter in enumerate("ABCD")}
ROUNDS = 200
PATIENCE_S = 30.0  # until the machine has got round to it; reached only when something is wrong
BRIEFLY_S = 0.05
MISSING = (ReaderState.TROUBLE, FailureCode.READER_MISSING)
READY = (ReaderState.READY, None)
OUTCOMES = {
    Trouble.CHECKSUM_WRONG: FailureCode.READER_FAILED,
    Trouble.READ_REFUSED: FailureCode.CARD_UNREADABLE,
    Trouble.SAM_MISSING: FailureCode.READER_WITHOUT_SAM,
    Trouble.REMOVED_MID_READ: FailureCode.CARD_REMOVED,
}

Drawn = TypeVar("Drawn")


class Deck(Generic[Drawn]):
    """Draws at random, and everything once before anything again: a few rounds have met it all."""

    def __init__(self, chance: random.Random, cards: list[Drawn]) -> None:
        self._chance = chance
        self._cards = cards
        self._left: list[Drawn] = []

    def draw(self) -> Drawn:
        if not self._left:
            self._left = self._chance.sample(self._cards, len(self._cards))
        return self._left.pop()


class Board:
    """What each reader's status was, in order."""

    def __init__(self) -> None:
        self.seen: set[tuple[ReaderState, FailureCode | None]] = set()
        self._queues: dict[str, SimpleQueue[ReaderStatus]] = defaultdict(SimpleQueue)

    def __call__(self, status: ReaderStatus) -> None:
        assert status.reader is not None
        self.seen.add((status.state, status.failure))
        self._queues[status.reader.name].put(status)

    def wait_for(self, reader: str, wanted: tuple[ReaderState, FailureCode | None]) -> None:
        while True:
            status = self._queues[reader].get(timeout=PATIENCE_S)
            if (status.state, status.failure) == wanted:
                return

    def forget(self, reader: str) -> None:
        while not self._queues[reader].empty():
            self._queues[reader].get()


class Counter:
    """The four readers, the hub on top of them, and whoever handles the cards."""

    def __init__(self, hub: ReaderHub, processes: dict[str, ReaderProcess], seed: int) -> None:
        self.hub = hub
        self.processes = processes
        self.chance = random.Random(seed)
        troubles = [partial(self.trouble, trouble) for trouble in OUTCOMES]
        self.acts: Deck[Callable[[str], None]] = Deck(
            self.chance, [self.nothing, *[self.good] * 3, self.busy, *troubles]
        )
        self.pulled_mid_read = Deck(self.chance, [True, *[False] * 9])
        self.left_lying = Deck(self.chance, [True, False, False])
        self.board = Board()
        self.plugged = set(READERS)
        self.lying: set[str] = set()  # read, and forgotten on the reader
        self.read: list[bytes] = []
        self.printed = 0
        self.pool = ThreadPoolExecutor(1)

    def new_card(self) -> PracticeCard:
        self.printed += 1
        return PracticeCard.resident(person=replace(PRACTICE_PERSON, name=f"演练{self.printed}"))

    def order(self) -> list[str]:
        return self.chance.sample(list(READERS), len(READERS))

    def round(self) -> None:
        """Every reader is pulled and put back. pcscd finds each only 0.4 s later, so they come back side by side."""
        for letter in self.order():
            self.pull(letter)
        for letter in self.order():
            self.board.forget(READERS[letter])
            self.processes[letter].plug()
            self.plugged.add(letter)
        for letter in self.order():
            self.use(letter)

    def pull(self, letter: str) -> None:
        self.board.forget(READERS[letter])
        if letter not in self.lying and self.pulled_mid_read.draw():
            self.pull_mid_read(letter)
        else:
            self.processes[letter].unplug()
        self.board.wait_for(READERS[letter], MISSING)
        self.plugged.remove(letter)

    def pull_mid_read(self, letter: str) -> None:
        name, process = READERS[letter], self.processes[letter]
        process.insert(self.new_card(), Trouble.SILENT)
        reading = self.pool.submit(self.hub.read, PATIENCE_S, name)
        self.board.wait_for(name, (ReaderState.READING, None))
        process.unplug()
        error = reading.exception(PATIENCE_S)
        assert isinstance(error, KnownError)
        assert error.code is FailureCode.READER_MISSING
        process.remove()

    def use(self, letter: str) -> None:
        name, process = READERS[letter], self.processes[letter]
        self.board.wait_for(name, READY)
        if letter in self.lying:
            assert self.refusal(name) is FailureCode.CARD_NEEDS_LIFTING
            self.lying.remove(letter)
            process.remove()
            self.board.wait_for(name, READY)
        self.acts.draw()(letter)

    def nothing(self, letter: str) -> None:
        """Nobody puts a card down."""

    def good(self, letter: str) -> None:
        name, process = READERS[letter], self.processes[letter]
        anywhere = None if not self.lying & self.plugged else name
        reading = self.pool.submit(self.hub.read, PATIENCE_S, anywhere)
        card = self.new_card()
        process.insert(card)
        result = reading.result(PATIENCE_S)
        assert (result.reader.name, result.record.raw) == (name, card.text)
        self.read.append(result.record.raw)
        self.board.wait_for(name, (ReaderState.CARD_READ, None))
        if self.left_lying.draw():
            self.lying.add(letter)
        else:
            process.remove()
            self.board.wait_for(name, READY)

    def trouble(self, trouble: Trouble, letter: str) -> None:
        name, process = READERS[letter], self.processes[letter]
        process.insert(self.new_card(), trouble)
        assert self.refusal(name) is OUTCOMES[trouble], trouble
        process.remove()
        self.board.wait_for(name, READY)

    def busy(self, letter: str) -> None:
        name, process = READERS[letter], self.processes[letter]
        on_it = self.new_card()
        process.insert(on_it)
        _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        scard.SCardGetStatusChange(context, round(PATIENCE_S * 1000), [(name, scard.SCARD_STATE_EMPTY)])
        result, card, _ = scard.SCardConnect(context, name, scard.SCARD_SHARE_EXCLUSIVE, scard.SCARD_PROTOCOL_ANY)
        assert result == scard.SCARD_S_SUCCESS
        assert self.refusal(name, BRIEFLY_S) is FailureCode.READER_BUSY
        scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)
        scard.SCardReleaseContext(context)
        assert self.hub.read(PATIENCE_S, name).record.raw == on_it.text
        self.read.append(on_it.text)
        process.remove()
        self.board.wait_for(name, READY)

    def refusal(self, name: str, timeout_s: float = PATIENCE_S) -> FailureCode:
        try:
            self.hub.read(timeout_s, name)
        except KnownError as error:
            return error.code
        raise AssertionError("a card was read that should not be")


@contextmanager
def four_readers() -> Iterator[dict[str, ReaderProcess]]:
    """A pcscd with four readers, plugged in; no other pcscd may run in this process meanwhile."""
    sockets = {letter: daemon_folder() / f"{letter}.sock" for letter in READERS}
    processes = {letter: ReaderProcess(path) for letter, path in sockets.items()}
    handler = built_handler(BUILD_CACHE)
    daemon = PcscDaemon(handler, {f"{READER_NAME} {letter}": path for letter, path in sockets.items()})
    try:
        daemon_folder().mkdir(mode=0o700, exist_ok=True)
        for process in processes.values():
            process.start()
        daemon.start()
        yield processes
    finally:
        daemon.stop()
        for process in processes.values():
            process.stop()


def pull_and_put_back(rounds: int, seed: int = 490) -> int:
    """`rounds` rounds on four readers of their own; returns how many cards were read. Raises AssertionError."""
    with four_readers() as processes, closing(ReaderHub(load_profiles(PROFILES), SystemClock(), practice=True)) as hub:
        counter = Counter(hub, processes, seed)
        hub.watch_each(counter.board)
        for name in READERS.values():
            counter.board.wait_for(name, READY)
        assert {status.reader.name for status in hub.readers() if status.reader} == set(READERS.values())
        with counter.pool:
            for _ in range(rounds):
                counter.round()
    assert counter.plugged == set(READERS)
    assert len(counter.read) > rounds
    assert len(set(counter.read)) == len(counter.read)
    troubles = {*OUTCOMES.values(), FailureCode.READER_MISSING, FailureCode.READER_BUSY, FailureCode.CARD_NEEDS_LIFTING}
    # The card is away: the reader is ready again. Where the service is late, the module has told it for a moment.
    troubles.remove(FailureCode.CARD_REMOVED)
    states = {(state, None) for state in ReaderState if state is not ReaderState.TROUBLE}
    seen = counter.board.seen - {(ReaderState.TROUBLE, FailureCode.CARD_REMOVED)}
    assert seen == states | {(ReaderState.TROUBLE, code) for code in troubles}
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("card-reader")]
    return len(counter.read)


def main(arguments: list[str]) -> int:
    """Print one line; 0 when everything held, else 1 with what did not."""
    rounds, began_s = int(arguments[0]) if arguments else ROUNDS, time.monotonic()
    try:
        held, told = True, f"{pull_and_put_back(rounds)} cards read"
    except Exception as error:  # noqa: BLE001  # whatever did not hold is what this is for
        held, told = False, f"FAILED: {type(error).__name__}: {error}"
    print(f"four readers, {rounds} rounds, {time.monotonic() - began_s:.0f} s: {told}")  # noqa: T201  # a command
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
