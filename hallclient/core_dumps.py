"""What a process leaves behind when it crashes: nothing of its memory, which holds names, numbers, faces and keys.

Every program and every child process of ours calls `forbid_core_dumps` before anything else. Standard library only.
"""

import ctypes
import sys
from contextlib import suppress
from pathlib import Path

# core(5): too little for a file, so none is made; and the one value at which Linux does not even start a crash handler
# (systemd-coredump, apport), which it starts at 0, and which keeps arguments and environment beside the memory.
_CORE_LIMIT_BYTES = 1
_PR_SET_DUMPABLE = 4  # prctl(2)
_NO_MEMORY = "0"  # core(5), coredump_filter: none of the kinds of memory

# errhandlingapi.h, werapi.h
_SEM_FAILCRITICALERRORS, _SEM_NOGPFAULTERRORBOX = 0x1, 0x2
_WER_FAULT_REPORTING_FLAG_NOHEAP = 0x1


def forbid_core_dumps() -> None:
    """Let no crash of this process, or of one that it starts, write its memory anywhere.

    Both limits are inherited by whatever is started from here (pcscd, espeak-ng, lp), also across exec. The second one
    is for handlers that ask for no limit: what they are given holds no memory.

    On Windows (untried) the crash goes to no handler, and where one is called all the same, it saves no heap.
    """
    if sys.platform == "win32":
        kernel32 = ctypes.WinDLL("kernel32")
        kernel32.SetErrorMode(kernel32.GetErrorMode() | _SEM_FAILCRITICALERRORS | _SEM_NOGPFAULTERRORBOX)
        kernel32.WerSetFlags(_WER_FAULT_REPORTING_FLAG_NOHEAP)
        return
    # Here and not above: Windows has no such module.
    import resource  # noqa: PLC0415

    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    limit = min(_CORE_LIMIT_BYTES, most) if most != resource.RLIM_INFINITY else _CORE_LIMIT_BYTES  # 0 stays 0
    resource.setrlimit(resource.RLIMIT_CORE, (limit, limit))
    with suppress(OSError):  # no such file: a kernel that writes no core dumps
        Path("/proc/self/coredump_filter").write_text(_NO_MEMORY, "ascii")


def forbid_attaching() -> None:
    """Let no other program of the same user read this process' memory, as a debugger does. Linux only; harmless else.

    Not for a process with windows, cameras or microphones: PR_SET_DUMPABLE gives /proc/PID to root, where services of
    the desktop (PipeWire, portals) look up who talks to them. Each exec undoes it: every program calls it by itself.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # a libc without it
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
