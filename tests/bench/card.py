"""One card, from lying on the reader to its fields, against a bare pyscard loop that sends the same frames."""

import statistics
import time
from collections.abc import Callable

from smartcard import scard

from drivers.idcard.hub import ReaderHub
from drivers.idcard.profiles import load_profiles
from drivers.idcard.sam import Command, encode_command
from drivers.idcard.transports.pcsc import ESCAPE_CODE
from drivers.practice.idcard.practice_card import PracticeCard
from drivers.practice.idcard.virtual_reader import VirtualReader
from hallclient.system import SystemClock
from tests.bench.figure import Figure
from tests.pcsc_daemon import PROFILES, shared_virtual_reader

# The two take turns in blocks, so that a busy moment of the machine troubles both alike.
_BLOCKS = 15
_CARDS_IN_BLOCK = 20
_SENT = (Command.SAM_NUMBER, Command.FIND, Command.SELECT, Command.READ, Command.READ_NEW_ADDRESS)


def figures() -> list[Figure]:
    virtual = shared_virtual_reader()
    ours: list[float] = []
    bare: list[float] = []
    for _ in range(_BLOCKS):
        bare += _bare_block(virtual)
        ours += _our_block(virtual)
    return [
        Figure(
            "read a card", statistics.median(ours), "a bare pyscard loop with the same frames", statistics.median(bare)
        )
    ]


def _our_block(virtual: VirtualReader) -> list[float]:
    reader = ReaderHub(load_profiles(PROFILES), SystemClock(), practice=True)
    reader.readers(5.0)
    seconds = _timed(virtual, lambda: reader.read(5.0))
    reader.close()
    return seconds


def _bare_block(virtual: VirtualReader) -> list[float]:
    frames = [encode_command(command) for command in _SENT]
    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    _, (name,) = scard.SCardListReaders(context, [])

    def read() -> None:
        # As every program must: wait until the service has seen the card.
        scard.SCardGetStatusChange(context, 5000, [(name, scard.SCARD_STATE_EMPTY)])
        protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        result, handle, _ = scard.SCardConnect(context, name, scard.SCARD_SHARE_EXCLUSIVE, protocols)
        assert result == scard.SCARD_S_SUCCESS, hex(result & 0xFFFFFFFF)
        for frame in frames:
            scard.SCardControl(handle, ESCAPE_CODE, list(frame))
        scard.SCardDisconnect(handle, scard.SCARD_LEAVE_CARD)

    seconds = _timed(virtual, read)
    scard.SCardReleaseContext(context)
    return seconds


def _timed(virtual: VirtualReader, read: Callable[[], object]) -> list[float]:
    card = PracticeCard.resident()
    seconds = []
    for _ in range(_CARDS_IN_BLOCK):
        virtual.insert(card)
        began = time.perf_counter()
        read()
        seconds.append(time.perf_counter() - began)
        virtual.remove()
    return seconds
