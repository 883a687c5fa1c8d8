"""All threads of a process share one heap, once it was told so."""

import subprocess
import sys

import pytest

# Threads that live at the same time and each allocate; then glibc lists its heaps.
PROGRAM = """
import ctypes, threading
from hallclient.system import share_one_heap
{told}
here = threading.Barrier(8)
def allocate():
    held = [bytes(4000) for _ in range(100)]
    here.wait()
threads = [threading.Thread(target=allocate) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
libc = ctypes.CDLL(None)
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
"""


def heaps(told: str) -> int:
    program = PROGRAM.format(told=told)
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, check=True, timeout=60)
    return done.stdout.count("<heap ")


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's heaps")
def test_threads_share_one_heap_once_told() -> None:
    assert heaps("") > 1
    assert heaps("share_one_heap()") == 1


# Much that is freed lies before a little that is not.
FREES = """
from pathlib import Path
from hallclient.system import return_freed_memory, share_one_heap
share_one_heap()
def resident_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20
much = [bytes(4000) for _ in range(20_000)]
little = bytes(4000)
much = None
before = resident_mb()
return_freed_memory()
print(before - resident_mb())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's heaps")
def test_what_was_freed_is_given_back() -> None:
    done = subprocess.run([sys.executable, "-c", FREES], stdout=subprocess.PIPE, text=True, check=True, timeout=60)
    assert float(done.stdout) > 50
