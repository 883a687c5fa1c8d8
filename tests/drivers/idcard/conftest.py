"""A virtual reader on a real pcscd, and our reader on top of it."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from queue import SimpleQueue

import pytest

from drivers.idcard.hub import ReaderHub
from drivers.idcard.profiles import load_profiles
from drivers.practice.idcard.card_process import Dialect
from drivers.practice.idcard.virtual_reader import VirtualReader
from hallclient.devices import ReaderState, ReaderStatus
from hallclient.domain.failures import FailureCode
from tests.pcsc_daemon import PROFILES, restore, shared_virtual_reader

PATIENCE_S = 60.0


class RealClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class Statuses:
    """What a listener was told, in order."""

    def __init__(self) -> None:
        self.seen: list[ReaderStatus] = []
        self._queue: SimpleQueue[ReaderStatus] = SimpleQueue()

    def __call__(self, status: ReaderStatus) -> None:
        self._queue.put(status)

    def wait_for(self, state: ReaderState, failure: FailureCode | None = None) -> ReaderStatus:
        """The next status of this kind; queue.Empty after `PATIENCE_S` without any news."""
        while True:
            status = self._queue.get(timeout=PATIENCE_S)
            self.seen.append(status)
            if (status.state, status.failure) == (state, failure):
                return status


@pytest.fixture
def virtual_reader() -> Iterator[VirtualReader]:
    reader = shared_virtual_reader()
    restore(reader)
    yield reader
    restore(reader)


@pytest.fixture
def apdu_reader(virtual_reader: VirtualReader) -> Iterator[VirtualReader]:
    """The virtual reader with its other dialect: it refuses escapes. `restore` starts it with the usual one."""
    virtual_reader.daemon.stop()
    virtual_reader.process.stop()
    virtual_reader.process.start(Dialect.PSEUDO_APDU)
    virtual_reader.daemon.start()
    yield virtual_reader
    virtual_reader.daemon.stop()
    virtual_reader.process.stop()


@pytest.fixture
def open_reader(virtual_reader: VirtualReader) -> Iterator[Callable[[], ReaderHub]]:
    """Readers that are closed after the test."""
    readers: list[ReaderHub] = []

    def open_one(*, practice: bool = True) -> ReaderHub:
        reader = ReaderHub(load_profiles(PROFILES), RealClock(), practice=practice)
        readers.append(reader)
        return reader

    yield open_one
    for reader in readers:
        reader.close()


@pytest.fixture
def card_reader(open_reader: Callable[[], ReaderHub]) -> ReaderHub:
    return open_reader()


@pytest.fixture
def statuses(card_reader: ReaderHub) -> Statuses:
    """What `card_reader` tells, from READY on."""
    statuses = Statuses()
    card_reader.watch(statuses)
    statuses.wait_for(ReaderState.READY)
    return statuses
