"""Four readers on one pcscd, each pulled and put back two hundred times, with cards of every kind of luck."""

import random
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from queue import SimpleQueue

import pytest
from smartcard import scard

from drivers.idcard.hub import ReaderHub
from drivers.practice.idcard.daemon import PcscDaemon, daemon_folder
from drivers.practice.idcard.handler_build import built_handler
from drivers.practice.idcard.people import PRACTICE_PERSON
from drivers.practice.idcard.practice_card import PracticeCard
from drivers.practice.idcard.reader_process import ReaderProcess
from drivers.practice.idcard.virtual_reader import READER_NAME, VirtualReader
from drivers.practice.idcard.virtual_sam import Trouble
from hallclient.devices import ReaderState, ReaderStatus
from hallclient.domain.failures import FailureCode, KnownError
from tests.drivers.idcard.conftest import PATIENCE_S
from tests.pcsc_daemon import BUILD_CACHE

READERS = {letter: f"{READER_NAME} {letter} {index:02d} 00" for index, letter in enumerate("ABCD")}
PULLS = 200
BRIEFLY_S = 0.05
MISSING = (ReaderState.TROUBLE, FailureCode.READER_MISSING)
READY = (ReaderState.READY, None)
OUTCOMES = {
    Trouble.CHECKSUM_WRONG: FailureCode.READER_FAILED,
    Trouble.READ_REFUSED: FailureCode.CARD_UNREADABLE,
    Trouble.SAM_MISSING: FailureCode.READER_WITHOUT_SAM,
    Trouble.REMOVED_MID_READ: FailureCode.CARD_REMOVED,
}


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


@pytest.fixture
def processes(virtual_reader: VirtualReader) -> Iterator[dict[str, ReaderProcess]]:
    """Four readers in the place of the one that the tests share; none is plugged in."""
    virtual_reader.daemon.stop()
    sockets = {letter: daemon_folder() / f"{letter}.sock" for letter in READERS}
    processes = {letter: ReaderProcess(path) for letter, path in sockets.items()}
    daemon = PcscDaemon(
        built_handler(BUILD_CACHE), {f"{READER_NAME} {letter}": path for letter, path in sockets.items()}
    )
    try:
        for process in processes.values():
            process.start()
        daemon.start()
        yield processes
    finally:
        daemon.stop()
        for process in processes.values():
            process.stop()


class Counter:
    """The four readers, the hub on top of them, and whoever handles the cards."""

    def __init__(self, hub: ReaderHub, processes: dict[str, ReaderProcess], seed: int) -> None:
        self.hub = hub
        self.processes = processes
        self.chance = random.Random(seed)
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
        if letter not in self.lying and self.chance.random() < 0.1:
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
        act = self.chance.choice([self.nothing, self.good, self.good, self.good, self.trouble, self.trouble, self.busy])
        act(letter)

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
        if self.chance.random() < 0.3:
            self.lying.add(letter)
        else:
            process.remove()
            self.board.wait_for(name, READY)

    def trouble(self, letter: str) -> None:
        name, process = READERS[letter], self.processes[letter]
        trouble, code = self.chance.choice(list(OUTCOMES.items()))
        process.insert(self.new_card(), trouble)
        assert self.refusal(name) is code
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
        with pytest.raises(KnownError) as caught:
            self.hub.read(timeout_s, name)
        return caught.value.code


# pcscd notices a reader that came back after 0.4 s at the earliest, so a round takes a second.
@pytest.mark.timeout(900)
def test_each_of_four_readers_is_pulled_and_put_back_many_times(
    processes: dict[str, ReaderProcess], open_reader: Callable[[], ReaderHub]
) -> None:
    counter = Counter(open_reader(), processes, seed=490)
    counter.hub.watch_each(counter.board)
    for name in READERS.values():
        counter.board.wait_for(name, READY)
    assert {status.reader.name for status in counter.hub.readers() if status.reader} == set(READERS.values())
    with counter.pool:
        for _ in range(PULLS):
            counter.round()
    assert counter.plugged == set(READERS)
    assert len(counter.read) > PULLS
    assert len(set(counter.read)) == len(counter.read)
    troubles = {*OUTCOMES.values(), FailureCode.READER_MISSING, FailureCode.READER_BUSY, FailureCode.CARD_NEEDS_LIFTING}
    troubles.remove(FailureCode.CARD_REMOVED)  # the card is away: the reader is ready again
    states = {(state, None) for state in ReaderState if state is not ReaderState.TROUBLE}
    assert counter.board.seen == states | {(ReaderState.TROUBLE, code) for code in troubles}
    counter.hub.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("card-reader")]
