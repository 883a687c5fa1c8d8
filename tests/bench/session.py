"""What a session costs without its devices: beside the commit before plans, and beside plain SQLite."""

import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from hallclient.domain.hall_time import hall_date
from hallclient.domain.step_kinds import require_doable
from hallclient.rule_texts import built_in_pack, text_in_force
from hallclient.services.access import OpenHall
from hallclient.services.session.engine import Session
from tests import doubles
from tests.bench.figure import Figure, Wanted
from tests.clock import NOON, HandClock
from tests.hallclient.services.sessions import open_session
from tests.halls import make_hall, open_hall

_BEFORE_PLANS = "c82fcd0"  # the last commit whose road was a constant
_TURNS, _ROUNDS = 3, 8  # of both trees in turn, so that a mood of the machine meets both
_MOVES = 300
_PLANS = 200
_TREE = Path(__file__).parents[2]


def figures() -> list[Figure | Wanted]:
    return [*_sessions(), _moves(), _plans()]


def _sessions() -> Iterator[Figure]:
    with _tree_before_plans() as before:
        if before is None:
            return
        now_s: list[float] = []
        before_s: list[float] = []
        for _ in range(_TURNS):
            before_s += _walked(before)
            now_s += _walked(_TREE)
    baseline = "on the commit before plans"
    yield Figure(
        "one session's services, processor time", statistics.median(now_s), baseline, statistics.median(before_s)
    )


@contextmanager
def _tree_before_plans() -> Iterator[Path | None]:
    """That commit's files; None where its history is not here, as in a shallow clone."""
    with TemporaryDirectory() as folder:
        tree = Path(folder) / "before"
        added = ("git", "worktree", "add", "--quiet", "--detach", str(tree), _BEFORE_PLANS)
        if subprocess.run(added, cwd=_TREE, capture_output=True, check=False).returncode:
            yield None
            return
        try:
            yield tree
        finally:
            subprocess.run(("git", "worktree", "remove", "--force", str(tree)), cwd=_TREE, check=True)


def _walked(tree: Path) -> list[float]:
    """Seconds of each session but the first, which imports what all others have."""
    walk = (_TREE / "tests" / "bench" / "session_walk.py").read_text("utf-8")
    command = (sys.executable, "-c", walk, str(_ROUNDS + 1))
    said = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=True).stdout
    return [float(line) for line in said.splitlines()][1:]


def _moves() -> Wanted:
    """Facts and audit event of a step in one durable commit, and rows as long in plain SQLite with WAL and FULL."""
    clock = HandClock()
    with TemporaryDirectory() as folder:
        make_hall(Path(folder) / "hall", clock)
        with closing(open_hall(Path(folder) / "hall", clock)) as hall:
            session = open_session(hall, doubles.equipment(clock))
            session.note("holder/card", "bench", {}, None)
            began = time.perf_counter()
            for _ in range(_MOVES):
                session.note("holder/card", "bench", {}, None)
            ours_s = time.perf_counter() - began
            rows = _rows_of(hall, session)
            session.close()
        with closing(sqlite3.connect(Path(folder) / "plain.db", isolation_level=None)) as plain:
            plain.execute("PRAGMA journal_mode = WAL")
            plain.execute("PRAGMA synchronous = FULL")
            for table in rows:
                plain.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, row TEXT)")
            began = time.perf_counter()
            for _ in range(_MOVES):
                plain.execute("BEGIN IMMEDIATE")
                for table, row in rows.items():
                    plain.execute(f"INSERT INTO {table} (row) VALUES (?)", [row])  # names of ours
                plain.execute("COMMIT")
            plain_s = time.perf_counter() - began
    return Wanted("durable moves beside plain SQLite's", plain_s / ours_s, "of its rate", 0.5, at_least=True)


def _rows_of(hall: OpenHall, session: Session) -> dict[str, str]:
    """What one move writes, as text."""
    with hall.database.reading() as tables:
        return {
            table: "|".join(str(value) for value in tables.execute(f"SELECT * FROM {table} {where}").fetchone())
            for table, where in (
                ("session", f"WHERE id = '{session.session_id}'"),
                ("session_step", f"WHERE session = '{session.session_id}'"),
                ("audit", "ORDER BY sequence DESC LIMIT 1"),
            )
        }


def _plans() -> Wanted:
    pack, day = built_in_pack(), hall_date(NOON)
    began = time.perf_counter()
    for _ in range(_PLANS):
        require_doable(pack.plan("new_number", lambda code: text_in_force(code, day)))
    return Wanted("making a plan", (time.perf_counter() - began) / _PLANS * 1000, "ms", 1.0)
