"""kill -9 after each committed step: the session goes on exactly there, and ends in a package that holds."""

import subprocess
import sys
from pathlib import Path

import pytest
from hallclient.domain.scene import Step
from hallclient.services.verification import Verification

from hallclient.domain.certificates import load_roots
from hallclient.domain.inspection.package import inspect
from hallclient.domain.session import State
from hallclient.storage import sessions
from hallclient.storage.audit import first_broken_link
from tests import doubles
from tests.clock import HandClock
from tests.hallclient.services.sessions import walk
from tests.halls import make_hall, open_hall

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("step", Step)
def test_a_killed_session_goes_on_after_its_last_committed_step(step: Step, tmp_path: Path) -> None:
    clock = HandClock()
    centre = make_hall(tmp_path / "hall", clock)
    command = [sys.executable, "-m", "tests.chaos.walker", str(tmp_path / "hall"), step.value]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as walker:
        assert walker.stdout is not None
        session_id = walker.stdout.readline().strip()
        for line in walker.stdout:
            if line.strip() == step.value:
                break
        walker.kill()
    hall = open_hall(tmp_path / "hall", clock)
    if step is Step.FINISH:
        with hall.database.transaction() as tables:
            assert sessions.load(tables, session_id).state is State.SEALED
    else:
        resumed = Verification.resume(hall, doubles.equipment(clock), session_id)
        assert resumed.next_step is list(Step)[list(Step).index(step) + 1]
        walk(resumed, clock)
        resumed.close()
    inspection = inspect(hall.vault.package(session_id), load_roots(centre.roots_pem.encode()))
    assert inspection.failed == ()
    assert inspection.holds
    with hall.database.transaction() as tables:
        assert first_broken_link(tables) is None
    hall.close()
