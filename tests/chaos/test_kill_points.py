"""kill -9 before each finished file and each commit of a whole session: everything holds afterwards."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clock import HandClock
from tests.halls import make_hall

ROOT = Path(__file__).parents[2]
# Fewer would mean that the test has lost its grip on the storage.
FEWEST_POINTS = {"seal": 35, "abandon": 7, "refuse": 5}
# `make chaos` dies at each.
EVERY = int(os.environ.get("HALLCLIENT_CHAOS_EVERY", "3"))


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """All walks in one process, so that its libraries are loaded once."""
    folder = tmp_path_factory.mktemp("points")
    make_hall(folder / "hall", HandClock())
    command = [sys.executable, "-m", "tests.chaos.kill_points", str(EVERY), str(folder / "hall"), str(folder)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks")
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("walk", FEWEST_POINTS)
def test_killed_at_any_file_or_commit_a_session_goes_on_and_its_end_holds(
    walk: str, done: subprocess.CompletedProcess[str]
) -> None:
    """A package that holds; or, of a session that was abandoned or refused, no file and no key."""
    lines = (line.split(maxsplit=3) for line in done.stdout.splitlines())
    points = [said for name, *said in lines if name == walk]
    assert [point for point in points if point[2] != "holds"] == [], done.stderr
    assert [point[1] for point in points] == ["killed"] * (len(points) - 1) + ["finished"], done.stderr
    assert len(points) > FEWEST_POINTS[walk] // EVERY
