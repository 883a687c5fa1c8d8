"""The one virtual reader of a test process.

libpcsclite reads the path of the daemon's socket once per process, so every test package shares this one. Who stops
the daemon, kills the reader's process or inserts a card puts things back with `restore`.
"""

import atexit
from functools import cache
from pathlib import Path

from drivers.practice.idcard.virtual_reader import VirtualReader

ROOT = Path(__file__).parents[1]
BUILD_CACHE = ROOT / ".tools" / "practice"
PROFILES = ROOT / "assets" / "readers"


@cache
def shared_virtual_reader() -> VirtualReader:
    """Started at the first call, closed when the process ends."""
    reader = VirtualReader(BUILD_CACHE)
    atexit.register(reader.close)
    return reader


def restore(reader: VirtualReader) -> None:
    """Both processes run, and no card lies on the reader."""
    if not reader.process.running:
        reader.process.start()
    if not reader.daemon.running:
        reader.daemon.start()
    reader.remove()
