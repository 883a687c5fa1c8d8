"""Walks one session in a process of its own, says each committed step, and then waits to be killed."""

import sys
import threading
from pathlib import Path

from hallclient.domain.scene import Step

from tests import doubles
from tests.clock import HandClock
from tests.hallclient.services.sessions import do_step, open_session
from tests.halls import open_hall


def main() -> None:
    folder, last = Path(sys.argv[1]), Step(sys.argv[2])
    clock = HandClock()
    session = open_session(open_hall(folder, clock), doubles.equipment(clock))
    say(session.session_id)
    while (step := session.next_step) is not None:
        do_step(session, step, clock)
        say(step.value)
        if step is last:
            threading.Event().wait()


def say(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


main()
