"""Walks sessions with doubles for devices, in whichever tree it is run in: `python - ROUNDS < session_walk.py`.

Prints one line for each: the processor's seconds from opening it to its seal. It uses nothing but what both this tree
and the commit before plans have.
"""

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests import doubles
from tests.clock import HandClock
from tests.hallclient.services.sessions import open_session, walk
from tests.halls import make_hall, open_hall

with TemporaryDirectory() as folder:
    clock = HandClock()
    make_hall(Path(folder) / "hall", clock)
    hall = open_hall(Path(folder) / "hall", clock)
    for _ in range(int(sys.argv[1])):
        began = time.process_time()
        session = open_session(hall, doubles.equipment(clock))
        walk(session, clock)
        took = time.process_time() - began
        session.close()
        sys.stdout.write(f"{took}\n")
    hall.close()
