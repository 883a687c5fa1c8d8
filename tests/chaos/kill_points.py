"""Kills a walking session at each of its file and commit points, and goes on from what lies on the disk.

`python -m tests.chaos.kill_points HALL WORK`: HALL is a hall that nobody has used; WORK takes a copy of it per point.
It prints a line for each point, and ends with 1 at the first that does not hold. Processes are forked here, where no
thread runs yet, so that the libraries are loaded once.
"""

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from hallclient.domain.inspection import inspect
from hallclient.domain.session import State
from hallclient.services.access import OpenHall
from hallclient.services.verification import Verification
from hallclient.storage import sessions
from hallclient.storage.audit import first_broken_link
from hallclient.storage.database import Database
from tests import doubles
from tests.clock import HandClock
from tests.hallclient.services.sessions import open_session, walk
from tests.halls import CLERK, open_hall


def main() -> None:
    hall, work = Path(sys.argv[1]), Path(sys.argv[2])
    for point in count(1):
        folder = work / str(point)
        shutil.copytree(hall, folder)
        killed = killed_at(point, folder)
        wrong = go_on(folder)
        say(f"{point} {'killed' if killed else 'finished'} {wrong or 'holds'}")
        shutil.rmtree(folder)
        if wrong:
            sys.exit(1)
        if not killed:
            break


def killed_at(point: int, folder: Path) -> bool:
    """Walk a session in a process that is killed before its `point`-th change; False when it has fewer."""
    child = os.fork()
    if child == 0:
        try:
            arm(point)
            clock = HandClock()
            walk(open_session(open_hall(folder, clock), doubles.equipment(clock)), clock)
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    if os.WEXITSTATUS(status):
        raise AssertionError(f"the session broke off at {point}")
    return False


def arm(point: int) -> None:
    """From now on this process dies before its `point`-th finished file or commit."""
    passed = count(1)

    def die() -> None:
        if next(passed) == point:
            os.kill(os.getpid(), signal.SIGKILL)

    replace, transaction = Path.replace, Database.transaction

    def deadly_replace(path: Path, target: Any) -> Path:
        die()
        return replace(path, target)

    @contextmanager
    def deadly_transaction(database: Database) -> Iterator[Any]:
        with transaction(database) as tables:
            yield tables
            die()

    Path.replace = deadly_replace  # type: ignore[method-assign]
    Database.transaction = deadly_transaction  # type: ignore[method-assign]


def go_on(folder: Path) -> str:
    """Finish what was begun, or begin; returns what does not hold then, empty when all does."""
    clock = HandClock()
    hall = open_hall(folder, clock)
    with hall.database.reading() as tables:
        unfinished = sessions.unfinished(tables, CLERK)
        known = [row["id"] for row in tables.query("SELECT id FROM session")]
    for session_id in unfinished:
        resumed = Verification.resume(hall, doubles.equipment(clock), session_id)
        walk(resumed, clock)
        resumed.close()
    if not known:
        begun = open_session(hall, doubles.equipment(clock))
        walk(begun, clock)
        begun.close()
        known = [begun.session_id]
    wrong = [what for session_id in known for what in wrong_with(hall, session_id)]
    with hall.database.reading() as tables:
        if first_broken_link(tables) is not None:
            wrong.append("the audit log")
    hall.close()
    return ", ".join(wrong)


def wrong_with(hall: OpenHall, session_id: str) -> Iterator[str]:
    with hall.database.reading() as tables:
        if sessions.load(tables, session_id).state is not State.SEALED:
            yield "not sealed"
    package = hall.vault.package(session_id)
    inspection = inspect(package, hall.roots, hall.data_key(session_id))
    if not inspection.holds:
        yield f"does not hold: {[(check.file, check.question.value) for check in inspection.failed]}"
    if inspection.foreign or list(package.folder.glob("*.part")):
        yield "something was left behind"


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
