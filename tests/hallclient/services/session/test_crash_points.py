"""A counter dies at each point from the opening of a session to its receipt, and goes on from what lies on the disk.

In this process and before a real centre, so that it is quick; `tests/chaos` kills real processes. `make test` dies at
each `EVERY`-th point, `make chaos` at each.
"""

import datetime as dt
import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path

import pytest

from hallclient.central.centre import Centre
from hallclient.domain.evidence.receipt import Outcome
from hallclient.domain.inspection.package import inspect
from hallclient.domain.session import SessionState
from hallclient.rule_texts import ShippedRules
from hallclient.services.access import EVIDENCE, OpenHall, login
from hallclient.services.dispatch import Dispatch
from hallclient.services.session.engine import Session
from hallclient.services.set_up import create_hall
from hallclient.storage import deliveries, sessions
from hallclient.storage.audit import first_broken_link
from hallclient.system import SystemClock, SystemEntropy
from tests import doubles
from tests.clock import HandClock
from tests.counters import certified_at
from tests.hallclient.central.running import running
from tests.hallclient.services.session.mortality import Mortality
from tests.hallclient.services.sessions import SERVICE_NUMBER, open_session, resume_session, walk
from tests.halls import CLERK, DEVICE, PASSWORD, PLACE, STAFF, code_now

EVERY = int(os.environ.get("HALLCLIENT_CHAOS_EVERY", "3"))
# Fewer would mean that the test has lost its grip on the storage or on the courier.
FEWEST_POINTS = {
    "before a file has its name": 11,
    "after a file has its name": 11,
    "before a file is begun": 1,
    "before a folder is made": 1,
    "before a commit": 15,
    "after a commit": 15,
    "before old pages are forgotten": 1,
    "before a request": 4,
    "after an answer": 4,
}
PLAIN = tuple(
    word.encode()
    for word in (
        doubles.CUSTOMER,
        doubles.NUMBER,
        SERVICE_NUMBER,
        "a portrait",
        "a video of",
        "%PDF-1.",
        "\x10JFIF\0\1",
    )
)


class Hall:
    """A centre that answers, and a new counter for each death."""

    def __init__(self, folder: Path, centre: Centre, url: str) -> None:
        self._folder, self._centre, self._url = folder, centre, url
        self._counters = count(1)

    def new_counter(self, clock: HandClock) -> Path:
        """Its folder. One that nobody has used, with a device of its own: the centre has seen nothing of it."""
        folder = self._folder / str(next(self._counters))
        create_hall(
            folder,
            PLACE,
            DEVICE,
            True,
            STAFF[:1],
            clock,
            SystemEntropy(),
            certified_at(self._centre, clock, url=self._url),
        )
        return folder

    def accepted(self) -> list[str]:
        """The ids of the sessions for which the centre has signed."""
        with closing(sqlite3.connect(self._folder / "central" / "centre.db")) as database:
            return [row[0] for row in database.execute("SELECT id FROM sessions WHERE receipt IS NOT NULL")]

    def registered(self) -> int:
        """How many sessions the centre has heard of."""
        with closing(sqlite3.connect(self._folder / "central" / "centre.db")) as database:
            return int(database.execute("SELECT count(*) FROM sessions").fetchone()[0])


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    centre = Centre.create(tmp_path / "central", "test", True, SystemClock(), SystemEntropy())
    with running(centre) as url:
        yield Hall(tmp_path, centre, url)


@pytest.mark.timeout(900)
def test_whenever_a_counter_dies_one_package_is_accepted_in_the_end(
    hall: Hall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mortality = Mortality(monkeypatch)
    for died, point in enumerate(count(1, EVERY)):
        clock = HandClock(dt.datetime.now(dt.UTC))  # TLS looks at the machine's clock
        folder, left = hall.new_counter(clock), tmp_path / f"left {point}"
        accepted_before = set(hall.accepted())
        with ExitStack() as life:
            counter = life.enter_context(closing(open_counter(folder, clock)))
            with mortality.armed(point):
                session = open_session(counter, doubles.equipment(clock))
                life.callback(session.close)
                do_and_deliver(counter, session, clock, life)
            shutil.copytree(folder, left)  # with the log of the database, which nobody may have closed
        passed = Counter(mortality.passed)
        where = f"point {point}, {mortality.passed[-1]}"
        assert plain_files(left) == [], where
        session_id = go_on(left, clock)
        assert set(hall.accepted()) - accepted_before == {session_id}, where
        assert hall.registered() == died + 1, where
        assert wrong_with(left, clock, session_id) == [], where
        shutil.rmtree(folder)
        shutil.rmtree(left)
        if not mortality.dead:
            break
    assert {what: passed[what] for what in FEWEST_POINTS if passed[what] < FEWEST_POINTS[what]} == {}


def open_counter(folder: Path, clock: HandClock) -> OpenHall:
    return login(folder, CLERK, PASSWORD, code_now(clock), clock, SystemEntropy())


def do_and_deliver(counter: OpenHall, session: Session | None, clock: HandClock, life: ExitStack) -> None:
    if session is not None:
        walk(session, clock)
    dispatch = Dispatch(counter)
    life.callback(dispatch.close)
    dispatch.send_all()


def go_on(folder: Path, clock: HandClock) -> str:
    """Finish and deliver what was begun, or begin; returns the session's id."""
    with ExitStack() as life:
        counter = life.enter_context(closing(open_counter(folder, clock)))
        with counter.database.reading() as tables:
            known = [str(row["id"]) for row in tables.query("SELECT id FROM session")]
            unfinished = sessions.unfinished(tables, CLERK)
        if unfinished:
            session = resume_session(counter, doubles.equipment(clock), *unfinished)
        elif not known:
            session = open_session(counter, doubles.equipment(clock))
        else:
            session = None
        if session is not None:
            life.callback(session.close)
            known = [session.session_id]
        do_and_deliver(counter, session, clock, life)
    (only,) = known
    return only


def wrong_with(folder: Path, clock: HandClock, session_id: str) -> list[str]:
    """What does not hold in the end, empty when all does."""
    wrong = plain_files(folder)
    with closing(open_counter(folder, clock)) as counter:
        with counter.database.reading() as tables:
            if sessions.load(tables, session_id).state is not SessionState.SEALED:
                wrong.append("the session is not sealed")
            if sessions.wrapped_data_key(tables, session_id) is not None:
                wrong.append("the data key was kept")
            if deliveries.outcome(tables, session_id) is not Outcome.PASSED:
                wrong.append("the receipt's outcome was not kept")
            if first_broken_link(tables) is not None:
                wrong.append("the audit log")
        package = counter.vault.package(session_id)
        inspection = inspect(package, counter.roots, ShippedRules())
        if not inspection.holds or inspection.receipt is None:
            wrong.append(f"the package: {[(check.file, check.question.value) for check in inspection.failed]}")
        # Of an opening that was never committed there may be an empty folder; of everything else there is nothing.
        others = [path for path in (folder / EVIDENCE).glob("*/*") if path.parent != package.folder]
        if inspection.foreign or others or list(folder.rglob("*.part")):
            wrong.append("something was left behind")
    return wrong


def plain_files(folder: Path) -> list[str]:
    """The files in which something of the customer can be read."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if any(word in path.read_bytes() for word in PLAIN)]
