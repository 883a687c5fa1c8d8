"""The machine's own time, randomness and memory, as the product is given them outside of tests."""

import ctypes
import datetime as dt
import secrets
import sys
import time

_M_ARENA_MAX = -8  # glibc's malloc.h


class SystemClock:
    """`hallclient.devices.Clock` of this machine."""

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class SystemEntropy:
    """`hallclient.devices.Entropy` of this machine."""

    def token(self, length: int) -> bytes:
        return secrets.token_bytes(length)


def share_one_heap() -> None:
    """Let all threads of this process allocate from one heap. Call it before there are threads.

    glibc gives new threads heaps of their own, up to eight for each core. Each session has threads that come and go,
    and whichever heap the rendering of a notice happens to meet keeps the tens of megabytes that it needed: the
    application grew by 27 MB with every session (`python -m tests.soak.memory`). Other systems have one heap anyway.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        if hasattr(libc, "mallopt"):  # musl has neither this call nor these heaps
            libc.mallopt(_M_ARENA_MAX, 1)


def return_freed_memory() -> None:
    """Give back to the system what a session needed and freed. For a thread that nobody waits for: it takes a while.

    glibc gives back by itself only what lies at the heap's end, and keeps the rest for as long as one small thing of
    the next session lies behind it.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        if hasattr(libc, "malloc_trim"):
            libc.malloc_trim(0)
