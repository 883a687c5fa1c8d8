"""An ordinary day of a hall's computer: every core is kept busy by somebody else."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# Whoever is killed closes their end of the pipe: a core is not kept busy for nobody.
_COUNT = """
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
while True: pass
"""


@contextmanager
def busy_cores() -> Iterator[None]:
    """A process for each core that does nothing but count, and ends with this one."""
    command = (sys.executable, "-c", _COUNT)
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE) for _ in range(os.cpu_count() or 2)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.communicate()
