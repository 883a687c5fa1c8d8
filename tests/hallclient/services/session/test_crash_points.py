"""A counter dies at each point from the opening of a session to its receipt, and goes on from what lies on the disk.

In this process and before a real centre, so that it is quick: one walk, of which the disks are copied at each point;
`tests/chaos` kills real processes.
"""

import datetime as dt
import shutil
import sqlite3
from collections import Counter
from contextlib import ExitStack, closing
from dataclasses import dataclass
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
from hallclient.storage import deliveries, revocations_file, sessions
from hallclient.storage.audit import first_broken_link
from hallclient.system import SystemClock, SystemEntropy
from tests import doubles
from tests.clock import HandClock
from tests.counters import certified_at
from tests.hallclient.central.running import running
from tests.hallclient.services.session.points import Points
from tests.hallclient.services.sessions import SERVICE_NUMBER, open_session, resume_session, walk
from tests.halls import CLERK, DEVICE, PASSWORD, PLACE, STAFF, code_now

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
        "RIFF",
        "WEBPVP8",
        "%PDF-1.",
        "\x10JFIF\0\1",
    )
)


@dataclass(frozen=True)
class Left:
    """What lay on the disks of the counter and of its centre at one point, and what time it was."""

    point: str
    at: dt.datetime
    counter: Path
    centre: Path


def walked(folder: Path, points: Points) -> list[Left]:
    """The disks at each point of one session that is done and delivered, and at its end."""
    clock = HandClock(dt.datetime.now(dt.UTC))  # TLS looks at the machine's clock
    counter_folder, centre_folder = folder / "counter", folder / "centre"
    centre = Centre.create(centre_folder, "test", True, SystemClock(), SystemEntropy())
    left: list[Left] = []

    def copy(point: str) -> None:
        here = folder / str(len(left))
        # With the logs of the databases, which nobody has closed.
        shutil.copytree(counter_folder, here / "counter")
        shutil.copytree(centre_folder, here / "centre")
        left.append(Left(point, clock.now(), here / "counter", here / "centre"))

    with running(centre) as url, ExitStack() as life:
        create_hall(
            counter_folder,
            PLACE,
            DEVICE,
            True,
            STAFF[:1],
            clock,
            SystemEntropy(),
            certified_at(centre, clock, url=url),
        )
        counter = life.enter_context(closing(open_counter(counter_folder, clock)))
        with points.watched(copy):
            session = open_session(counter, doubles.equipment(clock))
            life.callback(session.close)
            do_and_deliver(counter, session, clock, life, url)
        copy("the end")
    return left


@pytest.mark.timeout(900)
def test_whenever_a_counter_dies_one_package_is_accepted_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = walked(tmp_path, Points(monkeypatch))
    for place, one in enumerate(left):
        where, clock = f"point {place}, {one.point}", HandClock(one.at)
        assert plain_files(one.counter) == [], where
        with running(Centre.open(one.centre, SystemClock(), SystemEntropy())) as url:
            session_id = go_on(one.counter, clock, url)
        assert sessions_at(one.centre) == {session_id: True}, where
        assert wrong_with(one.counter, clock, session_id) == [], where
        shutil.rmtree(one.counter.parent)
    passed = Counter(one.point for one in left)
    assert {what: passed[what] for what in FEWEST_POINTS if passed[what] < FEWEST_POINTS[what]} == {}


def sessions_at(centre: Path) -> dict[str, bool]:
    """The sessions that a centre has heard of, and whether it has signed for each."""
    with closing(sqlite3.connect(centre / "centre.db")) as database:
        return {row[0]: row[1] is not None for row in database.execute("SELECT id, receipt FROM sessions")}


def open_counter(folder: Path, clock: HandClock) -> OpenHall:
    return login(folder, CLERK, PASSWORD, code_now(clock), clock, SystemEntropy())


def do_and_deliver(counter: OpenHall, session: Session | None, clock: HandClock, life: ExitStack, url: str) -> None:
    if session is not None:
        walk(session, clock)
    dispatch = Dispatch(counter, url)
    life.callback(dispatch.close)
    dispatch.send_all()


def go_on(folder: Path, clock: HandClock, url: str) -> str:
    """Finish and deliver what was begun, or begin; returns the session's id."""
    with ExitStack() as life:
        counter = life.enter_context(closing(open_counter(folder, clock)))
        with counter.database.reading() as tables:
            known = [str(row["id"]) for row in tables.query("SELECT id FROM session")]
            unfinished = sessions.unfinished(tables)
        if unfinished:
            session = resume_session(counter, doubles.equipment(clock), *unfinished)
        elif not known:
            session = open_session(counter, doubles.equipment(clock))
        else:
            session = None
        if session is not None:
            life.callback(session.close)
            known = [session.session_id]
        do_and_deliver(counter, session, clock, life, url)
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
        # The list of revocations is public, and the next contact writes it over.
        halves = [path for path in folder.rglob("*.part") if path.stem != revocations_file.NAME]
        strays = [*inspection.foreign, *others, *halves]
        if strays:
            wrong.append(f"left behind: {strays}")
    return wrong


def plain_files(folder: Path) -> list[str]:
    """The files in which something of the customer can be read."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if any(word in path.read_bytes() for word in PLAIN)]
