"""Walks one session in a process of its own, says each committed step, and then waits to be killed."""

import sys
import threading
from pathlib import Path

from tests import doubles
from tests.clock import HandClock
from tests.hallclient.services.sessions import do_step, open_session
from tests.halls import open_hall


def main() -> None:
    folder, last = Path(sys.argv[1]), sys.argv[2]
    clock = HandClock()
    session = open_session(open_hall(folder, clock), doubles.equipment(clock))
    say(session.session_id)
    for step in (*session.plan.steps, None):
        do_step(session, "seal" if step is None else step.kind, clock)
        done = "seal" if step is None else step.id
        say(done)
        if done == last:
            threading.Event().wait()


def say(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


main()
