"""What one process holds: memory, threads, child processes, open files, windows."""

import gc
import os
import threading
from collections.abc import Sized
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

_MIB = 1024


@dataclass(frozen=True, slots=True)
class Held:
    """At one moment. `memory_mb` is resident, after a collection; `names` are those of the threads."""

    memory_mb: float
    threads: int
    children: int
    files: int
    windows: int
    widgets: int
    names: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"{self.memory_mb:6.1f} MB, {self.threads} threads, {self.children} children, {self.files} files, "
            f"{self.windows} windows, {self.widgets} widgets"
        )


class Windows(Protocol):
    """A QApplication; this module knows no Qt, so that it costs nothing where there is none."""

    def topLevelWidgets(self) -> Sized: ...  # noqa: N802  # Qt's own name

    def allWidgets(self) -> Sized: ...  # noqa: N802


def held(application: Windows | None = None) -> Held:
    """What this process holds now, with the windows of `application` where there is one."""
    gc.collect()
    status = dict(
        line.split(":", 1) for line in Path("/proc/self/status").read_text("ascii").splitlines() if ":" in line
    )
    return Held(
        memory_mb=int(status["VmRSS"].split()[0]) / _MIB,
        threads=int(status["Threads"]),
        children=len(_children()),
        files=len(os.listdir("/proc/self/fd")) - 1,  # noqa: PTH208  # one is the listing's own
        windows=len(application.topLevelWidgets()) if application else 0,
        widgets=len(application.allWidgets()) if application else 0,
        names=tuple(sorted(thread.name for thread in threading.enumerate())),
    )


def _children() -> list[str]:
    """Of all threads, without those that have ended and wait to be read."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        try:
            found += (task / "children").read_text("ascii").split()
        except OSError:  # the thread ended meanwhile
            continue
    return found
