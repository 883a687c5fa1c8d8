"""Kills a walking session at each of its file and commit points, and goes on from what lies on the disk.

`python -m tests.chaos.kill_points EVERY HALL WORK`: of each of `WALKS` the points 1, 1 + EVERY ... are those; HALL is a
hall that nobody has used; WORK takes a copy of it per point. It prints a line for each point, and ends with 1 when one
does not hold; that is the last of its walk.
Processes are forked here, where no thread runs yet, so that the libraries are loaded once.

A point is before a file has its name, before and after a commit, and before a file is deleted.
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from hallclient.domain.inspection.package import inspect
from hallclient.domain.session import AbandonReason, SessionState
from hallclient.rule_texts import ShippedRules
from hallclient.services.access import OpenHall
from hallclient.services.equipment import Equipment
from hallclient.services.notice_document import warm_up
from hallclient.services.session.engine import Session
from hallclient.storage import sessions
from hallclient.storage.audit import first_broken_link
from hallclient.storage.database import Database
from tests import doubles
from tests.clock import HandClock
from tests.hallclient.services.sessions import do_step, open_session, resume_session, walk
from tests.halls import open_hall


class Walk(NamedTuple):
    """A session that is killed at each of its points.

    Attributes:
        safe_until: nobody is killed before the step of this kind; None for from before it is opened.
        finish: from there to its end, or from wherever it was killed.
        ended: how it ends.
    """

    safe_until: str | None
    finish: Callable[[Session, HandClock], None]
    ended: SessionState


def abandon(session: Session, clock: HandClock) -> None:
    """At the seal, when every file is there that can be."""
    walk(session, clock, until="seal")
    session.abandon(AbandonReason.CUSTOMER_WITHDREW)


def refuse(session: Session, clock: HandClock) -> None:
    walk(session, clock, until="precheck")
    if not session.forbidden:  # where the pre-check found the card unusable the session stays
        do_step(session, "precheck", clock)
    session.refuse()


WALKS = {
    "seal": Walk(None, walk, SessionState.SEALED),
    "abandon": Walk("seal", abandon, SessionState.ABANDONED),
    "refuse": Walk("precheck", refuse, SessionState.REFUSED),
}


def counter(walk_name: str, clock: HandClock) -> Equipment:
    if walk_name != "refuse":
        return doubles.equipment(clock)
    expired = doubles.card_reading(valid_to=clock.now().date().replace(year=2021))
    return doubles.equipment(clock, card_reader=doubles.Reader(expired))


def main() -> None:
    every, hall, work = int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
    warm_up()
    hold = [holds(name, every, hall, work / name) for name in WALKS]
    sys.exit(0 if all(hold) else 1)


def holds(name: str, every: int, hall: Path, work: Path) -> bool:
    """Whether all does, at each of the walk's points."""
    for point in count(1, every):
        folder = work / str(point)
        shutil.copytree(hall, folder)
        killed = killed_at(name, point, folder)
        wrong = go_on(name, folder)
        say(f"{name} {point} {'killed' if killed else 'finished'} {wrong or 'holds'}")
        shutil.rmtree(folder)
        if wrong or not killed:
            return not wrong
    return False


def killed_at(name: str, point: int, folder: Path) -> bool:
    """Walk a session in a process that is killed before its `point`-th change; False when it has fewer."""
    child = os.fork()
    if child == 0:
        try:
            clock, doomed = HandClock(), WALKS[name]
            if doomed.safe_until is None:
                arm(point)
            session = open_session(open_hall(folder, clock), counter(name, clock))
            if doomed.safe_until is not None:
                walk(session, clock, until=doomed.safe_until)
                arm(point)
            doomed.finish(session, clock)
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
    """From now on this process dies before its `point`-th finished file, commit or deletion, or after a commit."""
    passed = count(1)

    def die() -> None:
        if next(passed) == point:
            os.kill(os.getpid(), signal.SIGKILL)

    replace, unlink, transaction = Path.replace, Path.unlink, Database.transaction

    def deadly_replace(path: Path, target: Any) -> Path:
        die()
        return replace(path, target)

    def deadly_unlink(path: Path, missing_ok: bool = False) -> None:
        if path.exists():
            die()
        unlink(path, missing_ok=missing_ok)

    @contextmanager
    def deadly_transaction(database: Database, busy_timeout_s: float | None = None) -> Iterator[Any]:
        with transaction(database, busy_timeout_s) as tables:
            yield tables
            die()
        die()

    Path.replace = deadly_replace  # type: ignore[method-assign, assignment]
    Path.unlink = deadly_unlink  # type: ignore[method-assign, assignment]
    Database.transaction = deadly_transaction  # type: ignore[method-assign, assignment]


def go_on(name: str, folder: Path) -> str:
    """Finish what was begun, or begin; returns what does not hold then, empty when all does."""
    _, finish, ended = WALKS[name]
    clock = HandClock()
    hall = open_hall(folder, clock)
    with hall.database.reading() as tables:
        unfinished = sessions.unfinished(tables)
        known = [row["id"] for row in tables.query("SELECT id FROM session")]
    for session_id in unfinished:
        resumed = resume_session(hall, counter(name, clock), session_id)
        finish(resumed, clock)
        resumed.close()
    if not known:
        begun = open_session(hall, counter(name, clock))
        finish(begun, clock)
        begun.close()
        known = [begun.session_id]
    wrong = [what for session_id in known for what in wrong_with(hall, session_id, ended)]
    with hall.database.reading() as tables:
        if first_broken_link(tables) is not None:
            wrong.append("the audit log")
    hall.close()
    return ", ".join(wrong)


def wrong_with(hall: OpenHall, session_id: str, ended: SessionState) -> Iterator[str]:
    with hall.database.reading() as tables:
        if sessions.load(tables, session_id).state is not ended:
            yield f"not {ended}"
        key = sessions.wrapped_data_key(tables, session_id)
    package = hall.vault.package(session_id)
    if ended is not SessionState.SEALED:
        if key is not None or package.folder.exists():
            yield "something was kept of a customer"
        return
    inspection = inspect(package, hall.roots, ShippedRules(), hall.data_key(session_id))
    if not inspection.holds:
        yield f"does not hold: {[(check.file, check.question.value) for check in inspection.failed]}"
    if inspection.foreign or list(package.folder.glob("*.part")):
        yield "something was left behind"


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
