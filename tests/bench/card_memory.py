"""Ten thousand cards in a row: does the memory grow?"""

import gc
from dataclasses import dataclass
from pathlib import Path

from drivers.idcard.hub import ReaderHub
from drivers.idcard.profiles import load_profiles
from drivers.practice.idcard.practice_card import PracticeCard
from hallclient.system import SystemClock
from tests.pcsc_daemon import PROFILES, shared_virtual_reader

_READS = 10_000
_WARM_UP = 500


@dataclass(frozen=True, slots=True)
class MemoryFigure:
    """Resident memory of this process before and after `reads`, in KiB."""

    reads: int
    before_kib: int
    after_kib: int

    def __str__(self) -> str:
        return (
            f"memory after {self.reads} cards: {self.after_kib} KiB; before: {self.before_kib} KiB; "
            f"growth {self.after_kib - self.before_kib} KiB"
        )


def figures(reads: int = _READS) -> list[MemoryFigure]:
    virtual = shared_virtual_reader()
    card = PracticeCard.resident()
    reader = ReaderHub(load_profiles(PROFILES), SystemClock(), practice=True)

    def read(times: int) -> int:
        for _ in range(times):
            virtual.insert(card)
            reader.read(5.0)
            virtual.remove()
        gc.collect()
        return _resident_kib()

    before = read(_WARM_UP)
    after = read(reads)
    reader.close()
    return [MemoryFigure(reads, before, after)]


def _resident_kib() -> int:
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1])
