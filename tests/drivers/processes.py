"""What the tests of our processes look at, and processes that behave as a test wants."""

import subprocess
import sys
import threading
from pathlib import Path

from tests.drivers.waiting import eventually


def is_running(pid: int) -> bool:
    """Not even a zombie is left of a process that is not running."""
    return Path(f"/proc/{pid}").exists()


def our_ends() -> tuple[int, int]:
    """Open files and threads of this process."""
    return len(list(Path("/proc/self/fd").iterdir())), threading.active_count()


def nothing_is_left(before: tuple[int, int]) -> None:
    """Wait until `our_ends` has no more than `before`; of a test before this one something may have ended meanwhile."""
    eventually(lambda: all(now <= then for now, then in zip(our_ends(), before, strict=True)))


def script(code: str) -> tuple[str, ...]:
    """A process that behaves as `code` says, with the frames' functions at hand."""
    header = "import os, sys, time; from drivers.framing import send, receive; out = os.fdopen(1, 'wb', 0)\n"
    return sys.executable, "-c", header + code


def ends_with_its_parent(code: str, *arguments: str) -> None:
    """Run `code` as a program that prints the process id of its child; the child must be gone once it is killed."""
    with subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_running(pid)
        parent.kill()
    eventually(lambda: not is_running(pid) or _is_zombie(pid))


def _is_zombie(pid: int) -> bool:
    """Ended, and not yet fetched by whoever inherited it."""
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text("ascii", errors="replace")
    except OSError:
        return True
