"""One card, from lying on the reader to its fields, against a bare pyscard loop that sends the same frames."""

import statistics
import time

from smartcard import scard

from drivers.idcard.profiles import load_profiles
from drivers.idcard.reader import PcscCardReader
from drivers.idcard.sam import Command, encode_command
from drivers.idcard.transports.pcsc import ESCAPE_CODE
from drivers.practice.idcard.practice_card import PracticeCard
from hallclient.system import SystemClock
from tests.bench.figure import Figure
from tests.pcsc_daemon import PROFILES, shared_virtual_reader

_ROUNDS = 100


def figures() -> list[Figure]:
    virtual = shared_virtual_reader()
    card = PracticeCard.resident()
    frames = [encode_command(command) for command in _sent()]
    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    bare = []
    for _ in range(_ROUNDS):
        virtual.insert(card)
        began = time.perf_counter()
        _, names = scard.SCardListReaders(context, [])
        # As every program must: wait until the service has seen the card.
        scard.SCardGetStatusChange(context, 5000, [(names[0], scard.SCARD_STATE_EMPTY)])
        result, handle, _ = scard.SCardConnect(
            context, names[0], scard.SCARD_SHARE_EXCLUSIVE, scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        )
        assert result == scard.SCARD_S_SUCCESS, hex(result & 0xFFFFFFFF)
        for frame in frames:
            scard.SCardControl(handle, ESCAPE_CODE, list(frame))
        scard.SCardDisconnect(handle, scard.SCARD_LEAVE_CARD)
        bare.append(time.perf_counter() - began)
        virtual.remove()
    scard.SCardReleaseContext(context)
    reader = PcscCardReader(load_profiles(PROFILES), SystemClock(), practice=True)
    ours = []
    for _ in range(_ROUNDS):
        virtual.insert(card)
        began = time.perf_counter()
        reader.read(5.0)
        ours.append(time.perf_counter() - began)
        virtual.remove()
    reader.close()
    return [
        Figure(
            "read a card", statistics.median(ours), "a bare pyscard loop with the same frames", statistics.median(bare)
        )
    ]


def _sent() -> list[Command]:
    return [Command.SAM_NUMBER, Command.FIND, Command.SELECT, Command.READ, Command.READ_NEW_ADDRESS]
